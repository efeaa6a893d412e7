namespace Gtc.Model.Tests.Revisions;

public sealed class A_revision_is_retired
{
    [Fact]
    [Trait("fact", "environment-model:6.3")]
    public void A_draining_one_is_archived_through_inactive()
    {
        LifecycleTable.Allows(RevisionLifecycle.Draining, RevisionLifecycle.Archived).ShouldBeFalse();
        var draining = RevisionVerbs.Drain(Sample.WithReadyRevisions(), Sample.RevisionA).Value;
        draining.Revision.Lifecycle.ShouldBe(RevisionLifecycle.Draining);
        var archived = RevisionVerbs.Archive(draining.Document, Sample.RevisionA).Value;
        (archived.StartingLifecycle, archived.Revision.Lifecycle).ShouldBe((RevisionLifecycle.Draining, RevisionLifecycle.Archived));
        archived.Document.Bundles.Single().CurrentRevisions.ShouldBe([Sample.RevisionB]);
        RevisionVerbs.Archive(archived.Document, Sample.RevisionA).Value.Revision.Lifecycle.ShouldBe(RevisionLifecycle.Archived);
    }

    [Fact]
    [Trait("fact", "environment-model:6.4")]
    public void Only_a_ready_one_drains()
    {
        var staged = RevisionVerbs.Stage(Sample.WithDeployment(), Sample.StageCommand(Sample.RevisionA), Sample.Now).Value.Document;
        var refusal = RevisionVerbs.Drain(staged, Sample.RevisionA).Refusal.ShouldBeOfType<Refusal.Conflict>();
        refusal.Details.ShouldBe([new RefusalDetail("expected", "ready"), new RefusalDetail("found", "staged")]);
    }

    [Fact]
    [Trait("fact", "environment-model:6.5")]
    public void Warming_honours_the_lifecycle_that_the_caller_saw()
    {
        var staged = RevisionVerbs.Stage(Sample.WithDeployment(), Sample.StageCommand(Sample.RevisionA), Sample.Now).Value.Document;
        var failed = RevisionVerbs.Warm(staged, Sample.RevisionA, new HealthGate(["route-table"], "m"), Sample.Now).Value.Document;
        RevisionVerbs.Warm(failed, Sample.RevisionA, HealthGate.Passed, Sample.Now, RevisionLifecycle.Staged).Refusal.ShouldBeOfType<Refusal.Conflict>();
        var later = Sample.Now.AddHours(1);
        var ready = RevisionVerbs.Warm(Sample.WithReadyRevisions(), Sample.RevisionA, new HealthGate(["route-table"], "ignored"), later, RevisionLifecycle.Staged).Value;
        (ready.GateFailure, ready.Revision.Lifecycle, ready.Revision.WarmedAt).ShouldBe((null, RevisionLifecycle.Ready, later));
    }

    [Theory]
    [Trait("fact", "environment-model:6.7")]
    [InlineData(10_000u)]
    [InlineData(0u)]
    public void One_that_a_split_names_is_not_archived(uint weight)
    {
        var routed = TrafficVerbs.Set(Sample.WithReadyRevisions(), Sample.Traffic("k", (Sample.RevisionA, weight), (Sample.RevisionB, 10_000 - weight)), Sample.Now).Value.Document;
        var refusal = RevisionVerbs.Archive(routed, Sample.RevisionA).Refusal.ShouldBeOfType<Refusal.Conflict>();
        refusal.Details.Single().Value.ShouldContain($"{weight} of 10000");
    }

    [Fact]
    public void A_failed_one_is_tried_again()
    {
        var staged = RevisionVerbs.Stage(Sample.WithDeployment(), Sample.StageCommand(Sample.RevisionA), Sample.Now).Value.Document;
        var failed = RevisionVerbs.Warm(staged, Sample.RevisionA, new HealthGate(["route-table"], "m"), Sample.Now).Value.Document;
        var again = RevisionVerbs.Retry(failed, Sample.RevisionA).Value.Document;
        RevisionVerbs.Warm(again, Sample.RevisionA, HealthGate.Passed, Sample.Now).Value.Revision.Lifecycle.ShouldBe(RevisionLifecycle.Ready);
        RevisionVerbs.Retry(Sample.WithReadyRevisions(), Sample.RevisionA).Refusal.ShouldBeOfType<Refusal.Conflict>();
    }

    [Fact]
    public void A_drain_completes_to_inactive_only_from_draining()
    {
        var draining = RevisionVerbs.Drain(Sample.WithReadyRevisions(), Sample.RevisionA).Value.Document;
        RevisionVerbs.CompleteDrain(draining, Sample.RevisionA).Value.Revision.Lifecycle.ShouldBe(RevisionLifecycle.Inactive);
        RevisionVerbs.CompleteDrain(draining, Sample.RevisionB).Refusal.ShouldBeOfType<Refusal.Conflict>();
        RevisionVerbs.CompleteDrain(draining, new RevisionId(Sample.Id(77))).Refusal.ShouldBeOfType<Refusal.Missing>();
    }

    [Fact]
    public void Pruning_keeps_the_newest_archived_ones_and_the_count()
    {
        var document = Sample.WithDeployment();
        var ids = Enumerable.Range(0, 5).Select(n => new RevisionId(Sample.Id((byte)(100 + n)))).ToArray();
        foreach (var id in ids)
        {
            document = RevisionVerbs.Stage(document, Sample.StageCommand(id), Sample.Now).Value.Document;
            document = RevisionVerbs.Archive(document, id).Value.Document;
        }

        RevisionRetention.Prune(document, null).Value.Removed.ShouldBeEmpty();
        RevisionRetention.Prune(document, 2).Value.Removed.Select(r => r.RevisionId).ShouldBe(ids[..3], ignoreOrder: true);
        var own = RevisionRetention.Prune(document with { Retention = new RetentionPolicy { KeepRevisions = 0 } }, null).Value;
        own.Document.Revisions.Single().RevisionId.ShouldBe(ids[4]);
        RevisionVerbs.Stage(own.Document, Sample.StageCommand(Sample.RevisionA), Sample.Now).Value.Staged.Sequence.ShouldBe(6ul);
    }

    [Fact]
    public void One_whose_record_stays_for_its_number_is_spent()
    {
        var staged = RevisionVerbs.Stage(Sample.WithDeployment(), Sample.StageCommand(Sample.RevisionA), Sample.Now).Value.Document;
        RevisionRetention.Prune(staged, 0).Value.Spent.ShouldBeEmpty("it is not archived");
        var archived = RevisionVerbs.Archive(staged, Sample.RevisionA).Value.Document;
        var pruned = RevisionRetention.Prune(archived, 0).Value;
        pruned.Removed.ShouldBeEmpty();
        pruned.Spent.Single().RevisionId.ShouldBe(Sample.RevisionA);
        RevisionRetention.Prune(archived, 1).Value.Spent.ShouldBeEmpty();
    }

    [Fact]
    public void By_force_the_dial_is_cleared_and_a_ready_one_drained_on_the_way()
    {
        var routed = TrafficVerbs.Set(Sample.WithReadyRevisions(), Sample.Traffic("k", (Sample.RevisionA, 10_000)), Sample.Now).Value.Document;
        var forced = ForcedArchive.Of(routed, new ForceArchive(Sample.RevisionA, "op", "f"), Sample.Now).Value;
        (forced.Walked.StartingLifecycle, forced.Walked.Revision.Lifecycle).ShouldBe((RevisionLifecycle.Ready, RevisionLifecycle.Archived));
        (forced.Dial!.PreviousGeneration, forced.Dial.NewGeneration).ShouldBe((0ul, 1ul));
        forced.Walked.Document.TrafficSplits.ShouldBeEmpty();
        forced.Walked.Document.Bundles.Single().ClearedTraffic!.IdempotencyKey.ShouldBe("f");
        ForcedArchive.Of(forced.Walked.Document, new ForceArchive(Sample.RevisionA, "op", "f"), Sample.Now).Value.Dial.ShouldBeNull();
        ForcedArchive.Of(routed, new ForceArchive(new RevisionId(Sample.Id(77)), "op", "f"), Sample.Now).Refusal.ShouldBeOfType<Refusal.Missing>();
    }

    [Fact]
    public void By_force_others_that_carry_traffic_are_not_cut_off()
    {
        var shared = TrafficVerbs.Set(Sample.WithReadyRevisions(), Sample.Traffic("k", (Sample.RevisionA, 3_000), (Sample.RevisionB, 7_000)), Sample.Now).Value.Document;
        var refusal = ForcedArchive.Of(shared, new ForceArchive(Sample.RevisionA, "op", "f"), Sample.Now).Refusal.ShouldBeOfType<Refusal.Conflict>();
        refusal.Next!.ShouldEndWith($"{Sample.RevisionB}=10000bps");
        var idle = TrafficVerbs.Set(Sample.WithReadyRevisions(), Sample.Traffic("k", (Sample.RevisionA, 10_000), (Sample.RevisionB, 0)), Sample.Now).Value.Document;
        ForcedArchive.Of(idle, new ForceArchive(Sample.RevisionA, "op", "f"), Sample.Now).IsOk.ShouldBeTrue();
        ForcedArchive.Of(idle, new ForceArchive(Sample.RevisionB, "op", "f"), Sample.Now).Refusal.ShouldBeOfType<Refusal.Conflict>();
    }

    [Fact]
    public void Abort_metrics_are_stored() =>
        RevisionVerbs.Stage(Sample.WithDeployment(), Sample.StageCommand(Sample.RevisionA) with { AbortMetrics = ["errors"] }, Sample.Now).Value.Staged.AbortMetrics.ShouldBe(["errors"]);
}

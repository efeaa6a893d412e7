using System.Collections.Immutable;

namespace Gtc.Model.Tests.Traffic;

public sealed class The_dial_is_turned_back
{
    [Fact]
    [Trait("fact", "environment-model:6.8")]
    public void One_step_and_only_once()
    {
        var first = TrafficVerbs.Set(Sample.WithReadyRevisions(), Sample.Traffic("k1", (Sample.RevisionA, 10_000)), Sample.Now).Value;
        first.Split.Generation.ShouldBe(0ul);
        var replay = TrafficVerbs.Set(first.Document, Sample.Traffic("k1", (Sample.RevisionA, 10_000)), Sample.Now).Value;
        (replay.PreviousGeneration, replay.NewGeneration).ShouldBe((null, null));
        TrafficVerbs.Set(first.Document, Sample.Traffic("k1", (Sample.RevisionB, 10_000)), Sample.Now).Refusal.ShouldBeOfType<Refusal.Conflict>();
        var second = TrafficVerbs.Set(first.Document, Sample.Traffic("k2", (Sample.RevisionB, 10_000)), Sample.Now).Value;
        (second.PreviousGeneration, second.NewGeneration).ShouldBe((0ul, 1ul));
        var later = Sample.Now.AddHours(1);
        var back = TrafficUndo.Rollback(second.Document, Sample.Deployment, later).Value;
        (back.PreviousGeneration, back.NewGeneration).ShouldBe((1ul, 2ul));
        var split = back.Split.ShouldNotBeNull();
        split.Entries.Single().RevisionId.ShouldBe(Sample.RevisionA);
        (split.Generation, split.IdempotencyKey, split.PreviousSplitRef, split.UpdatedAt).ShouldBe((2ul, "rollback-k2", null, later));
        back.Document.TrafficSplits.Single().ShouldBe(split);
        TrafficUndo.Rollback(back.Document, Sample.Deployment, later).Refusal.ShouldBeOfType<Refusal.Conflict>();
    }

    [Fact]
    public void Nothing_is_restored_that_is_not_ready()
    {
        var document = Routed("k1", Sample.RevisionA);
        document = TrafficVerbs.Set(document, Sample.Traffic("k2", (Sample.RevisionB, 10_000)), Sample.Now).Value.Document;
        document = RevisionVerbs.Drain(document, Sample.RevisionA).Value.Document;
        TrafficUndo.Rollback(document, Sample.Deployment, Sample.Now).Refusal.ShouldBeOfType<Refusal.Conflict>();
    }

    [Fact]
    public void A_deployment_without_a_split_has_nothing_to_clear_or_restore()
    {
        var document = Sample.WithReadyRevisions();
        TrafficUndo.Rollback(document, Sample.Deployment, Sample.Now).Refusal.ShouldBeOfType<Refusal.Missing>();
        TrafficUndo.Clear(document, Clear("c"), Sample.Now).Refusal.ShouldBeOfType<Refusal.Missing>();
        TrafficUndo.Rollback(document, new DeploymentId(Sample.Id(99)), Sample.Now).Refusal.ShouldBeOfType<Refusal.Missing>();
    }

    [Fact]
    public void Clearing_is_a_generation_of_its_own_and_undone_by_a_rollback()
    {
        var routed = Routed("k1", Sample.RevisionA);
        var cleared = TrafficUndo.Clear(routed, Clear("c1"), Sample.Now).Value;
        (cleared.Split, cleared.PreviousGeneration, cleared.NewGeneration).ShouldBe((null, 0ul, 1ul));
        RuntimeProjection.Project(cleared.Document).Revisions.ShouldBeEmpty();
        var read = Documents.Environment.Parse(Documents.Environment.ToFile(cleared.Document)).Value;
        var back = TrafficUndo.Rollback(read, Sample.Deployment, Sample.Now).Value;
        (back.Split?.Generation, back.Split?.IdempotencyKey).ShouldBe((2ul, "rollback-c1"));
        back.Split!.Entries.Single().RevisionId.ShouldBe(Sample.RevisionA);
        back.Document.Bundles.Single().ClearedTraffic.ShouldBeNull();
    }

    [Fact]
    public void Clearing_twice_changes_nothing()
    {
        var cleared = TrafficUndo.Clear(Routed("k1", Sample.RevisionA), Clear("c1"), Sample.Now).Value.Document;
        var again = TrafficUndo.Clear(cleared, Clear("c1"), Sample.Now.AddDays(1)).Value;
        again.Document.ShouldBeSameAs(cleared);
        again.NewGeneration.ShouldBeNull();
    }

    [Fact]
    public void A_split_after_a_clear_counts_on_and_rolls_back_to_no_routing()
    {
        var cleared = TrafficUndo.Clear(Routed("k1", Sample.RevisionA), Clear("c1"), Sample.Now).Value.Document;
        var set = TrafficVerbs.Set(cleared, Sample.Traffic("k2", (Sample.RevisionB, 10_000)), Sample.Now).Value;
        (set.PreviousGeneration, set.NewGeneration).ShouldBe((1ul, 2ul));
        var back = TrafficUndo.Rollback(set.Document, Sample.Deployment, Sample.Now).Value;
        (back.Split, back.NewGeneration).ShouldBe((null, 3ul));
        back.Document.TrafficSplits.ShouldBeEmpty();
        TrafficUndo.Rollback(back.Document, Sample.Deployment, Sample.Now).Refusal.ShouldBeOfType<Refusal.Conflict>();
    }

    [Theory]
    [InlineData("outline://x")]
    [InlineData("inline://***")]
    [InlineData("inline://e30")]
    [InlineData("inline://bnVsbA")]
    public void A_stash_that_cannot_be_read_is_a_conflict(string token)
    {
        var routed = Routed("k1", Sample.RevisionA);
        var damaged = routed with { TrafficSplits = [routed.TrafficSplits[0] with { PreviousSplitRef = token }] };
        TrafficUndo.Rollback(damaged, Sample.Deployment, Sample.Now).Refusal.ShouldBeOfType<Refusal.Conflict>();
    }

    [Fact]
    public void A_generation_at_its_end_is_refused()
    {
        var routed = Routed("k1", Sample.RevisionA);
        var full = routed with { TrafficSplits = [routed.TrafficSplits[0] with { Generation = ulong.MaxValue }] };
        TrafficVerbs.Set(full, Sample.Traffic("k2", (Sample.RevisionB, 10_000)), Sample.Now).Refusal.ShouldBeOfType<Refusal.Conflict>();
        TrafficUndo.Clear(full, Clear("c"), Sample.Now).Refusal.ShouldBeOfType<Refusal.Conflict>();
    }

    [Fact]
    [Trait("fact", "op-cli:23.33")]
    public void A_repair_scales_the_survivors_and_archives_the_rest()
    {
        var c = new RevisionId(Sample.Id(12));
        var document = RevisionVerbs.Stage(Sample.WithReadyRevisions(), Sample.StageCommand(c), Sample.Now).Value.Document;
        document = RevisionVerbs.Warm(document, c, HealthGate.Passed, Sample.Now).Value.Document;
        document = TrafficVerbs.Set(document, Sample.Traffic("k", (Sample.RevisionA, 5000), (Sample.RevisionB, 3000), (c, 2000)), Sample.Now).Value.Document;
        var repaired = StaleRevisions.Drop(document, [Sample.RevisionA], "repair", Sample.Now).Value;
        var split = repaired.TrafficSplits.Single();
        split.Entries.Select(e => (e.RevisionId, e.WeightBps)).ShouldBe([(Sample.RevisionB, 6000u), (c, 4000u)]);
        split.Generation.ShouldBe(1ul);
        repaired.Revisions[0].Lifecycle.ShouldBe(RevisionLifecycle.Archived);
    }

    [Fact]
    public void A_repair_drops_a_split_that_is_left_empty_and_keeps_counting()
    {
        var repaired = StaleRevisions.Drop(Routed("k", Sample.RevisionA), [Sample.RevisionA], "repair", Sample.Now).Value;
        repaired.TrafficSplits.ShouldBeEmpty();
        TrafficVerbs.Set(repaired, Sample.Traffic("k2", (Sample.RevisionB, 10_000)), Sample.Now).Value.NewGeneration.ShouldBe(2ul);
    }

    private static ClearTraffic Clear(string key) => new(Sample.Deployment, "operator", key);

    private static EnvironmentDocument Routed(string key, RevisionId revision) =>
        TrafficVerbs.Set(Sample.WithReadyRevisions(), Sample.Traffic(key, (revision, 10_000)), Sample.Now).Value.Document;
}

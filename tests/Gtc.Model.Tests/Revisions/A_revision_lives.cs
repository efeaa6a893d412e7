namespace Gtc.Model.Tests.Revisions;

public sealed class A_revision_lives
{
    [Fact]
    public void Staging_counts_from_one_and_lists_the_revision_with_its_deployment()
    {
        var document = Sample.WithReadyRevisions();
        document.Revisions.Select(r => r.Sequence).ShouldBe([1ul, 2ul]);
        document.Bundles[0].CurrentRevisions.ShouldBe([Sample.RevisionA, Sample.RevisionB]);
    }

    [Fact]
    public void Staging_refuses_a_duplicate_a_stranger_and_a_pullable_revision_without_a_digest()
    {
        var document = Sample.WithReadyRevisions();
        RevisionVerbs.Stage(document, Sample.StageCommand(Sample.RevisionA), Sample.Now).Refusal.ShouldBeOfType<Refusal.Conflict>();
        var fresh = Sample.StageCommand(new RevisionId(Sample.Id(50)));
        RevisionVerbs.Stage(document, fresh with { DeploymentId = new DeploymentId(Sample.Id(51)) }, Sample.Now).Refusal.ShouldBeOfType<Refusal.Missing>();
        RevisionVerbs.Stage(document, fresh with { BundleDigest = Revision.PlaceholderDigest }, Sample.Now).Refusal.ShouldBeOfType<Refusal.InvalidArgument>();
        RevisionVerbs.Stage(document, fresh with { BundleDigest = Revision.PlaceholderDigest, BundleSourceUri = null }, Sample.Now).IsOk.ShouldBeTrue();
    }

    [Fact]
    [Trait("fact", "environment-model:6.6")]
    public void A_failed_gate_is_saved_as_failed_and_refused()
    {
        var staged = RevisionVerbs.Stage(Sample.WithDeployment(), Sample.StageCommand(Sample.RevisionA), Sample.Now).Value.Document;
        var warmed = RevisionVerbs.Warm(staged, Sample.RevisionA, new HealthGate(["route-table"], "m"), Sample.Now).Value;
        warmed.GateFailure.ShouldBeOfType<Refusal.Conflict>().Message.ShouldContain("route-table");
        warmed.Document.Revisions[0].Lifecycle.ShouldBe(RevisionLifecycle.Failed);
        warmed.Document.Revisions[0].WarmedAt.ShouldBeNull();
        RevisionVerbs.Warm(warmed.Document, Sample.RevisionA, HealthGate.Passed, Sample.Now).Refusal.ShouldBeOfType<Refusal.Conflict>();
    }

    [Fact]
    public void Warming_a_ready_one_only_renews_its_time()
    {
        var later = Sample.Now.AddHours(1);
        var again = RevisionVerbs.Warm(Sample.WithReadyRevisions(), Sample.RevisionA, new HealthGate(["route-table"], "ignored"), later).Value;
        again.GateFailure.ShouldBeNull();
        again.Revision.WarmedAt.ShouldBe(later);
        again.StartingLifecycle.ShouldBe(RevisionLifecycle.Ready);
    }

    [Fact]
    public void The_life_has_exactly_the_edges_of_the_specification()
    {
        var edges = from f in Enum.GetValues<RevisionLifecycle>() from t in Enum.GetValues<RevisionLifecycle>() where LifecycleTable.Allows(f, t) select $"{f}>{t}";
        edges.ShouldBe(
            [
                "Inactive>Staged", "Inactive>Failed", "Inactive>Archived", "Staged>Warming", "Staged>Failed", "Staged>Archived",
                "Warming>Ready", "Warming>Failed", "Warming>Archived", "Ready>Draining", "Ready>Failed", "Ready>Archived",
                "Draining>Inactive", "Failed>Staged", "Failed>Archived",
            ], ignoreOrder: true);
    }

    [Fact]
    public void A_deployment_is_unique_by_bundle_and_customer()
    {
        var document = Sample.WithDeployment();
        var twin = Sample.AddCommand() with { DeploymentId = new DeploymentId(Sample.Id(7)) };
        DeploymentVerbs.Add(document, twin, Sample.Now).Refusal.ShouldBeOfType<Refusal.Conflict>();
        DeploymentVerbs.Add(document, twin with { CustomerId = "acme" }, Sample.Now).IsOk.ShouldBeTrue();
    }

    [Theory]
    [InlineData("../x")]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("a b")]
    public void A_bundle_id_that_could_leave_its_folder_is_refused(string id) =>
        DeploymentVerbs.Add(Sample.Empty(), Sample.AddCommand() with { BundleId = id }, Sample.Now).Refusal.ShouldBeOfType<Refusal.InvalidArgument>();
}

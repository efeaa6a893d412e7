using System.Collections.Immutable;
using System.Text.Json;

namespace Gtc.Model.Tests.Deployments;

public sealed class A_deployment_changes
{
    [Fact]
    public void Only_what_is_given_changes()
    {
        var document = DeploymentVerbs.Update(Sample.WithDeployment(), new UpdateDeployment { DeploymentId = Sample.Deployment, ConfigOverrides = Overrides("app", 1) }).Value.Document;
        var paused = DeploymentVerbs.Update(document, new UpdateDeployment { DeploymentId = Sample.Deployment, Status = DeploymentStatus.Paused }).Value;
        (paused.Deployment.Status, paused.NeedsPolicy, paused.Deployment.ConfigOverrides?.Count).ShouldBe((DeploymentStatus.Paused, false, 1));
        var cleared = DeploymentVerbs.Update(paused.Document, new UpdateDeployment { DeploymentId = Sample.Deployment, ConfigOverrides = Overrides("app", 0).Clear() }).Value;
        cleared.Deployment.ConfigOverrides.ShouldBeNull();
        DeploymentVerbs.Update(document, new UpdateDeployment { DeploymentId = Sample.Deployment, RevenueShare = document.Bundles[0].RevenueShare }).Value.NeedsPolicy.ShouldBeTrue();
        DeploymentVerbs.Update(document, new UpdateDeployment { DeploymentId = new DeploymentId(Sample.Id(99)) }).Refusal.ShouldBeOfType<Refusal.Missing>();
    }

    [Fact]
    [Trait("fact", "op-cli:23.32")]
    public void Overrides_keep_their_bounds_wherever_they_come_in()
    {
        var tooManyPacks = Enumerable.Range(0, 33).Aggregate(Overrides("p", 1).Clear(), (all, n) => all.Add($"p{n}", Overrides("x", 1)["x"]));
        var tooLarge = Overrides("p", 0).SetItem("p", ImmutableSortedDictionary<string, JsonElement>.Empty.Add("k", JsonDocument.Parse($"\"{new string('x', 16_384)}\"").RootElement));
        foreach (var (overrides, code) in new[] { (tooManyPacks, "ConfigOverridesTooManyPacks"), (Overrides("p", 65), "ConfigOverridesTooManyKeysForPack"), (tooLarge, "ConfigOverridesTooLarge") })
        {
            Sample.Code(DeploymentVerbs.Update(Sample.WithDeployment(), new UpdateDeployment { DeploymentId = Sample.Deployment, ConfigOverrides = overrides }).Refusal).ShouldBe(code);
            Sample.Code(DeploymentVerbs.Add(Sample.Empty(), Sample.AddCommand() with { ConfigOverrides = overrides }, Sample.Now).Refusal).ShouldBe(code);
        }

        DeploymentVerbs.Update(Sample.WithDeployment(), new UpdateDeployment { DeploymentId = Sample.Deployment, ConfigOverrides = Overrides("p", 64) }).IsOk.ShouldBeTrue();
    }

    [Fact]
    public void Overrides_name_packs_that_a_revision_has() =>
        Sample.Code(DeploymentVerbs.Update(Sample.WithReadyRevisions(), new UpdateDeployment { DeploymentId = Sample.Deployment, ConfigOverrides = Overrides("stranger", 1) }).Refusal)
            .ShouldBe("ConfigOverridePackNotInRevisions");

    [Fact]
    [Trait("fact", "environment-model:6.24")]
    public void A_removal_takes_the_archived_revisions_along()
    {
        var staged = RevisionVerbs.Stage(Sample.WithDeployment(), Sample.StageCommand(Sample.RevisionA), Sample.Now).Value.Document;
        DeploymentVerbs.Remove(staged, Sample.Deployment, force: false).Refusal.ShouldBeOfType<Refusal.Conflict>();
        var archived = RevisionVerbs.Archive(staged, Sample.RevisionA).Value.Document;
        var removed = DeploymentVerbs.Remove(archived, Sample.Deployment, force: false).Value;
        removed.Pruned.Select(r => r.RevisionId).ShouldBe([Sample.RevisionA]);
        removed.Document.Bundles.ShouldBeEmpty();
        removed.Document.Revisions.ShouldBeEmpty();
    }

    [Fact]
    public void A_routed_one_is_removed_by_force_only()
    {
        var routed = TrafficVerbs.Set(Sample.WithReadyRevisions(), Sample.Traffic("k", (Sample.RevisionA, 10_000)), Sample.Now).Value.Document;
        var refusal = DeploymentVerbs.Remove(routed, Sample.Deployment, force: false).Refusal.ShouldBeOfType<Refusal.Conflict>();
        refusal.Next.ShouldNotBeNull().ShouldContain("traffic clear");
        var removed = DeploymentVerbs.Remove(routed, Sample.Deployment, force: true).Value;
        (removed.Pruned.Length, removed.Document.TrafficSplits.Length).ShouldBe((2, 0));
    }

    private static ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, JsonElement>> Overrides(string pack, int keys) =>
        ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, JsonElement>>.Empty.Add(
            pack,
            Enumerable.Range(0, keys).ToImmutableSortedDictionary(n => $"k{n}", _ => JsonDocument.Parse("true").RootElement));
}

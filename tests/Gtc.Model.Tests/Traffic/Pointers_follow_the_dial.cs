using FsCheck;
using FsCheck.Fluent;
using Gtc.Model.Tests.Histories;

namespace Gtc.Model.Tests.Traffic;

public sealed class Pointers_follow_the_dial
{
    private static readonly RevisionId A = Sample.RevisionA;
    private static readonly RevisionId B = Sample.RevisionB;

    [Fact]
    public void Through_a_release_and_back()
    {
        var document = Sample.WithReadyRevisions();
        Of(document).ShouldBe(new RevisionPointers(null, null, B), "nothing is routed: the newest ready one comes");
        document = Set(document, "1", (A, 10_000));
        Of(document).ShouldBe(new RevisionPointers(A, null, B));
        document = Set(document, "2", (A, 9000), (B, 1000));
        Of(document).ShouldBe(new RevisionPointers(A, A, B));
        document = Set(document, "3", (A, 5000), (B, 5000));
        Of(document).ShouldBe(new RevisionPointers(A, A, B), "of equal ones the one that was stable");
        document = Set(document, "4", (A, 1000), (B, 9000));
        Of(document).ShouldBe(new RevisionPointers(B, A, null));
        document = Set(document, "5", (B, 10_000));
        Of(document).ShouldBe(new RevisionPointers(B, B, null), "a rollback would still leave most callers on B");
        document = Set(document, "6", (A, 3000), (B, 7000));
        Of(document).Next.ShouldBe(A, "an older one that rises comes all the same");
        document = TrafficUndo.Rollback(document, Sample.Deployment, Sample.Now).Value.Document;
        Of(document).ShouldBe(new RevisionPointers(B, null, null));
        document = TrafficUndo.Clear(document, new ClearTraffic(Sample.Deployment, "op", "7"), Sample.Now).Value.Document;
        Of(document).ShouldBe(new RevisionPointers(null, B, B), "a rollback brings B back, and B is the newest that waits");
    }

    [Fact]
    public void What_is_previewed_comes_before_what_only_waits()
    {
        var document = Sample.WithReadyRevisions();
        var c = new RevisionId(Sample.Id(12));
        document = RevisionVerbs.Stage(document, Sample.StageCommand(c), Sample.Now).Value.Document;
        document = Set(RevisionVerbs.Warm(document, c, HealthGate.Passed, Sample.Now).Value.Document, "1", (A, 10_000));
        Of(document).Next.ShouldBe(c);
        document = PreviewVerbs.Add(document, new AddPreview { DeploymentId = Sample.Deployment, RevisionId = B, TokenHash = new string('0', 64) }, Sample.Now).Value.Document;
        Of(document).Next.ShouldBe(B);
        Of(document).NamesOf(A).ShouldBe(["stable"]);
        (Of(document).Named("next"), Of(document).Named("NEXT"), RevisionPointers.IsName("next"), RevisionPointers.IsName("01J9")).ShouldBe((B, null, true, false));
    }

    [Fact]
    public void An_unknown_deployment_has_none() =>
        RevisionPointers.Of(Sample.WithReadyRevisions(), new DeploymentId(Sample.Id(99))).ShouldBe(RevisionPointers.None);

    [Fact]
    public void Whatever_happened_they_agree_with_the_split_and_with_a_rollback() => Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
    {
        var history = new RandomHistory(seed);
        var document = EnvironmentVerbs.CreateLocal();
        for (var step = 0; step < 60; step++)
        {
            document = history.Next(document).After;
            foreach (var deployment in document.Bundles)
            {
                Agree(document, deployment.DeploymentId);
            }
        }
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(60));

    private static void Agree(EnvironmentDocument document, DeploymentId id)
    {
        var pointers = RevisionPointers.Of(document, id);
        var split = document.TrafficSplits.FirstOrDefault(split => split.DeploymentId == id);
        foreach (var pointed in new[] { pointers.Stable, pointers.Previous, pointers.Next }.OfType<RevisionId>())
        {
            document.Revisions.ShouldContain(revision => revision.RevisionId == pointed && revision.DeploymentId == id);
        }

        (pointers.Stable is null).ShouldBe(split is null);
        if (split is not null)
        {
            split.Entries.Single(entry => entry.RevisionId == pointers.Stable).WeightBps.ShouldBe(split.Entries.Max(entry => entry.WeightBps));
            pointers.Next.ShouldNotBe(pointers.Stable);
            var turned = document with { TrafficSplits = document.TrafficSplits.Replace(split, split with { Entries = [.. split.Entries.Reverse()] }) };
            if (split.Entries.Count(entry => entry.WeightBps == split.Entries.Max(most => most.WeightBps)) == 1)
            {
                RevisionPointers.Of(turned, id).ShouldBe(pointers, "the order of entries decides only between equals");
            }
        }

        if (TrafficUndo.Rollback(document, id, Sample.Now).TryGet(out var back, out _))
        {
            RevisionPointers.Of(back.Document, id).Stable.ShouldBe(back.Split is null ? null : pointers.Previous);
        }
    }

    private static RevisionPointers Of(EnvironmentDocument document) => RevisionPointers.Of(document, Sample.Deployment);

    private static EnvironmentDocument Set(EnvironmentDocument document, string key, params (RevisionId Revision, uint Weight)[] shares) =>
        TrafficVerbs.Set(document, Sample.Traffic(key, shares), Sample.Now).Value.Document;
}

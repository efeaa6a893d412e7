using FsCheck;
using FsCheck.Fluent;

namespace Gtc.Model.Tests.Traffic;

public sealed class The_dial_is_set
{
    [Theory]
    [Trait("fact", "environment-model:6.1")]
    [InlineData(5000u, 4999u, "BasisPointsSum")]
    [InlineData(5000u, 5001u, "BasisPointsSum")]
    [InlineData(10000u, 0u, null)]
    [InlineData(10001u, 0u, "BasisPointsEntryTooLarge")]
    [InlineData(4294967295u, 10001u, "BasisPointsEntryTooLarge")]
    public void Weights_sum_to_the_whole(uint a, uint b, string? code)
    {
        var outcome = TrafficVerbs.Set(Sample.WithReadyRevisions(), Sample.Traffic("k", (Sample.RevisionA, a), (Sample.RevisionB, b)), Sample.Now);
        Sample.Code(outcome.Refusal).ShouldBe(code);
    }

    [Fact]
    [Trait("fact", "environment-model:6.2")]
    public void An_empty_revenue_share_sums_to_nothing() =>
        Sample.Code(DeploymentRules.ValidateShares([])).ShouldBe("BasisPointsSum");

    [Fact]
    public void A_replay_changes_nothing_and_a_reused_key_is_a_conflict()
    {
        var first = TrafficVerbs.Set(Sample.WithReadyRevisions(), Sample.Traffic("k1", (Sample.RevisionA, 10_000)), Sample.Now).Value;
        (first.PreviousGeneration, first.NewGeneration).ShouldBe((null, 0ul));
        var replay = TrafficVerbs.Set(first.Document, Sample.Traffic("k1", (Sample.RevisionA, 10_000)), Sample.Now.AddDays(1)).Value;
        (replay.PreviousGeneration, replay.NewGeneration).ShouldBe((null, null));
        replay.Document.ShouldBeSameAs(first.Document);
        TrafficVerbs.Set(first.Document, Sample.Traffic("k1", (Sample.RevisionB, 10_000)), Sample.Now).Refusal.ShouldBeOfType<Refusal.Conflict>();
        var second = TrafficVerbs.Set(first.Document, Sample.Traffic("k2", (Sample.RevisionB, 10_000)), Sample.Now).Value;
        (second.PreviousGeneration, second.NewGeneration).ShouldBe((0ul, 1ul));
        second.Split.PreviousSplitRef.ShouldNotBeNull().ShouldStartWith("inline://");
    }

    [Fact]
    [Trait("fact", "environment-model:6.9")]
    public void A_replay_still_answers_after_a_routed_revision_drained()
    {
        var routed = TrafficVerbs.Set(Sample.WithReadyRevisions(), Sample.Traffic("k1", (Sample.RevisionA, 10_000)), Sample.Now).Value.Document;
        var drained = routed with { Revisions = [routed.Revisions[0] with { Lifecycle = RevisionLifecycle.Draining }, routed.Revisions[1]] };
        TrafficVerbs.Set(drained, Sample.Traffic("k1", (Sample.RevisionA, 10_000)), Sample.Now).IsOk.ShouldBeTrue();
        TrafficVerbs.Set(drained, Sample.Traffic("k9", (Sample.RevisionA, 10_000)), Sample.Now).Refusal.ShouldBeOfType<Refusal.Conflict>();
    }

    [Fact]
    [Trait("fact", "environment-model:6.10")]
    public void Shares_are_compared_in_any_order()
    {
        var routed = TrafficVerbs.Set(Sample.WithReadyRevisions(), Sample.Traffic("k", (Sample.RevisionA, 6000), (Sample.RevisionB, 4000)), Sample.Now).Value;
        TrafficVerbs.Set(routed.Document, Sample.Traffic("k", (Sample.RevisionB, 4000), (Sample.RevisionA, 6000)), Sample.Now).Value.NewGeneration.ShouldBeNull();
    }

    [Fact]
    [Trait("fact", "environment-model:6.19")]
    public void A_stash_is_base64url_without_padding() =>
        InlineStash.Of("{\"a\":1}"u8).ShouldBe("inline://eyJhIjoxfQ");

    [Fact]
    public void A_stash_does_not_nest()
    {
        var document = Sample.WithReadyRevisions();
        var lengths = new List<int>();
        for (var turn = 0; turn < 6; turn++)
        {
            var change = TrafficVerbs.Set(document, Sample.Traffic($"k{turn}", (turn % 2 == 0 ? Sample.RevisionA : Sample.RevisionB, 10_000)), Sample.Now).Value;
            document = change.Document;
            lengths.Add(change.Split.PreviousSplitRef?.Length ?? 0);
        }

        lengths[5].ShouldBe(lengths[2]);
    }

    [Fact]
    [Trait("fact", "environment-model:6.20")]
    public void Without_a_split_nothing_is_projected() =>
        RuntimeProjection.Project(Sample.WithReadyRevisions()).Revisions.ShouldBeEmpty();

    [Fact]
    public void Whatever_is_accepted_projects_to_a_config_that_a_worker_accepts() => Prop.ForAll(
        Gen.Choose(0, 10_000).ToArbitrary(),
        weight =>
        {
            var command = Sample.Traffic("k", (Sample.RevisionA, (uint)weight), (Sample.RevisionB, (uint)(10_000 - weight)));
            var change = TrafficVerbs.Set(Sample.WithReadyRevisions(), command, Sample.Now).Value;
            var config = RuntimeProjection.Project(change.Document);
            return EnvironmentRules.Validate(change.Document) is null
                && RuntimeConfigRules.Validate(config, EnvId.Local) is null
                && config.Revisions.Sum(r => r.WeightBps) == TrafficSplit.Whole
                && config.Revisions[0].PackListRefs.Single() == $"revisions/{Sample.RevisionA}/pack-list.lock";
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("revisions/x/pack-list.lock", true)]
    [InlineData("", false)]
    [InlineData("/etc/passwd", false)]
    [InlineData("../escape.lock", false)]
    [InlineData("a/../b", false)]
    [InlineData("a//b", false)]
    [InlineData("a/.", false)]
    [InlineData("a\\b", false)]
    public void A_reference_stays_in_its_folder(string reference, bool isContained) =>
        RuntimeConfigRules.IsContained(reference).ShouldBe(isContained);
}

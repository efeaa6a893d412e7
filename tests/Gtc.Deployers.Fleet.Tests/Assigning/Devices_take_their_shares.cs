using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using Gtc.Model;

namespace Gtc.Deployers.Fleet.Tests.Assigning;

public sealed class Devices_take_their_shares
{
    [Fact]
    public void Shares_hold_within_one_device_and_every_device_has_one_revision_whatever_happened_before()
    {
        Prop.ForAll(Histories(4), history =>
        {
            var fleet = Fleet.Of(history[0].Devices);
            TrafficSplit? split = null;
            var random = new Random(history.Length);
            foreach (var step in history)
            {
                split = Fleet.Split(split, Fleet.Shares([.. step.Weights]));
                Resize(fleet, step.Devices);

                // Cut off somewhere, and gone on with from what is there.
                fleet.Apply(fleet.Plan(split), random.Next(0, 60));
                fleet.Apply(fleet.Plan(split));
                Holds(fleet, split);
                fleet.Plan(split).Stages.ShouldBeEmpty("the second time nothing is written");
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(150));
    }

    [Fact]
    public void As_few_devices_move_as_shares_within_one_device_allow()
    {
        Prop.ForAll(Histories(4), history =>
        {
            var fleet = Fleet.Of(history[0].Devices);
            TrafficSplit? split = null;
            foreach (var step in history)
            {
                var (before, written) = (fleet.Snapshot(), fleet.LabelWrites);
                split = Fleet.Split(split, Fleet.Shares([.. step.Weights]));
                fleet.Apply(fleet.Plan(split));
                var moved = fleet.Snapshot().Count(pair => before[pair.Key] is { } had && had != pair.Value);
                if (fleet.LabelWrites > written)
                {
                    // Otherwise everybody is back where their labels remember, as after a rollback.
                    moved.ShouldBe(FewestMoves(split.Entries, before.Values, fleet.Count));
                }
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(150));
    }

    [Fact]
    public void Of_three_revisions_one_whose_share_stays_keeps_exactly_its_devices()
    {
        Prop.ForAll(Gen.Choose(1, 300).ToArbitrary(), Gen.Choose(0, 9_999).ToArbitrary(), Gen.Choose(0, 10_000).ListOf(4).ToArbitrary(), (devices, still, rises) =>
        {
            var rest = 10_000u - (uint)still;
            var fleet = Fleet.Of(devices);
            TrafficSplit? split = null;
            ImmutableHashSet<string>? kept = null;
            foreach (var rise in rises.Prepend(0))
            {
                var third = (uint)((long)rest * rise / 10_000);
                split = Fleet.Split(split, Fleet.Shares(rest - third, (uint)still, third));
                fleet.Apply(fleet.Plan(split));
                var now = fleet.Snapshot().Where(pair => pair.Value == Fleet.Revision(1)).Select(pair => pair.Key).ToImmutableHashSet();
                (kept ??= now).SetEquals(now).ShouldBeTrue();
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(150));
    }

    /// <summary>Found by the property above.</summary>
    [Fact]
    public void Whoever_had_most_of_a_device_coming_gets_it_at_once()
    {
        var fleet = Fleet.Of(2);
        var split = Fleet.Split(null, Fleet.Shares(5_486, 4_514));
        fleet.Apply(fleet.Plan(split));
        var before = fleet.Snapshot().Where(pair => pair.Value == Fleet.Revision(1)).Select(pair => pair.Key).ShouldHaveSingleItem();
        fleet.Apply(fleet.Plan(Fleet.Split(split, Fleet.Shares(3_855, 4_514, 1_631))));
        fleet.Snapshot().Where(pair => pair.Value == Fleet.Revision(1)).Select(pair => pair.Key).ShouldHaveSingleItem().ShouldBe(before);
    }

    [Fact]
    public void A_ramp_moves_each_device_once_and_towards_the_rising_revision()
    {
        Prop.ForAll(Gen.Choose(1, 300).ToArbitrary(), Gen.Choose(0, 10_000).ListOf(8).ToArbitrary(), (devices, rises) =>
        {
            var fleet = Fleet.Of(devices);
            var split = Fleet.Split(null, Fleet.Shares(10_000));
            fleet.Apply(fleet.Plan(split));
            var before = fleet.Snapshot();
            foreach (var rise in rises.Order().Append(10_000))
            {
                split = Fleet.Split(split, Fleet.Shares(10_000u - (uint)rise, (uint)rise));
                fleet.Apply(fleet.Plan(split));
                var now = fleet.Snapshot();
                now.Where(pair => before[pair.Key] != pair.Value).ShouldAllBe(pair => pair.Value == Fleet.Revision(1));
                before = now;
            }

            before.Values.ShouldAllBe(revision => revision == Fleet.Revision(1));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(150));
    }

    [Fact]
    public void A_rollback_gives_every_device_what_it_had()
    {
        Prop.ForAll(Histories(3), history =>
        {
            var fleet = Fleet.Of(history[0].Devices);
            var split = Fleet.Split(null, Fleet.Shares(10_000));
            foreach (var step in history)
            {
                fleet.Apply(fleet.Plan(split));
                var before = fleet.Snapshot();

                // All to one revision is what is undone in a hurry.
                var next = Fleet.Split(split, Fleet.Shares(0, 10_000));
                fleet.Apply(fleet.Plan(next));
                fleet.Apply(fleet.Plan(split));
                fleet.Snapshot().ShouldBe(before, ignoreOrder: true);
                split = Fleet.Split(split, Fleet.Shares([.. step.Weights]));
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(150));
    }

    [Fact]
    public void One_revision_alone_needs_no_label_and_the_end_of_a_ramp_two_writes()
    {
        var fleet = Fleet.Of(1000);
        var split = Fleet.Split(null, Fleet.Shares(10_000));
        fleet.Apply(fleet.Plan(split));
        (fleet.LabelWrites, fleet.ClaimWrites).ShouldBe((0, 1));
        split = Fleet.Split(split, Fleet.Shares(9_000, 1_000));
        fleet.Apply(fleet.Plan(split));
        (fleet.LabelWrites, fleet.ClaimWrites).ShouldBe((100, 3));
        split = Fleet.Split(split, Fleet.Shares(0, 10_000));
        fleet.Apply(fleet.Plan(split));
        (fleet.LabelWrites, fleet.ClaimWrites).ShouldBe((100, 5));
    }

    [Fact]
    public void A_device_that_comes_runs_a_revision_before_anybody_labels_it()
    {
        var fleet = Fleet.Of(10);
        var split = Fleet.Split(null, Fleet.Shares(5_000, 3_000, 2_000));
        fleet.Apply(fleet.Plan(split));
        fleet.Join("newcomer");
        fleet.Runs("newcomer").ShouldBe(Fleet.Revision(0));
    }

    [Fact]
    public void A_deployment_that_is_not_routed_runs_nowhere()
    {
        var fleet = Fleet.Of(10);
        var split = Fleet.Split(null, Fleet.Shares(5_000, 5_000));
        fleet.Apply(fleet.Plan(split));
        fleet.Apply(fleet.Plan(split with { Entries = [] }));
        fleet.Snapshot().Values.ShouldAllBe(revision => revision == null);
    }

    [Fact]
    public void Warming_takes_no_device_from_another_revision()
    {
        Prop.ForAll(Histories(4), history =>
        {
            var fleet = Fleet.Of(history[0].Devices);
            TrafficSplit? split = null;
            foreach (var step in history)
            {
                split = Fleet.Split(split, Fleet.Shares([.. step.Weights]));
                foreach (var share in split.Entries.Reverse())
                {
                    var before = fleet.Snapshot();
                    fleet.Apply(fleet.PlanWarm(share.RevisionId, split));
                    fleet.Snapshot().Where(pair => before[pair.Key] is not null).ShouldAllBe(pair => pair.Value == before[pair.Key]);
                    fleet.PlanWarm(share.RevisionId, split).Stages.ShouldBeEmpty();
                }

                fleet.Apply(fleet.Plan(split));
                Holds(fleet, split);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(150));
    }

    [Fact]
    public void A_hundred_thousand_devices_are_exact_too()
    {
        var fleet = Fleet.Of(100_000);
        var split = Fleet.Split(null, Fleet.Shares(9_000, 999, 1));
        fleet.Plan(split).Devices.Values.Order().ShouldBe([10, 9_990, 90_000]);
    }

    private static void Holds(Fleet fleet, TrafficSplit split)
    {
        var counts = fleet.Snapshot().Values.Where(revision => revision is not null).CountBy(revision => revision!.Value).ToDictionary();
        counts.Values.Sum().ShouldBe(fleet.Count);
        foreach (var share in split.Entries)
        {
            var exact = fleet.Count * (double)share.WeightBps / TrafficSplit.Whole;
            Math.Abs(counts.GetValueOrDefault(share.RevisionId) - exact).ShouldBeLessThan(1);
        }
    }

    private static void Resize(Fleet fleet, int devices)
    {
        for (var number = fleet.Count; number < devices; number++)
        {
            fleet.Join($"device-{number}");
        }

        foreach (var device in fleet.Devices.Skip(devices).ToList())
        {
            fleet.Leave(device.Id);
        }
    }

    /// <summary>By trying every way to round.</summary>
    private static int FewestMoves(ImmutableArray<TrafficShare> shares, IEnumerable<RevisionId?> had, int devices)
    {
        var present = had.ToList();
        var fewest = int.MaxValue;
        for (var up = 0; up < 1 << shares.Length; up++)
        {
            var quotas = shares.Select((share, index) => (int)((long)devices * share.WeightBps / TrafficSplit.Whole) + ((up >> index) & 1)).ToList();
            var isRounding = shares.Select((share, index) => ((up >> index) & 1) == 0 || (long)devices * share.WeightBps % TrafficSplit.Whole > 0).All(fits => fits);
            if (isRounding && quotas.Sum() == devices)
            {
                var stays = shares.Select((share, index) => Math.Min(quotas[index], present.Count(revision => revision == share.RevisionId))).Sum();
                fewest = Math.Min(fewest, present.Count(revision => revision is not null) - stays);
            }
        }

        return fewest;
    }

    private static Arbitrary<Step[]> Histories(int revisions) => (
        from count in Gen.Choose(1, 6)
        from steps in (
            from devices in Gen.Choose(1, 120)
            from cuts in Gen.Choose(0, 10_000).ListOf(revisions - 1)
            select new Step(devices, Weights([.. cuts.Order()]))).ListOf(count)
        select steps.ToArray()).ToArbitrary();

    private static ImmutableArray<uint> Weights(List<int> cuts) => [.. cuts.Append(10_000).Zip(cuts.Prepend(0), (to, from) => (uint)(to - from))];

    private sealed record Step(int Devices, ImmutableArray<uint> Weights);
}

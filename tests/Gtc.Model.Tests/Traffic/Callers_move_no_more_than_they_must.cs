using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;

namespace Gtc.Model.Tests.Traffic;

public class Callers_move_no_more_than_they_must
{
    private const int Revisions = 4;

    [Fact]
    public void Every_share_holds_exactly_its_slots_whatever_the_steps_before()
    {
        Prop.ForAll(Steps(), steps =>
        {
            TrafficSplit? before = null;
            foreach (var shares in steps)
            {
                var after = SplitSlots.Assign(before, shares);
                Holders(after).CountBy(holder => holder).ToDictionary().ShouldBe(
                    shares.Where(share => share.WeightBps > 0).ToDictionary(share => share.RevisionId, share => (int)share.WeightBps), ignoreOrder: true);
                before = Split(after);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(200));
    }

    [Fact]
    public void A_slot_moves_only_from_a_falling_revision_to_a_rising_one_and_as_many_as_the_shares_say()
    {
        Prop.ForAll(Steps(), steps =>
        {
            var before = SplitSlots.Assign(null, steps[0]);
            foreach (var shares in steps.Skip(1))
            {
                var after = SplitSlots.Assign(Split(before), shares);
                var moved = 0;
                foreach (var (from, to) in Holders(before).Zip(Holders(after)))
                {
                    if (from != to)
                    {
                        moved++;
                        Weight(after, from).ShouldBeLessThan(Weight(before, from));
                        Weight(after, to).ShouldBeGreaterThan(Weight(before, to));
                    }
                }

                moved.ShouldBe(shares.Sum(share => Math.Max(0, (int)share.WeightBps - Weight(before, share.RevisionId))));
                before = after;
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(200));
    }

    [Fact]
    public void A_ramp_in_random_steps_moves_each_caller_once_and_towards_the_rising_revision()
    {
        Prop.ForAll(Gen.Choose(0, 10_000).ListOf(12).ToArbitrary(), rises =>
        {
            var moves = new int[SplitSlots.Count];
            var before = SplitSlots.Assign(null, Ramp(0));
            foreach (var share in rises.Order().Append(10_000))
            {
                var after = SplitSlots.Assign(Split(before), Ramp(share));
                var (from, to) = (Holders(before), Holders(after));
                for (var slot = 0; slot < moves.Length; slot++)
                {
                    moves[slot] += from[slot] == to[slot] ? 0 : 1;
                }

                before = after;
            }

            moves.ShouldAllBe(count => count == 1);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(100));
    }

    [Fact]
    public void The_order_of_entries_does_not_matter_and_what_is_written_is_read_back()
    {
        Prop.ForAll(Steps(), steps =>
        {
            var shares = SplitSlots.Assign(null, steps[0]);
            Holders(SplitSlots.Assign(null, [.. steps[0].Reverse()])).ShouldBe(Holders(shares));
            var next = SplitSlots.Assign(Split(shares), steps[^1]);
            Holders(SplitSlots.Assign(Split([.. shares.Reverse()]), [.. steps[^1].Reverse()])).ShouldBe(Holders(next));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(100));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("0-20000,-5,x,9-3,,99999999999")]
    [InlineData("0-9999")]
    public void What_a_document_says_wrongly_is_put_right_by_its_weights(string? slots)
    {
        ImmutableArray<TrafficShare> shares = [Share(0, 4000) with { Slots = slots }, Share(1, 6000) with { Slots = slots }];
        SplitSlots.Read(shares).Count(holder => holder == 0).ShouldBe(4000);
    }

    [Fact]
    public void An_edit_by_hand_of_the_weights_moves_no_more_than_it_must()
    {
        var shares = SplitSlots.Assign(null, [Share(0, 5000), Share(1, 3000), Share(2, 2000)]);
        var edited = shares.SetItem(0, shares[0] with { WeightBps = 4000 }).SetItem(2, shares[2] with { WeightBps = 3000 });
        SplitSlots.Read(edited).Zip(SplitSlots.Read(shares)).Count(pair => pair.First != pair.Second).ShouldBe(1000);
    }

    private static Arbitrary<ImmutableArray<TrafficShare>[]> Steps() =>
        Gen.Choose(0, 100).ArrayOf(Revisions).Where(parts => parts.Sum() > 0).ArrayOf(5)
            .Select(steps => steps.Select(parts => (ImmutableArray<TrafficShare>)[.. ToBasisPoints(parts).Select((weight, index) => Share(index, weight))]).ToArray())
            .ToArbitrary();

    private static uint[] ToBasisPoints(int[] parts)
    {
        var weights = parts.Select(part => (uint)(part * 10_000L / parts.Sum())).ToArray();
        weights[Array.IndexOf(parts, parts.Max())] += 10_000 - (uint)weights.Sum(weight => weight);
        return weights;
    }

    private static ImmutableArray<TrafficShare> Ramp(int share) => [Share(0, (uint)(10_000 - share)), Share(1, (uint)share)];

    private static TrafficShare Share(int number, uint weight) => new() { RevisionId = Revision(number), WeightBps = weight };

    private static RevisionId Revision(int number) => RevisionId.TryParse($"01J9ZQ3F5E8M7X2K4T6V8Y0A1{number}", out var id) ? id : throw new InvalidOperationException();

    private static List<RevisionId> Holders(ImmutableArray<TrafficShare> shares) => [.. SplitSlots.Read(shares).Select(index => shares[index].RevisionId)];

    private static int Weight(ImmutableArray<TrafficShare> shares, RevisionId revision) => (int)(shares.FirstOrDefault(share => share.RevisionId == revision)?.WeightBps ?? 0);

    private static TrafficSplit Split(ImmutableArray<TrafficShare> entries) => new()
    {
        Schema = Schemas.TrafficSplit,
        EnvId = EnvId.Local,
        DeploymentId = default,
        BundleId = "b",
        Generation = 0,
        Entries = entries,
        UpdatedAt = DateTimeOffset.UnixEpoch,
        UpdatedBy = "test",
        IdempotencyKey = "k",
        AuthorizationRef = "auth.json",
    };
}

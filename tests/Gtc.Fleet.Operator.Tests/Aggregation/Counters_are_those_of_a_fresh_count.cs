using FsCheck;
using FsCheck.Fluent;

namespace Gtc.Fleet.Operator.Tests.Aggregation;

public sealed class Counters_are_those_of_a_fresh_count
{
    [Fact]
    public void After_any_facts_told_late_twice_and_out_of_order()
    {
        var lists = Arb.From(Gen.Choose(1, 120).SelectMany(length => Gen.Choose(int.MinValue, int.MaxValue).ArrayOf(length)), Shorter);
        Prop.ForAll(lists, Holds).Check(Config.QuickThrowOnFailure.WithMaxTest(20_000));
    }

    /// <summary>The same without a half, then without one number.</summary>
    private static IEnumerable<int[]> Shorter(int[] numbers) => numbers.Length < 2
        ? []
        : new[] { numbers[..(numbers.Length / 2)], numbers[(numbers.Length / 2)..] }.Concat(numbers.Select((_, at) => numbers[..at].Concat(numbers[(at + 1)..]).ToArray()));

    private static void Holds(int[] numbers)
    {
        var model = new FleetModel();
        foreach (var number in numbers)
        {
            model.Do(number);
            model.CheckInvariants();
        }

        model.Settle();
        model.CheckCounters();
        model.CheckEntries();
    }
}

using FsCheck;
using FsCheck.Fluent;

namespace Gtc.Fleet.Operator.Tests.Aggregation;

public sealed class Counters_are_those_of_a_fresh_count
{
    [Fact]
    public void After_any_facts_told_late_twice_and_out_of_order()
    {
        var numbers = ArbMap.Default.GeneratorFor<int>();
        var lists = Gen.Choose(1, 120).SelectMany(length => numbers.Select(number => number * 7919).ArrayOf(length)).ToArbitrary();
        Prop.ForAll(lists, Holds).Check(Config.QuickThrowOnFailure.WithMaxTest(10_000));
    }

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

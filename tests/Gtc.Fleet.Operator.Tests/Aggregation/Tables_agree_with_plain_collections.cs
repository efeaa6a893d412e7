using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Gtc.Fleet.Contracts;

namespace Gtc.Fleet.Operator.Tests.Aggregation;

public sealed class Tables_agree_with_plain_collections
{
    [Theory]
    [InlineData(1, 200_000, 30_000)]
    [InlineData(2, 9_000, 60_000)]
    [InlineData(3, 140, 20_000)]
    public void A_set_of_devices_is_a_set(int seed, int range, int steps)
    {
        var random = new Random(seed);
        var set = new DeviceSet();
        var plain = new SortedSet<int>();
        for (var step = 0; step < steps; step++)
        {
            var device = random.Next(range);
            if (random.Next(steps) > step)
            {
                set.Add(device).ShouldBe(plain.Add(device));
            }
            else
            {
                set.Remove(device).ShouldBe(plain.Remove(device));
            }

            set.Count.ShouldBe(plain.Count);
            set.Contains(device).ShouldBe(plain.Contains(device));
        }

        set.All().ShouldBe(plain);
        set.FirstFrom(range / 2).ShouldBe(plain.GetViewBetween(range / 2, int.MaxValue).Select(device => (int?)device).FirstOrDefault() ?? -1);
    }

    [Fact]
    public void Algebra_of_sets_is_that_of_sets()
    {
        var random = new Random(4);
        foreach (var (left, right) in (ReadOnlySpan<(int, int)>)[(10, 100_000), (50_000, 20), (70_000, 90_000), (0, 5), (3, 0)])
        {
            var mine = Enumerable.Range(0, left).Select(_ => random.Next(150_000)).ToHashSet();
            var theirs = Enumerable.Range(0, right).Select(_ => random.Next(150_000)).ToHashSet();
            DeviceSet.Combine(Of(mine), Of(theirs), SetAlgebra.And).All().ShouldBe(mine.Intersect(theirs).Order());
            DeviceSet.Combine(Of(mine), Of(theirs), SetAlgebra.Or).All().ShouldBe(mine.Union(theirs).Order());
            var without = DeviceSet.Combine(Of(mine), Of(theirs), SetAlgebra.AndNot);
            without.All().ShouldBe(mine.Except(theirs).Order());
            without.Count.ShouldBe(mine.Except(theirs).Count());
        }
    }

    [Fact]
    public void Rows_are_found_after_any_growth_and_removal()
    {
        var random = new Random(5);
        var table = new PairTable();
        var plain = new Dictionary<(int, int), PairRow>();
        for (var step = 0; step < 200_000; step++)
        {
            var (device, deployment) = (random.Next(5_000), random.Next(40));
            var row = random.Next(3) == 0 ? default : new PairRow((ulong)random.NextInt64(1, long.MaxValue));
            table.Set(device, deployment, row);
            _ = row.IsBlank ? plain.Remove((device, deployment)) : plain.TryAdd((device, deployment), row) || (plain[(device, deployment)] = row) == row;
            table.Count.ShouldBe(plain.Count);
        }

        foreach (var ((device, deployment), row) in plain)
        {
            table[device, deployment].ShouldBe(row);
        }

        table.All().Count().ShouldBe(plain.Count);
        Enumerable.Range(0, table.Pages).Sum(page => table.Page(page).Count()).ShouldBe(plain.Count);
        (table.Bytes / (double)table.Count).ShouldBeLessThanOrEqualTo(27.5);
    }

    [Fact]
    public void Pages_that_did_not_change_are_not_told()
    {
        var table = new PairTable();
        for (var device = 0; device < 30_000; device++)
        {
            table.Set(device, 0, new PairRow(1));
        }

        table.TakeDirty().Count.ShouldBe(table.Pages);
        table.TakeDirty().ShouldBeEmpty();
        table.Set(17, 0, new PairRow(2));
        table.TakeDirty().Count.ShouldBe(1);
    }

    [Fact]
    public void Names_keep_their_index_until_they_are_removed()
    {
        var random = new Random(6);
        var table = new NameTable();
        var plain = new Dictionary<string, int>();
        for (var step = 0; step < 60_000; step++)
        {
            var name = random.Next(3_000).ToString(CultureInfo.InvariantCulture) + new string('x', random.Next(1) + (step % 7));
            if (random.Next(3) > 0)
            {
                var index = table.Add(Encoding.UTF8.GetBytes(name));
                plain.TryGetValue(name, out var known).ShouldBe(plain.ContainsKey(name));
                _ = plain.ContainsKey(name) ? index.ShouldBeSame(known) : plain.TryAdd(name, index);
            }
            else if (plain.Remove(name, out var gone))
            {
                table.Remove(gone);
            }
        }

        table.Count.ShouldBe(plain.Count);
        foreach (var (name, index) in plain)
        {
            table.Find(Encoding.UTF8.GetBytes(name)).ShouldBe(index);
            table.Text(index).ShouldBe(name);
        }
    }

    [Fact]
    public void Selectors_by_sets_agree_with_selectors_one_by_one()
    {
        var random = new Random(7);
        var names = new NameTable();
        var index = new SelectorIndex(names);
        var labels = new Dictionary<int, ImmutableDictionary<string, string>>();
        for (var device = 0; device < 12_000; device++)
        {
            var id = $"pi-{device}";
            var number = names.Add(Encoding.UTF8.GetBytes(id));
            labels[number] = ImmutableDictionary<string, string>.Empty.Add("device-id", id).Add("group", $"g{random.Next(3)}");
            labels[number] = random.Next(2) == 0 ? labels[number].Add("site", $"s{random.Next(50)}") : labels[number];
            index.SetLabels(number, labels[number]);
        }

        for (var run = 0; run < 200; run++)
        {
            ImmutableArray<SelectorTerm> terms = [.. Enumerable.Range(0, random.Next(4)).Select(_ => Term(random))];
            var selector = index.Add(run, terms);
            var expected = labels.Where(device => Naive.Matches(terms, device.Value)).Select(device => device.Key).Order();
            index.Evaluate(selector).All().ShouldBe(expected, string.Join(',', terms));
        }
    }

    private static SelectorTerm Term(Random random)
    {
        var op = (SelectorOperator)random.Next(4);
        var (key, value) = random.Next(3) switch { 0 => ("group", $"g{random.Next(4)}"), 1 => ("site", $"s{random.Next(60)}"), _ => ("device-id", $"pi-{random.Next(13_000)}") };
        return new SelectorTerm(key, op, op is SelectorOperator.Exists or SelectorOperator.DoesNotExist ? [] : [value, "other"]);
    }

    private static DeviceSet Of(IEnumerable<int> devices)
    {
        var set = new DeviceSet();
        foreach (var device in devices)
        {
            set.Add(device);
        }

        return set;
    }
}

internal static class Sameness
{
    public static bool ShouldBeSame(this int actual, int expected)
    {
        actual.ShouldBe(expected);
        return true;
    }
}

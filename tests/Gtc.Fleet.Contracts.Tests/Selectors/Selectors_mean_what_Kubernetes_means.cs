using System.Collections.Immutable;

namespace Gtc.Fleet.Contracts.Tests.Selectors;

public class Selectors_mean_what_Kubernetes_means
{
    private static readonly string[] Keys = ["a", "b", "c", "example.com/d"];
    private static readonly string[] Values = ["", "x", "y", "z"];
    private static readonly string[] Operators = ["In", "NotIn", "Exists", "DoesNotExist"];

    [Theory]
    [InlineData("In", "x", true)]
    [InlineData("In", "y", false)]
    [InlineData("In", null, false)]
    [InlineData("NotIn", "x", false)]
    [InlineData("NotIn", "y", true)]
    [InlineData("NotIn", null, true)]
    public void A_value_is_compared(string verb, string? value, bool isMatch) =>
        Compile(new() { MatchExpressions = [new() { Key = "a", Operator = verb, Values = ["x"] }] }).Matches(Labels(value)).ShouldBe(isMatch);

    [Theory]
    [InlineData("Exists", "", true)]
    [InlineData("Exists", null, false)]
    [InlineData("DoesNotExist", "", false)]
    [InlineData("DoesNotExist", null, true)]
    public void Presence_is_compared(string verb, string? value, bool isMatch) =>
        Compile(new() { MatchExpressions = [new() { Key = "a", Operator = verb }] }).Matches(Labels(value)).ShouldBe(isMatch);

    [Fact]
    public void An_empty_selector_is_for_every_device()
    {
        var selector = Compile(new());

        selector.SelectsAll.ShouldBeTrue();
        selector.Matches(Labels(null)).ShouldBeTrue();
    }

    /// <summary>The rules of fleet.md §5.3 and of metav1.LabelSelector, written down a second time as sets: a device's labels are the set of its pairs.</summary>
    [Fact]
    public void A_million_random_selectors_agree_with_the_rules_written_as_sets()
    {
        var random = new Random(20261121);
        var matches = 0;
        for (var round = 0; round < 1_000_000; round++)
        {
            var labels = RandomLabels(random);
            var selector = RandomSelector(random);
            var isMatch = Compile(selector).Matches(labels);
            if (isMatch != BySets(selector, labels))
            {
                Assert.Fail($"{Compile(selector)} and {string.Join(',', labels)}: {isMatch}");
            }

            matches += isMatch ? 1 : 0;
        }

        // Neither answer may be so rare that the comparison proves nothing.
        matches.ShouldBeInRange(200_000, 800_000);
    }

    [Fact]
    public void The_explanation_and_the_answer_agree()
    {
        var random = new Random(7);
        for (var round = 0; round < 20_000; round++)
        {
            var labels = RandomLabels(random);
            var selector = Compile(RandomSelector(random));
            selector.Explain(labels).All(verdict => verdict.IsMatch).ShouldBe(selector.Matches(labels));
        }
    }

    private static bool BySets(LabelSelector selector, Dictionary<string, string> labels)
    {
        var pairs = labels.Select(label => (label.Key, label.Value)).ToHashSet();
        var keys = pairs.Select(pair => pair.Key).ToHashSet();
        return selector.MatchLabels.All(wanted => pairs.Contains((wanted.Key, wanted.Value)))
            && selector.MatchExpressions.All(wanted =>
            {
                var wantedPairs = wanted.Values.Select(value => (wanted.Key, value)).ToHashSet();
                return wanted.Operator switch
                {
                    "In" => pairs.Overlaps(wantedPairs),
                    "NotIn" => !pairs.Overlaps(wantedPairs),
                    "Exists" => keys.Contains(wanted.Key),
                    _ => !keys.Contains(wanted.Key),
                };
            });
    }

    private static LabelSelector RandomSelector(Random random)
    {
        var labels = Enumerable.Range(0, random.Next(2)).Select(_ => KeyValuePair.Create(Pick(random, Keys), Pick(random, Values)));
        return new LabelSelector
        {
            MatchLabels = ImmutableSortedDictionary.CreateRange(labels),
            MatchExpressions = [.. Enumerable.Range(0, random.Next(3)).Select(_ => RandomRequirement(random))],
        };
    }

    private static SelectorRequirement RandomRequirement(Random random)
    {
        var verb = Pick(random, Operators);
        var count = verb is "In" or "NotIn" ? random.Next(1, 4) : 0;
        return new SelectorRequirement { Key = Pick(random, Keys), Operator = verb, Values = [.. Enumerable.Range(0, count).Select(_ => Pick(random, Values))] };
    }

    private static Dictionary<string, string> RandomLabels(Random random) =>
        Keys.Where(_ => random.Next(3) > 0).ToDictionary(key => key, _ => Pick(random, Values), StringComparer.Ordinal);

    private static string Pick(Random random, string[] from) => from[random.Next(from.Length)];

    private static Dictionary<string, string> Labels(string? value) => value is null ? [] : new() { ["a"] = value };

    private static Selector Compile(LabelSelector selector) => selector.Compile().Value;
}

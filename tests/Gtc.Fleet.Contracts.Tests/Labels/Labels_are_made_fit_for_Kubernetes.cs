using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;

namespace Gtc.Fleet.Contracts.Tests.Labels;

public partial class Labels_are_made_fit_for_Kubernetes
{
    [Theory]
    [InlineData("lab", "lab")]
    [InlineData("", "")]
    [InlineData("Living Room", "Living-Room")]
    [InlineData("  x  ", "x")]
    [InlineData("größe", "gr--e")]
    [InlineData("😀", "")]
    [InlineData("a_b.c-d", "a_b.c-d")]
    public void Values(string raw, string value) => DeviceLabels.SanitizeValue(raw).ShouldBe(value);

    [Fact]
    public void A_long_value_ends_with_a_hash_of_itself()
    {
        var value = DeviceLabels.SanitizeValue(new string('x', 64));

        value.ShouldBe(new string('x', 54) + "-" + Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(new string('x', 64))))[..8]);
        value.Length.ShouldBe(63);
    }

    [Theory]
    [InlineData("group", "group")]
    [InlineData("My Group", "My-Group")]
    [InlineData("Example.COM/Tier", "example.com/Tier")]
    [InlineData("exa mple.com/a", "exa-mple.com/a")]
    [InlineData("-bad-/a", "a")]
    [InlineData("/a", "a")]
    [InlineData("a/b/c", "a/b-c")]
    [InlineData("…", null)]
    [InlineData("kubernetes.io/hostname", null)]
    [InlineData("node.K8S.io/x", null)]
    [InlineData("fleet.nationtech.io/x", null)]
    [InlineData("mykubernetes.io/x", "mykubernetes.io/x")]
    public void Keys(string raw, string? key) => DeviceLabels.SanitizeKey(raw).ShouldBe(key);

    [Fact]
    public void Of_two_keys_that_become_one_the_smaller_wins_and_the_other_is_not_lost()
    {
        var labels = DeviceLabels.Sanitize(new Dictionary<string, string> { ["a b"] = "1", ["a-b"] = "2" });

        labels.Labels["a-b"].ShouldBe("1");
        labels.Labels.Single(label => label.Value == "2").Key.ShouldMatch("^a-b-[0-9a-f]{8}$");
        labels.RawJson.ShouldBe("""{"a b":"1","a-b":"2"}""");
    }

    [Fact]
    public void Labels_that_are_fit_stay_and_leave_no_annotation()
    {
        var labels = DeviceLabels.Sanitize(new Dictionary<string, string> { ["group"] = "lab", ["device-id"] = "pi-42" });

        labels.RawJson.ShouldBeNull();
        labels.Dropped.ShouldBeEmpty();
        labels.Labels.Count.ShouldBe(2);
    }

    [Fact]
    public void What_is_reserved_is_dropped_and_told()
    {
        var labels = DeviceLabels.Sanitize(new Dictionary<string, string> { ["kubernetes.io/x"] = "1", ["a"] = "2" });

        labels.Dropped.ShouldBe(["kubernetes.io/x"]);
        labels.RawJson.ShouldBe("""{"a":"2","kubernetes.io/x":"1"}""");
    }

    [Fact]
    public void Any_labels_become_labels_that_Kubernetes_takes_and_that_stay_the_same()
    {
        var text = Gen.OneOf(
            ArbMap.Default.GeneratorFor<NonNull<string>>().Select(any => any.Get),
            Gen.ArrayOf(Gen.Elements('a', 'B', '-', '.', '_', '/', ' ', 'ü', '0')).Select(characters => new string(characters)),
            from character in Gen.Elements("x", "-", "é") from count in Gen.Choose(50, 300) select string.Concat(Enumerable.Repeat(character, count)));
        var maps = Gen.ArrayOf(Gen.Zip(text, text)).Select(pairs => pairs.DistinctBy(pair => pair.Item1).ToDictionary(pair => pair.Item1, pair => pair.Item2, StringComparer.Ordinal));
        Prop.ForAll(Arb.From(maps), raw =>
        {
            var once = DeviceLabels.Sanitize(raw);
            var twice = DeviceLabels.Sanitize(once.Labels);
            return once.Labels.All(label => IsKey(label.Key) && Value().IsMatch(label.Value) && LabelSyntax.IsKey(label.Key) && LabelSyntax.IsValue(label.Value))
                && once.Labels.Count + once.Dropped.Length == raw.Count
                && twice.Labels.SequenceEqual(once.Labels)
                && twice.RawJson is null;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5000));
    }

    private static bool IsKey(string key) => key.LastIndexOf('/') is var slash && slash < 0 ? Name().IsMatch(key) : Prefix().IsMatch(key[..slash]) && key[..slash].Length <= 253 && Name().IsMatch(key[(slash + 1)..]);

    // As the API server checks them: validation.IsQualifiedName, IsDNS1123Subdomain and IsValidLabelValue.
    [GeneratedRegex(@"\A(?=.{1,63}\z)([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]\z")]
    private static partial Regex Name();

    [GeneratedRegex(@"\A(?=.{0,63}\z)(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?\z")]
    private static partial Regex Value();

    [GeneratedRegex(@"\A[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z")]
    private static partial Regex Prefix();
}

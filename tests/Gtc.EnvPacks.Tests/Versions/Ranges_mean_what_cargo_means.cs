namespace Gtc.EnvPacks.Tests.Versions;

public class Ranges_mean_what_cargo_means
{
    [Theory, Trait("fact", "env-packs:12.2")]
    [InlineData("1.0.0-dev", true)]
    [InlineData("1.0.0-rc.1", true)]
    [InlineData("1.0.0", true)]
    [InlineData("1.7.3", true)]
    [InlineData("1.1.0-rc.1", false)]
    [InlineData("2.0.0-dev", false)]
    [InlineData("2.0.0", false)]
    [InlineData("0.9.0", false)]
    public void A_pre_release_counts_only_beside_a_comparator_that_names_one_of_the_same_numbers(string version, bool isIn) =>
        VersionRange.Parse(">=1.0.0-dev, <2.0.0").Contains(version).ShouldBe(isIn);

    [Theory]
    [InlineData("^0.1.0", "0.1.9", true)]
    [InlineData("^0.1.0", "0.2.0", false)]
    [InlineData("^0.0.3", "0.0.3", true)]
    [InlineData("^0.0.3", "0.0.4", false)]
    [InlineData("^1.2.3", "1.9.0", true)]
    [InlineData("^1.2.3", "2.0.0", false)]
    [InlineData("^0.1.0", "0.1.5-rc.1", false)]
    [InlineData("^1.2.3-rc.1", "1.2.3-rc.2", true)]
    [InlineData(">=1.0.0-dev, <2.0.0", "1.0.0-alpha", false)]
    [InlineData(">0.1.0, <=0.2.0", "0.1.0", false)]
    [InlineData(">0.1.0, <=0.2.0", "0.2.0", true)]
    [InlineData("=1.0.0", "1.0.0+build.7", true)]
    [InlineData("=1.0.0", "1.0.1", false)]
    [InlineData("^0.1.0", "0.1", false)]
    public void Comparators_hold_together(string range, string version, bool isIn) => VersionRange.Parse(range).Contains(version).ShouldBe(isIn);

    /// <summary>The order of semver.org §11, as it is printed there.</summary>
    [Fact]
    public void Versions_are_in_the_order_of_semver()
    {
        string[] ordered = ["0.9.9", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.1", "1.1.0", "10.0.0"];
        var versions = ordered.Reverse().Select(text => PackVersion.TryParse(text, out var version) ? version : throw new InvalidOperationException(text)).ToList();
        versions.Sort();
        versions.Select(version => version.ToString()).ShouldBe(ordered);
    }

    [Theory]
    [InlineData("")]
    [InlineData("1.0.0")]
    [InlineData("^1.0")]
    [InlineData(">=1.0.0 <2.0.0")]
    public void A_range_that_is_none_is_a_bug(string text) => Should.Throw<FormatException>(() => VersionRange.Parse(text));
}

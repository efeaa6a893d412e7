namespace Gtc.Store.Tests.Sides;

public sealed class Side_names_stay_in_their_folder
{
    [Theory]
    [InlineData("trust-root.json", true)]
    [InlineData("billing-policies/main/acme/v1.json.sig", true)]
    [InlineData(".greentic/dev/.dev.secrets.env", true)]
    [InlineData("a b/ü.json", true)]
    [InlineData("", false)]
    [InlineData("/etc/passwd", false)]
    [InlineData("a/../b", false)]
    [InlineData("a//b", false)]
    [InlineData("./a", false)]
    [InlineData("a/", false)]
    [InlineData("a\\b", false)]
    [InlineData("a\0b", false)]
    [InlineData("environment.json", false)]
    [InlineData("journal/0000000000000001.log", false)]
    [InlineData("audit/events.jsonl", false)]
    [InlineData(".lock", false)]
    [InlineData("x.gtc-tmp", false)]
    public void Only_names_that_do_are_names(string text, bool isName) => SideName.TryParse(text, out _).ShouldBe(isName);

    [Fact]
    public void They_are_bounded_and_are_text()
    {
        SideName.TryParse(new string('a', 255), out _).ShouldBeTrue();
        SideName.TryParse(new string('a', 256), out _).ShouldBeFalse();
        SideName.TryParse(new string('ü', 128), out _).ShouldBeFalse();
        SideName.TryParse(string.Join('/', Enumerable.Repeat("abc", 256)), out _).ShouldBeTrue();
        SideName.TryParse(string.Join('/', Enumerable.Repeat("abcd", 256)), out _).ShouldBeFalse();
        SideName.TryParse("a\ud800", out _).ShouldBeFalse();
    }
}

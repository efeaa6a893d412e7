using FsCheck;
using FsCheck.Fluent;
using Gtc.Artifacts.Oci;

namespace Gtc.Artifacts.Tests.Oci;

public class AuthenticateChallengeTests
{
    [Theory]
    [InlineData("Bearer realm=\"https://a/t\",service=\"s\",scope=\"repository:x:pull,push\"", "Bearer(realm=https://a/t;scope=repository:x:pull,push;service=s)")]
    [InlineData("Basic realm=\"a, b\", Bearer realm=\"c\"", "Basic(realm=a, b) Bearer(realm=c)")]
    [InlineData("Bearer realm = \"c\" , Service=plain", "Bearer(realm=c;service=plain)")]
    [InlineData("Negotiate, Basic realm=\"x\"", "Negotiate() Basic(realm=x)")]
    [InlineData("Negotiate dGVzdA==, Basic realm=\"x\"", "Negotiate() Basic(realm=x)")]
    [InlineData("Negotiate dGVzdA, Basic realm=\"x\"", "Negotiate() Basic(realm=x)")]
    [InlineData("Basic", "Basic()")]
    [InlineData("Basic realm=\"say \\\"hi\\\" \\\\\"", "Basic(realm=say \"hi\" \\)")]
    [InlineData("Bearer realm=\"one\",realm=\"two\"", "Bearer(realm=one)")]
    [InlineData(", ,Basic realm=x,,", "Basic(realm=x)")]
    [InlineData("Bearer realm=\"unclosed", "Bearer(realm=)")]
    [InlineData("", "")]
    [InlineData("\"\"", "")]
    public void Every_challenge_of_a_header_is_read(string header, string expected) => Show(header).ShouldBe(expected);

    [Fact]
    public void Quoted_values_survive_whatever_they_hold() =>
        Prop.ForAll<string?, string?>(static (one, two) =>
        {
            var first = Printable(one);
            var second = Printable(two);
            var parsed = AuthenticateChallenge.Parse($"Basic realm=\"{Quote(first)}\", Bearer realm=\"{Quote(second)}\",service=s");
            return parsed.Length == 2 && parsed[0].Parameters["realm"] == first && parsed[1].Parameters["realm"] == second;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void No_header_breaks_the_reader() =>
        Prop.ForAll<string?>(static header => !AuthenticateChallenge.Parse(header ?? "").IsDefault).QuickCheckThrowOnFailure();

    [Fact]
    public void An_endless_header_is_not_read()
    {
        AuthenticateChallenge.Parse("Basic realm=\"" + new string('x', 10_000) + "\"").ShouldBeEmpty();
        AuthenticateChallenge.Parse(string.Join(", ", Enumerable.Repeat("Basic realm=x", 500))).Length.ShouldBeLessThanOrEqualTo(17);
    }

    private static string Show(string header) => string.Join(' ', AuthenticateChallenge.Parse(header).Select(static challenge =>
        $"{challenge.Scheme}({string.Join(';', challenge.Parameters.OrderBy(static pair => pair.Key, StringComparer.Ordinal).Select(static pair => $"{pair.Key}={pair.Value}"))})"));

    private static string Printable(string? text) => new([.. (text ?? "").Where(static character => character is >= ' ' and <= '~').Take(200)]);

    private static string Quote(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
}

using FsCheck;
using FsCheck.Fluent;

namespace Gtc.Fleet.Contracts.Tests.Keys;

public class Foreign_ids_become_tokens
{
    [Theory]
    [InlineData("pi-42", "pi-42")]
    [InlineData("Pi 42", "=50i=2042")]
    [InlineData("é", "=C3=A9")]
    [InlineData("a.b", "a=2Eb")]
    public void Bytes_outside_the_grammar_are_escaped(string raw, string token)
    {
        KvToken.Escape(raw).ShouldBe(token);
        KvToken.Unescape(token).ShouldBe(raw);
    }

    [Fact]
    public void What_grows_too_long_becomes_a_hash_that_is_a_valid_id()
    {
        var token = KvToken.Escape(new string('Ä', 40));

        token.Length.ShouldBe(28);
        DeviceId.TryParse(token, out _).ShouldBeTrue();
        KvToken.Escape(new string('Ö', 40)).ShouldNotBe(token);
    }

    [Theory]
    [InlineData("=")]
    [InlineData("=4")]
    [InlineData("=zz")]
    [InlineData("=61")]
    [InlineData("=c3=a9")]
    public void What_was_never_escaped_is_not_unescaped(string token) => KvToken.Unescape(token).ShouldBeNull();

    [Fact]
    public void Any_text_comes_back_and_no_two_meet()
    {
        var texts = ArbMap.Default.GeneratorFor<NonNull<string>>().Select(text => text.Get).Where(text => text.Length < 15 && !text.Any(char.IsSurrogate));
        var seen = new Dictionary<string, string>(StringComparer.Ordinal);
        Prop.ForAll(Arb.From(texts), raw =>
        {
            var token = KvToken.Escape(raw);
            var isOwn = !seen.TryGetValue(token, out var other) || other == raw;
            seen[token] = raw;
            return isOwn && (raw.Length == 0 || KvKeys.IsValid(token)) && token.Length <= 63 && (token.StartsWith("x-", StringComparison.Ordinal) || KvToken.Unescape(token) == raw);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5000));
    }
}

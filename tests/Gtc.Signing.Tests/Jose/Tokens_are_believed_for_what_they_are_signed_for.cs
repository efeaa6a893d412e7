using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;

namespace Gtc.Signing.Tests.Jose;

public sealed class Tokens_are_believed_for_what_they_are_signed_for : IDisposable
{
    private static readonly string[] Algorithms = ["RS256", "ES256", "EdDSA"];

    private readonly TokenMint _mint = new();

    public void Dispose() => _mint.Dispose();

    [Theory]
    [InlineData("RS256")]
    [InlineData("ES256")]
    [InlineData("EdDSA")]
    public void A_token_says_who_and_which_groups(string algorithm)
    {
        var claims = _mint.Believe(_mint.Sign(algorithm, TokenMint.Claims("""  "groups":["ops",7,"dev"],"email":"ada@example","one":"x"  """)), algorithm).Value;
        claims.Subject.ShouldBe("ada");
        claims.Texts("groups").ShouldBe(["ops", "dev"]);
        claims.Texts("one").ShouldBe(["x"]);
        claims.Texts("none").ShouldBeEmpty();
        claims.Text("email").ShouldBe("ada@example");
        claims.Text("groups").ShouldBeNull();
        claims.Expires.ShouldBe(TokenMint.Now.AddMinutes(5));
    }

    [Fact]
    public void No_token_is_believed_with_the_key_of_another()
    {
        using var other = new TokenMint();
        foreach (var signed in Algorithms)
        {
            foreach (var key in Algorithms)
            {
                var token = JsonWebToken.Parse(_mint.Sign(signed, TokenMint.Claims())).Value;
                token.Verify(_mint.Key(key), TokenMint.Rules, TokenMint.Now).IsOk.ShouldBe(signed == key, $"{signed} with {key}");
                token.Verify(other.Key(key), TokenMint.Rules, TokenMint.Now).Error.ShouldBeOfType<SigningError.SignatureInvalid>();

                // The header names one algorithm, the signature is another's.
                var lying = JsonWebToken.Parse(_mint.Sign(signed, TokenMint.Claims(), $$"""{"alg":"{{key}}"}""")).Value;
                lying.Verify(_mint.Key(key), TokenMint.Rules, TokenMint.Now).IsOk.ShouldBe(signed == key, $"{signed} that says {key}");
            }
        }
    }

    [Fact]
    public void A_public_key_is_no_shared_secret()
    {
        var signed = $"{TokenMint.Text("""{"alg":"HS256","kid":"RS256"}""")}.{TokenMint.Text(TokenMint.Claims())}";
        foreach (var secret in (string[])[_mint.PublicPem(), _mint.PublicPem().TrimEnd(), _mint.Jwk("RS256")])
        {
            var code = HMACSHA256.HashData(Encoding.ASCII.GetBytes(secret), Encoding.ASCII.GetBytes(signed));
            _mint.Believe($"{signed}.{Base64Url.EncodeToString(code)}", "RS256").Error.ShouldBeOfType<SigningError.MalformedToken>().Message.ShouldContain("algorithm");
        }
    }

    [Theory]
    [InlineData("""{"alg":"none"}""")]
    [InlineData("""{"alg":"NONE"}""")]
    [InlineData("""{"alg":"rs256"}""")]
    [InlineData("""{"alg":"PS256"}""")]
    [InlineData("""{"alg":"RS512"}""")]
    [InlineData("""{"alg":["RS256"]}""")]
    [InlineData("""{"kid":"RS256"}""")]
    [InlineData("""{"alg":"RS256","alg":"RS256"}""")]
    [InlineData("""{"alg":"RS256","crit":["exp"],"exp":1}""")]
    [InlineData("""{"alg":"RS256","crit":["b64"],"b64":false}""")]
    [InlineData("""{"alg":"RS256","kid":7}""")]
    [InlineData("""{"alg":"RS256","typ":"logout+jwt"}""")]
    [InlineData("""{"alg":"RS256","kid":"\ud800"}""")]
    [InlineData("""["RS256"]""")]
    [InlineData("""RS256""")]
    public void A_header_that_is_not_as_it_must_be_is_refused(string header) =>
        _mint.Believe(_mint.Sign("RS256", TokenMint.Claims(), header), "RS256").Error.ShouldBeOfType<SigningError.MalformedToken>();

    [Theory]
    [InlineData("""{"alg":"RS256","typ":"JWT"}""")]
    [InlineData("""{"alg":"RS256","typ":"at+jwt"}""")]
    [InlineData("""{"alg":"RS256","jwk":{"kty":"RSA"},"jku":"https://evil.example","x5c":["x"],"unknown":1}""")]
    public void What_a_header_brings_along_is_not_looked_at(string header) => _mint.Believe(_mint.Sign("RS256", TokenMint.Claims(), header), "RS256").IsOk.ShouldBeTrue();

    [Theory]
    [InlineData("""{"iss":"https://issuer.example/","aud":"gtc-store","sub":"a","exp":END}""", "somebody else")]
    [InlineData("""{"aud":"gtc-store","sub":"a","exp":END}""", "somebody else")]
    [InlineData("""{"iss":"https://issuer.example","sub":"a","exp":END}""", "not meant for")]
    [InlineData("""{"iss":"https://issuer.example","aud":"GTC-store","sub":"a","exp":END}""", "not meant for")]
    [InlineData("""{"iss":"https://issuer.example","aud":["x",7],"sub":"a","exp":END}""", "not meant for")]
    [InlineData("""{"iss":"https://issuer.example","aud":"gtc-store","sub":"a"}""", "no end")]
    [InlineData("""{"iss":"https://issuer.example","aud":"gtc-store","exp":END}""", "subject")]
    [InlineData("""{"iss":"https://issuer.example","aud":"gtc-store","sub":"","exp":END}""", "subject")]
    [InlineData("""{"iss":"https://issuer.example","aud":"gtc-store","sub":"a\nb","exp":END}""", "subject")]
    [InlineData("""{"iss":"https://issuer.example","aud":"gtc-store","sub":"a","exp":"END"}""", "exp is no time")]
    [InlineData("""{"iss":"https://issuer.example","aud":"gtc-store","sub":"a","exp":1e999}""", "exp is no time")]
    [InlineData("""{"iss":"https://issuer.example","aud":"gtc-store","sub":"a","exp":-1}""", "exp is no time")]
    [InlineData("""{"iss":"https://issuer.example","aud":"gtc-store","sub":"a","exp":END,"nbf":null}""", "nbf is no time")]
    [InlineData("""{"iss":"https://issuer.example","aud":"gtc-store","sub":"a","exp":END,"exp":END}""", "twice")]
    [InlineData("""{"iss":"https://issuer.example","aud":"gtc-store","sub":"a","exp":END,"x":{"y":1,"y":2}}""", "twice")]
    [InlineData("""{"iss":"https://issuer.example","aud":"gtc-store","sub":"\udfff","exp":END}""", "twice")]
    [InlineData("""[]""", "no JSON object")]
    public void Claims_that_are_not_as_they_must_be_are_refused(string claims, string why) => _mint.Believe(
        _mint.Sign("ES256", claims.Replace("END", TokenMint.Now.AddMinutes(5).ToUnixTimeSeconds().ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal)), "ES256")
        .Error!.Message.ShouldContain(why);

    [Fact]
    public void Clocks_may_be_a_little_apart_and_no_more()
    {
        var token = _mint.Sign("EdDSA", TokenMint.Claims($"\"nbf\":{TokenMint.Now.ToUnixTimeSeconds()}.25,\"iat\":{TokenMint.Now.ToUnixTimeSeconds()}"));
        _mint.Believe(token, "EdDSA", TokenMint.Now.AddMinutes(-1).AddSeconds(1)).IsOk.ShouldBeTrue();
        _mint.Believe(token, "EdDSA", TokenMint.Now.AddMinutes(-1).AddSeconds(-1)).Error!.Message.ShouldContain("counts from");
        _mint.Believe(token, "EdDSA", TokenMint.Now.AddMinutes(6).AddSeconds(-1)).IsOk.ShouldBeTrue();
        _mint.Believe(token, "EdDSA", TokenMint.Now.AddMinutes(6)).Error!.Message.ShouldContain("ended at 2026-11-20T14:05:00Z");
        _mint.Believe(_mint.Sign("EdDSA", TokenMint.Claims($"\"iat\":{TokenMint.Now.AddMinutes(2).ToUnixTimeSeconds()}")), "EdDSA").Error!.Message.ShouldContain("not yet");
    }

    [Fact]
    public void A_token_has_a_bound()
    {
        var token = _mint.Sign("EdDSA", TokenMint.Claims($"\"x\":\"{new string('y', JsonWebToken.MaxLength)}\""));
        JsonWebToken.Parse(token).Error!.Message.ShouldContain("characters");
        JsonWebToken.Parse(new string('.', JsonWebToken.MaxLength)).Error!.Message.ShouldContain("parts");
        JsonWebToken.Parse(_mint.Sign("EdDSA", TokenMint.Claims($"\"x\":{new string('[', 20)}{new string(']', 20)}"))).IsOk.ShouldBeFalse();
    }

    [Fact]
    public void One_text_only_stands_for_a_token()
    {
        var token = _mint.Sign("EdDSA", TokenMint.Claims());
        foreach (var other in (string[])[token + "=", " " + token, token + "\n", token.Replace('.', ' '), token + ".", token[..^1] + (char)(token[^1] + 1)])
        {
            _mint.Believe(other, "EdDSA").IsOk.ShouldBeFalse(other);
        }
    }

    [Fact]
    public void A_token_that_was_changed_anywhere_is_not_believed()
    {
        var tokens = Algorithms.Select(algorithm => (Algorithm: algorithm, Token: _mint.Sign(algorithm, TokenMint.Claims("\"groups\":[\"ops\"]")))).ToList();
        var changes = from token in Gen.Elements<(string Algorithm, string Token)>(tokens)
                      from at in Gen.Choose(0, token.Token.Length - 1)
                      from character in Gen.Elements("ABCabc019-_.= {\u00e9".ToCharArray())
                      select (token.Algorithm, token.Token, Changed: string.Concat(token.Token.AsSpan(0, at), [character], token.Token.AsSpan(at + 1)));
        Prop.ForAll(changes.ToArbitrary(), change => _mint.Believe(change.Changed, change.Algorithm).IsOk == (change.Changed == change.Token)).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Texts_of_any_kind_are_refused_and_never_a_fault() =>
        Prop.ForAll<string, string, string>((header, claims, signature) =>
            !JsonWebToken.Parse($"{TokenMint.Text(header ?? "")}.{TokenMint.Text(claims ?? "")}.{TokenMint.Text(signature ?? "")}").IsOk
            && !JsonWebToken.Parse($"{header}.{claims}.{signature}").IsOk).QuickCheckThrowOnFailure();
}

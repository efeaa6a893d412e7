using System.Text;
using System.Text.Json;

namespace Gtc.Signing.Tests.Jose;

public sealed class Key_sets_are_read : IDisposable
{
    private readonly TokenMint _mint = new();

    public void Dispose() => _mint.Dispose();

    [Fact]
    public void A_key_is_found_by_its_name_and_for_its_algorithm_only()
    {
        var set = Parse(_mint.Jwk("RS256"), _mint.Jwk("ES256"), """{"kty":"oct","k":"AAAA"}""", """{"kty":"EC","crv":"P-384","x":"AA","y":"AA"}""", "7").Value;
        set.Keys.Select(key => key.Algorithm).ShouldBe(["RS256", "ES256"]);
        set.Skipped.Length.ShouldBe(3);
        set.Find("RS256", "RS256").ShouldBe(set.Keys[0]);
        set.Find("ES256", "RS256").ShouldBeNull();
        set.Find("EdDSA", "EdDSA").ShouldBeNull();
        set.Find("ES256", null).ShouldBe(set.Keys[1]);
    }

    [Fact]
    public void A_name_or_its_absence_that_fits_two_keys_fits_none()
    {
        using var other = new TokenMint();
        var set = Parse(_mint.Jwk("RS256"), other.Jwk("RS256")).Value;
        set.Find("RS256", null).ShouldBeNull();
        set.Find("RS256", "RS256").ShouldBeNull();
    }

    [Theory]
    [InlineData("\"use\":\"enc\"")]
    [InlineData("\"key_ops\":[\"encrypt\"]")]
    [InlineData("\"key_ops\":\"verify\"")]
    [InlineData("\"alg\":\"RS512\"")]
    [InlineData("\"alg\":\"HS256\"")]
    [InlineData("\"d\":\"AAAA\"")]
    public void A_key_for_something_else_is_skipped(string more) => JsonWebKey.Read(JsonElement.Parse(_mint.Jwk("RS256", more))).Error.ShouldBeOfType<SigningError.KeyDecode>();

    [Theory]
    [InlineData("\"use\":\"sig\",\"key_ops\":[\"verify\"],\"alg\":\"RS256\",\"x5t\":\"AAAA\"")]
    [InlineData("")]
    public void A_key_may_say_what_it_is_for(string more) => JsonWebKey.Read(JsonElement.Parse(_mint.Jwk("RS256", more))).IsOk.ShouldBeTrue();

    [Theory]
    [InlineData("""{"kty":"RSA","n":"AQAB","e":"AQAB"}""")]
    [InlineData("""{"kty":"RSA","e":"AQAB"}""")]
    [InlineData("""{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"}""")]
    [InlineData("""{"kty":"OKP","crv":"Ed25519","x":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}""")]
    [InlineData("""{"kty":"OKP","crv":"X25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}""")]
    public void A_weak_or_broken_key_is_skipped(string jwk) => JsonWebKey.Read(JsonElement.Parse(jwk)).IsOk.ShouldBeFalse();

    [Fact]
    public void An_exponent_of_one_verifies_nothing() =>
        JsonWebKey.Read(JsonElement.Parse(_mint.Jwk("RS256").Replace("\"e\":\"AQAB\"", "\"e\":\"AQ\"", StringComparison.Ordinal))).Error!.Message.ShouldContain("exponent");

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"keys":{}}""")]
    [InlineData("""{"keys":[]}""")]
    [InlineData("""{"keys":[],"keys":[]}""")]
    public void What_is_no_set_is_refused(string text) => JsonWebKeySet.Parse(Encoding.UTF8.GetBytes(text)).Error.ShouldBeOfType<SigningError.MalformedKeySet>();

    [Fact]
    public void A_set_has_bounds()
    {
        JsonWebKeySet.Parse(new byte[JsonWebKeySet.MaxBytes + 1]).Error!.Message.ShouldContain("bytes");
        JsonWebKeySet.Parse(Encoding.UTF8.GetBytes($"{{\"keys\":[{string.Join(',', Enumerable.Repeat("7", 300))}]}}")).Error!.Message.ShouldContain("keys");
    }

    private static SigningResult<JsonWebKeySet> Parse(params string[] keys) => JsonWebKeySet.Parse(Encoding.UTF8.GetBytes($"{{\"keys\":[{string.Join(',', keys)}]}}"));
}

using System.Text.Json;

namespace Gtc.Signing.Tests.Jose;

/// <summary>The examples of RFC 7515, RFC 7519 and RFC 8037, those that are to be verified and those that are to be refused.</summary>
public sealed class Published_vectors_are_verified
{
    private const string Payload = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

    // RFC 7515, appendix A.2.
    private const string RsaKey = """
        {"kty":"RSA","e":"AQAB","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"}
        """;

    private const string RsaToken = "eyJhbGciOiJSUzI1NiJ9." + Payload
        + ".cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";

    // RFC 7515, appendix A.3. Its s is the higher of the two that fit.
    private const string CurveKey = """{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}""";

    private const string CurveToken = "eyJhbGciOiJFUzI1NiJ9." + Payload + ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

    // RFC 8037, appendix A.2 and A.4.
    private const string EdwardsKey = """{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}""";

    private const string EdwardsSigned = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";

    private const string EdwardsSignature = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";

    [Theory]
    [InlineData(RsaKey, RsaToken, "RS256")]
    [InlineData(CurveKey, CurveToken, "ES256")]
    public void A_signature_of_the_RFC_fits_and_its_token_is_refused_for_what_it_says(string jwk, string token, string algorithm)
    {
        var key = JsonWebKey.Read(JsonElement.Parse(jwk)).Value;
        key.Algorithm.ShouldBe(algorithm);
        var parsed = JsonWebToken.Parse(token).Value;
        parsed.ClaimedIssuer.ShouldBe("joe");
        var rules = new TokenRules { Issuer = "joe", Audiences = ["anybody"] };

        // The RFC's example has no audience: with a signature that fits, that is what is told.
        parsed.Verify(key, rules, DateTimeOffset.FromUnixTimeSeconds(1300819379)).Error.ShouldBeOfType<SigningError.TokenRefused>().Message.ShouldContain("not meant for anybody");

        var flipped = token[..^3] + (token[^3] == 'A' ? 'B' : 'A') + token[^2..];
        JsonWebToken.Parse(flipped).Value.Verify(key, rules, DateTimeOffset.FromUnixTimeSeconds(1300819379)).Error.ShouldBeOfType<SigningError.SignatureInvalid>();
    }

    [Fact]
    public void A_signature_on_Edwards_curve_fits()
    {
        var key = JsonWebKey.Read(JsonElement.Parse(EdwardsKey)).Value;
        key.Algorithm.ShouldBe("EdDSA");
        var signature = Base64UrlText.Decode(EdwardsSignature)!;
        key.Verify(System.Text.Encoding.ASCII.GetBytes(EdwardsSigned), signature).ShouldBeTrue();
        key.Verify(System.Text.Encoding.ASCII.GetBytes(EdwardsSigned + "x"), signature).ShouldBeFalse();

        // Its payload is a sentence, and a token's claims are an object.
        JsonWebToken.Parse($"{EdwardsSigned}.{EdwardsSignature}").Error.ShouldBeOfType<SigningError.MalformedToken>();
    }

    [Theory]
    // RFC 7515, appendix A.1, and RFC 7519, section 3.1: a shared secret.
    [InlineData("eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." + Payload + ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")]
    // RFC 7515, appendix A.5, and RFC 7519, section 6.1: no signature.
    [InlineData("eyJhbGciOiJub25lIn0." + Payload + ".")]
    // RFC 7515, appendix E: a critical extension that nobody knows.
    [InlineData("eyJhbGciOiJub25lIiwNCiAiY3JpdCI6WyJodHRwOi8vZXhhbXBsZS5jb20vVU5ERUZJTkVEIl0sDQogImh0dHA6Ly9leGFtcGxlLmNvbS9VTkRFRklORUQiOnRydWUNCn0.RkFJTA.")]
    public void What_is_not_signed_with_a_key_pair_is_refused(string token) => JsonWebToken.Parse(token).Error.ShouldBeOfType<SigningError.MalformedToken>();
}

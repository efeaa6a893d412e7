using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Gtc.Signing.Tests.Jose;

/// <summary>Signs tokens with keys of its own, as an issuer does, and wrong ones too.</summary>
/// <param name="prefix">What the names of its keys begin with; the algorithm follows.</param>
internal sealed class TokenMint(string prefix = "") : IDisposable
{
    public const string Issuer = "https://issuer.example";
    public const string Audience = "gtc-store";

    private readonly RSA _rsa = RSA.Create(2048);
    private readonly ECDsa _curve = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly Ed25519PrivateKey _edwards = Ed25519PrivateKey.FromSeed(RandomNumberGenerator.GetBytes(32));

    public static DateTimeOffset Now { get; } = new(2026, 11, 20, 14, 0, 0, TimeSpan.Zero);

    public static TokenRules Rules { get; } = new() { Issuer = Issuer, Audiences = [Audience], ClockSkew = TimeSpan.FromMinutes(1) };

    public static string Text(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));

    /// <summary>Claims that count at <see cref="Now"/>.</summary>
    public static string Claims(string more = "") => $$"""{"iss":"{{Issuer}}","aud":"{{Audience}}","sub":"ada","exp":{{Now.AddMinutes(5).ToUnixTimeSeconds()}}{{(more.Length > 0 ? "," + more : "")}}}""";

    public string Sign(string algorithm, string claims, string? header = null)
    {
        var signed = $"{Text(header ?? $$"""{"alg":"{{algorithm}}","kid":"{{prefix}}{{algorithm}}"}""")}.{Text(claims)}";
        return $"{signed}.{Base64Url.EncodeToString(Signature(algorithm, Encoding.ASCII.GetBytes(signed)))}";
    }

    /// <summary>The public key as JSON.</summary>
    public string Jwk(string algorithm, string more = "")
    {
        var point = _curve.ExportParameters(includePrivateParameters: false).Q;
        var modulus = _rsa.ExportParameters(includePrivateParameters: false);
        var members = algorithm switch
        {
            "RS256" => $"\"kty\":\"RSA\",\"n\":\"{Base64Url.EncodeToString(modulus.Modulus)}\",\"e\":\"{Base64Url.EncodeToString(modulus.Exponent)}\"",
            "ES256" => $"\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"{Base64Url.EncodeToString(point.X)}\",\"y\":\"{Base64Url.EncodeToString(point.Y)}\"",
            _ => $"\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"{Base64Url.EncodeToString(_edwards.PublicKey.Raw)}\"",
        };
        return $$"""{{{members}},"kid":"{{prefix}}{{algorithm}}"{{(more.Length > 0 ? "," + more : "")}}}""";
    }

    public JsonWebKey Key(string algorithm) => JsonWebKey.Read(JsonElement.Parse(Jwk(algorithm))).Value;

    /// <summary>The whole way: read, and believed with the key of the algorithm that it was signed for.</summary>
    public SigningResult<TokenClaims> Believe(string token, string algorithm, DateTimeOffset? at = null) =>
        JsonWebToken.Parse(token).TryGet(out var parsed, out var error) ? parsed.Verify(Key(algorithm), Rules, at ?? Now) : error;

    public string PublicPem() => _rsa.ExportSubjectPublicKeyInfoPem();

    public void Dispose()
    {
        _rsa.Dispose();
        _curve.Dispose();
        _edwards.Dispose();
    }

    private byte[] Signature(string algorithm, byte[] signed) => algorithm switch
    {
        "RS256" => _rsa.SignData(signed, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
        "ES256" => _curve.SignData(signed, HashAlgorithmName.SHA256),
        _ => _edwards.Sign(signed),
    };
}

using System.Security.Cryptography;
using System.Text.Json;

namespace Gtc.Signing;

/// <summary>
/// A public key that verifies tokens (RFC 7517). The key alone says which algorithm it is for, so that a token cannot choose another one for it: RSA is
/// RS256, P-256 is ES256, Ed25519 is EdDSA. A closed family.
/// </summary>
public abstract class JsonWebKey
{
    private const int MaxText = 2048;
    private const int LeastModulusBits = 2048;
    private const int MostModulusBits = 8192;

    private JsonWebKey(string algorithm, string? keyId) => (Algorithm, KeyId) = (algorithm, keyId);

    /// <summary>The one algorithm that it verifies: <c>RS256</c>, <c>ES256</c> or <c>EdDSA</c>.</summary>
    public string Algorithm { get; }

    /// <summary>The key's name, or null.</summary>
    public string? KeyId { get; }

    /// <summary>Reads a key.</summary>
    /// <param name="jwk">The JSON object.</param>
    /// <returns>The key; or <see cref="SigningError.KeyDecode"/> when it is not one that verifies tokens here.</returns>
    public static SigningResult<JsonWebKey> Read(JsonElement jwk)
    {
        if (jwk.ValueKind != JsonValueKind.Object)
        {
            return new SigningError.KeyDecode("a key must be a JSON object");
        }

        if (jwk.TryGetProperty("d", out _) || jwk.TryGetProperty("k", out _))
        {
            return new SigningError.KeyDecode("the key set publishes a secret key, which verifies nothing any more");
        }

        if (StatementSubject.Text(jwk, "use") is not (null or "sig")
            || (jwk.TryGetProperty("key_ops", out var operations) && (operations.ValueKind != JsonValueKind.Array || !operations.EnumerateArray().Any(one => one.ValueKind == JsonValueKind.String && one.ValueEquals("verify")))))
        {
            return new SigningError.KeyDecode("the key is not for signatures");
        }

        var read = StatementSubject.Text(jwk, "kty") == "RSA" ? OfRsa(jwk) : OfCurve(jwk);
        return read.TryGet(out var key, out _) && jwk.TryGetProperty("alg", out var named) && !(named.ValueKind == JsonValueKind.String && named.ValueEquals(key.Algorithm))
            ? new SigningError.KeyDecode($"the key is for another algorithm than {key.Algorithm}")
            : read;
    }

    /// <summary>Whether a signature fits; false for whatever is malformed.</summary>
    public abstract bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature);

    /// <summary>The name and the algorithm.</summary>
    public override string ToString() => $"{Algorithm} {KeyId}";

    /// <summary>A key on one of the curves that gtc signs with; null when it is of another kind, an error when it is of ours and broken.</summary>
    internal static SigningResult<PublicKey?> CurveKey(JsonElement jwk)
    {
        switch (StatementSubject.Text(jwk, "kty"), StatementSubject.Text(jwk, "crv"))
        {
            case ("OKP", "Ed25519"):
                return Ed25519PublicKey.FromRaw(Bytes(jwk, "x")).TryGet(out var ed25519, out var error) ? ed25519 : error;
            case ("EC", "P-256"):
                return P256PublicKey.FromRaw([4, .. Bytes(jwk, "x"), .. Bytes(jwk, "y")]).TryGet(out var p256, out error) ? p256 : error;
            default:
                return (PublicKey?)null;
        }
    }

    private static SigningResult<JsonWebKey> OfCurve(JsonElement jwk)
    {
        if (!CurveKey(jwk).TryGet(out var key, out var error))
        {
            return error;
        }

        return key is null
            ? new SigningError.KeyDecode($"a key of type `{StatementSubject.Text(jwk, "kty")}` `{StatementSubject.Text(jwk, "crv")}` is not one of RSA, P-256 and Ed25519")
            : new OnCurve(key, StatementSubject.Text(jwk, "kid"));
    }

    private static SigningResult<JsonWebKey> OfRsa(JsonElement jwk)
    {
        var modulus = Bytes(jwk, "n").AsSpan().TrimStart((byte)0).ToArray();
        var exponent = Bytes(jwk, "e").AsSpan().TrimStart((byte)0).ToArray();
        var bits = modulus.Length == 0 ? 0 : (modulus.Length * 8) - byte.LeadingZeroCount(modulus[0]);
        if (bits is < LeastModulusBits or > MostModulusBits)
        {
            return new SigningError.KeyDecode($"an RSA key must have from {LeastModulusBits} to {MostModulusBits} bits, {bits} were found");
        }

        return exponent is { Length: >= 1 and <= 4 } && (exponent[^1] & 1) == 1 && exponent is not [1]
            ? new OfModulus(new RSAParameters { Modulus = modulus, Exponent = exponent }, StatementSubject.Text(jwk, "kid"))
            : new SigningError.KeyDecode("the exponent of an RSA key must be odd, at least 3 and at most four bytes");
    }

    private static byte[] Bytes(JsonElement jwk, string member) =>
        StatementSubject.Text(jwk, member) is { Length: > 0 and <= MaxText } text ? Base64UrlText.Decode(text) ?? [] : [];

    private sealed class OnCurve(PublicKey key, string? keyId) : JsonWebKey(key is P256PublicKey ? "ES256" : "EdDSA", keyId)
    {
        public override bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
            key is P256PublicKey ? P256Scheme.VerifyEitherForm(key.Raw, message, signature) : key.Verify(message, signature);
    }

    private sealed class OfModulus(RSAParameters parameters, string? keyId) : JsonWebKey("RS256", keyId)
    {
        public override bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
        {
            // One for each call: the base library's object is not safe to share between threads.
            using var rsa = RSA.Create(parameters);
            return signature.Length == parameters.Modulus!.Length && rsa.VerifyData(message, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        }
    }
}

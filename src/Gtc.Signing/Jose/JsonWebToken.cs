using System.Text;
using System.Text.Json;

namespace Gtc.Signing;

/// <summary>
/// A signed JSON web token (RFC 7519) in the compact form (RFC 7515 §7.1), read strictly: no white space or padding, no member twice, nothing critical
/// (<c>crit</c>), and no algorithm but RS256, ES256 and EdDSA, so neither <c>none</c> nor one with a shared secret. Keys and addresses that a token brings
/// along (<c>jwk</c>, <c>jku</c>, <c>x5c</c>, <c>x5u</c>) are never looked at. Nothing that it says is to be believed before <see cref="Verify"/>.
/// </summary>
public sealed class JsonWebToken
{
    /// <summary>The most characters of a token.</summary>
    public const int MaxLength = 8192;

    private const int MaxKeyId = 512;

    private static readonly JsonDocumentOptions Bounds = new() { MaxDepth = 16, AllowDuplicateProperties = false };

    private readonly byte[] _signed;
    private readonly byte[] _signature;
    private readonly JsonElement _claims;

    private JsonWebToken(string algorithm, string? keyId, JsonElement claims, byte[] signed, byte[] signature) =>
        (Algorithm, KeyId, _claims, _signed, _signature) = (algorithm, keyId, claims, signed, signature);

    /// <summary>The algorithm that it names: <c>RS256</c>, <c>ES256</c> or <c>EdDSA</c>.</summary>
    public string Algorithm { get; }

    /// <summary>The name of its key, or null.</summary>
    public string? KeyId { get; }

    /// <summary>Who it says has issued it; null when it does not say. Good for nothing but to find the rules that it is then verified by.</summary>
    public string? ClaimedIssuer => StatementSubject.Text(_claims, "iss");

    /// <summary>Whether a text has the shape of a token at all: three parts with dots between.</summary>
    public static bool IsShaped(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.StartsWith("eyJ", StringComparison.Ordinal) && text.AsSpan().Count('.') == 2;
    }

    /// <summary>Reads a token.</summary>
    /// <returns>The token, not verified; or <see cref="SigningError.MalformedToken"/>.</returns>
    public static SigningResult<JsonWebToken> Parse(string compact)
    {
        ArgumentNullException.ThrowIfNull(compact);
        if (compact.Length > MaxLength)
        {
            return Malformed($"it has {compact.Length:N0} characters, the most is {MaxLength:N0}");
        }

        var parts = compact.Split('.');
        if (parts.Length != 3)
        {
            return Malformed($"it has {parts.Length} parts, three were expected: header, claims and signature");
        }

        if (Base64UrlText.Decode(parts[0]) is not { } header || Base64UrlText.Decode(parts[1]) is not { } payload || Base64UrlText.Decode(parts[2]) is not { } signature)
        {
            return Malformed("a part of it is not base64url without padding");
        }

        try
        {
            using var head = JsonDocument.Parse(header, Bounds);
            using var claims = JsonDocument.Parse(payload, Bounds);
            if (claims.RootElement.ValueKind != JsonValueKind.Object)
            {
                return Malformed("its claims are no JSON object");
            }

            ReadTexts(head.RootElement);
            ReadTexts(claims.RootElement);
            return WhyNot(head.RootElement) is { } error
                ? error
                : new JsonWebToken(
                    StatementSubject.Text(head.RootElement, "alg")!,
                    StatementSubject.Text(head.RootElement, "kid"),
                    claims.RootElement.Clone(),
                    Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"),
                    signature);
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            return Malformed("its header and its claims must be JSON objects without a member twice");
        }
    }

    /// <summary>Believes it, when it is signed with a key and meets the rules.</summary>
    /// <param name="key">The issuer's key.</param>
    /// <param name="rules">What it must say.</param>
    /// <param name="now">The time.</param>
    /// <returns>What it says; or <see cref="SigningError.SignatureInvalid"/>, <see cref="SigningError.MalformedToken"/> or <see cref="SigningError.TokenRefused"/>.</returns>
    public SigningResult<TokenClaims> Verify(JsonWebKey key, TokenRules rules, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(rules);

        // The key says what algorithm it is for: a token that names another one for it is not signed with it.
        return key.Algorithm != Algorithm || !key.Verify(_signed, _signature) ? new SigningError.SignatureInvalid(key.KeyId ?? key.Algorithm) : rules.Check(_claims, now);
    }

    private static SigningError.MalformedToken? WhyNot(JsonElement header)
    {
        if (header.ValueKind != JsonValueKind.Object)
        {
            return Malformed("its header is no JSON object");
        }

        if (StatementSubject.Text(header, "alg") is not ("RS256" or "ES256" or "EdDSA"))
        {
            return Malformed("its algorithm is not one of RS256, ES256 and EdDSA");
        }

        if (header.TryGetProperty("crit", out _))
        {
            return Malformed("it has critical extensions, and none is understood here");
        }

        if (header.TryGetProperty("kid", out var keyId) && !(keyId.ValueKind == JsonValueKind.String && keyId.GetString()!.Length <= MaxKeyId))
        {
            return Malformed($"its key id is no text of at most {MaxKeyId} characters");
        }

        // Tokens of other uses are signed with the same keys, as those that end a session (RFC 8725 §3.11).
        return header.TryGetProperty("typ", out var type) && !(type.ValueKind == JsonValueKind.String && type.GetString()!.ToUpperInvariant() is "JWT" or "AT+JWT" or "APPLICATION/JWT" or "APPLICATION/AT+JWT")
            ? Malformed("it is of another type than JWT and at+jwt")
            : null;
    }

    /// <summary>Escapes may stand for half a character, which throws whenever such a text is read; it is found out here and nowhere else.</summary>
    private static void ReadTexts(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                _ = value.GetString();
                break;
            case JsonValueKind.Array:
                foreach (var item in value.EnumerateArray())
                {
                    ReadTexts(item);
                }

                break;
            case JsonValueKind.Object:
                foreach (var member in value.EnumerateObject())
                {
                    _ = member.Name;
                    ReadTexts(member.Value);
                }

                break;
            default:
                break;
        }
    }

    private static SigningError.MalformedToken Malformed(string why) => new(why);
}

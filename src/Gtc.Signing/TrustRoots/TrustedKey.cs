using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gtc.Signing;

/// <summary>One key of a trust root. The optional members narrow what it may do; absent, they narrow nothing.</summary>
public sealed record TrustedKey
{
    /// <summary>The id of the key, see <see cref="PublicKey.KeyId"/>; compared without regard to case.</summary>
    [JsonPropertyName("key_id")]
    public required string KeyId { get; init; }

    /// <summary>The key as SPKI PEM.</summary>
    [JsonPropertyName("public_key_pem")]
    public required string PublicKeyPem { get; init; }

    /// <summary>When it was trusted, or null when that was not noted. Tells people, decides nothing.</summary>
    [JsonPropertyName("added_at")]
    [JsonConverter(typeof(UtcTimeJson))]
    public DateTimeOffset? AddedAt { get; init; }

    /// <summary>Where it is from, e.g. <c>bootstrap</c> or a DID, or null when that was not noted. Tells people, decides nothing.</summary>
    [JsonPropertyName("source")]
    public string? Source { get; init; }

    /// <summary>The last moment at which the verifier's clock may stand for its signatures to count, or null for no end.</summary>
    [JsonPropertyName("not_after")]
    [JsonConverter(typeof(UtcTimeJson))]
    public DateTimeOffset? NotAfter { get; init; }

    /// <summary>What it may sign (<see cref="KeyPurpose"/>), or null for everything; none at all when empty.</summary>
    [JsonPropertyName("purposes")]
    public ImmutableArray<string>? Purposes { get; init; }

    /// <summary>Members that this version does not know; null when there are none.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? UnknownMembers { get; set; }

    /// <summary>Whether its signatures count for a purpose at a time.</summary>
    /// <param name="purpose">One of <see cref="KeyPurpose"/>.</param>
    /// <param name="now">The verifier's time.</param>
    /// <returns>Null when they do, else a clause that says why not.</returns>
    public string? WhyNotFor(string purpose, DateTimeOffset now)
    {
        if (NotAfter is { } end && now > end)
        {
            return $"key {KeyId} is trusted until {UtcTimeJson.Format(end)} only";
        }

        return Purposes is { } purposes && (purposes.IsDefault || !purposes.Contains(purpose, StringComparer.Ordinal))
            ? $"key {KeyId} is not trusted for the purpose `{purpose}`"
            : null;
    }

    /// <summary>The entry of a key.</summary>
    public static TrustedKey Of(PublicKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return new TrustedKey { KeyId = key.KeyId, PublicKeyPem = key.ToPem() };
    }

    /// <summary>Checks that the id is not blank, that the key can be read, and that they belong together.</summary>
    /// <returns>The key, or <see cref="SigningError.EmptyKeyId"/>, <see cref="SigningError.Key"/> or <see cref="SigningError.KeyIdMismatch"/>, checked in this order.</returns>
    public SigningResult<PublicKey> Check()
    {
        if (string.IsNullOrWhiteSpace(KeyId))
        {
            return new SigningError.EmptyKeyId();
        }

        if (!PublicKey.FromPem(PublicKeyPem).TryGet(out var key, out var error))
        {
            return new SigningError.Key(error.Message);
        }

        return KeyId.Equals(key.KeyId, StringComparison.OrdinalIgnoreCase)
            ? key
            : new SigningError.KeyIdMismatch(KeyId, key.KeyId);
    }
}

using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gtc.Signing;

/// <summary>One key of a trust root.</summary>
public sealed record TrustedKey
{
    /// <summary>The id of the key, see <see cref="Ed25519PublicKey.KeyId"/>; compared without regard to case.</summary>
    [JsonPropertyName("key_id")]
    public required string KeyId { get; init; }

    /// <summary>The key as SPKI PEM.</summary>
    [JsonPropertyName("public_key_pem")]
    public required string PublicKeyPem { get; init; }

    /// <summary>Members that this version does not know; null when there are none.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? UnknownMembers { get; set; }

    /// <summary>The entry of a key.</summary>
    public static TrustedKey Of(Ed25519PublicKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return new TrustedKey { KeyId = key.KeyId, PublicKeyPem = key.ToPem() };
    }

    /// <summary>Checks that the id is not blank, that the key can be read, and that they belong together.</summary>
    /// <returns>The key, or <see cref="SigningError.EmptyKeyId"/>, <see cref="SigningError.Key"/> or <see cref="SigningError.KeyIdMismatch"/>, checked in this order.</returns>
    public SigningResult<Ed25519PublicKey> Check()
    {
        if (string.IsNullOrWhiteSpace(KeyId))
        {
            return new SigningError.EmptyKeyId();
        }

        if (!Ed25519PublicKey.FromPem(PublicKeyPem).TryGet(out var key, out var error))
        {
            return new SigningError.Key(error.Message);
        }

        return KeyId.Equals(key.KeyId, StringComparison.OrdinalIgnoreCase)
            ? key
            : new SigningError.KeyIdMismatch(KeyId, key.KeyId);
    }
}

using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gtc.Signing;

/// <summary>The keys whose signatures an environment believes (trust-and-signing.md §3). All changes are pure; an empty one refuses every signature.</summary>
public sealed record TrustRoot
{
    /// <summary>The value of <c>schema</c>.</summary>
    public const string SchemaId = "greentic.trust-root.v1";

    /// <summary>The most bytes that a document may have: 1 MiB.</summary>
    public const int MaxBytes = 1 << 20;

    /// <summary>Always <see cref="SchemaId"/>.</summary>
    [JsonPropertyName("schema")]
    public required string Schema { get; init; }

    /// <summary>The keys in the order in which they were added.</summary>
    [JsonPropertyName("keys")]
    public required ImmutableArray<TrustedKey> Keys { get; init; }

    /// <summary>Members that this version does not know; null when there are none.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? UnknownMembers { get; set; }

    /// <summary>A trust root without keys.</summary>
    public static TrustRoot Empty { get; } = new() { Schema = SchemaId, Keys = [] };

    /// <summary>Parses a document and checks every key.</summary>
    /// <returns>The trust root, or <see cref="SigningError.MalformedTrustRoot"/>, <see cref="SigningError.BadSchema"/> or a broken key's error.</returns>
    public static SigningResult<TrustRoot> Parse(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > MaxBytes)
        {
            return new SigningError.MalformedTrustRoot($"it has {utf8.Length:N0} bytes, the most is {MaxBytes:N0}");
        }

        try
        {
            return JsonSerializer.Deserialize(utf8, SigningFormat.Pretty.TrustRoot) is { } root
                ? root.Check()
                : new SigningError.MalformedTrustRoot("it is null, an object was expected");
        }
        catch (JsonException error)
        {
            return new SigningError.MalformedTrustRoot(SigningFormat.Describe(error));
        }
    }

    /// <summary>The bytes as a file: two-space indent, trailing newline.</summary>
    public byte[] ToFile() => [.. JsonSerializer.SerializeToUtf8Bytes(this, SigningFormat.Pretty.TrustRoot), (byte)'\n'];

    /// <summary>The entry with this id without regard to case, or null.</summary>
    public TrustedKey? Find(string keyId) => Keys.FirstOrDefault(key => key.KeyId.Equals(keyId, StringComparison.OrdinalIgnoreCase));

    /// <summary>Trusts a key. One with the same id is replaced; the stored id is the derived one.</summary>
    /// <param name="keyId">The id as the caller spells it.</param>
    /// <param name="publicKeyPem">The key as SPKI PEM.</param>
    /// <returns>The new trust root, or <see cref="SigningError.EmptyKeyId"/>, <see cref="SigningError.Key"/> or <see cref="SigningError.KeyIdMismatch"/>.</returns>
    public SigningResult<TrustRoot> Add(string keyId, string publicKeyPem) => Add(new TrustedKey { KeyId = keyId, PublicKeyPem = publicKeyPem });

    /// <summary>Trusts a key with what narrows it. One with the same id is replaced; stored are the derived id and our own spelling of the PEM.</summary>
    /// <returns>The new trust root, or the same errors as <see cref="Add(string, string)"/>.</returns>
    public SigningResult<TrustRoot> Add(TrustedKey supplied)
    {
        ArgumentNullException.ThrowIfNull(supplied);
        return supplied.Check().TryGet(out var key, out var error)
            ? this with { Keys = [.. Keys.Where(present => !SameId(present, key.KeyId)), supplied with { KeyId = key.KeyId, PublicKeyPem = key.ToPem() }] }
            : error;
    }

    /// <summary>The keys whose signatures count for a purpose at a time, see <see cref="TrustedKey.WhyNotFor"/>.</summary>
    public ImmutableArray<TrustedKey> KeysFor(string purpose, DateTimeOffset now) => Keys.RemoveAll(key => key.WhyNotFor(purpose, now) is not null);

    /// <summary>Trusts a key no longer; one that is absent is not an error.</summary>
    public TrustRoot Remove(string keyId) => this with { Keys = Keys.RemoveAll(present => SameId(present, keyId)) };

    private static bool SameId(TrustedKey key, string keyId) => key.KeyId.Equals(keyId, StringComparison.OrdinalIgnoreCase);

    private SigningResult<TrustRoot> Check()
    {
        if (Schema != SchemaId)
        {
            return new SigningError.BadSchema(Schema);
        }

        if (Keys.IsDefault || Keys.Any(key => key is null))
        {
            return new SigningError.MalformedTrustRoot("a key is null, an object was expected");
        }

        foreach (var key in Keys)
        {
            if (!key.Check().TryGet(out var checkedKey, out var error))
            {
                return error;
            }

            // A file holds the derived spelling; another one means that something else than gtc touched it.
            if (key.KeyId != checkedKey.KeyId)
            {
                return new SigningError.KeyIdMismatch(key.KeyId, checkedKey.KeyId);
            }
        }

        return this;
    }
}

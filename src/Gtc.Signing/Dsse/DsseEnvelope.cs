using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gtc.Signing;

/// <summary>A DSSE envelope (github.com/secure-systems-lab/dsse, protocol version 1).</summary>
public sealed record DsseEnvelope
{
    /// <summary>The only payload type that is signed and verified here.</summary>
    public const string InTotoPayloadType = "application/vnd.in-toto+json";

    /// <summary>The most bytes that an envelope may have: 4 MiB.</summary>
    public const int MaxBytes = 4 << 20;

    /// <summary>The most signatures that an envelope may have.</summary>
    public const int MaxSignatures = 64;

    /// <summary>How many older signatures stay when another one is added; more than anybody needs at once.</summary>
    private const int MaxKept = 7;

    /// <summary>What the payload is.</summary>
    [JsonPropertyName("payloadType")]
    public required string PayloadType { get; init; }

    /// <summary>The signed bytes in standard base64.</summary>
    [JsonPropertyName("payload")]
    public required string Payload { get; init; }

    /// <summary>The signatures, each over <see cref="Dsse.Pae"/>.</summary>
    [JsonPropertyName("signatures")]
    public required ImmutableArray<DsseSignature> Signatures { get; init; }

    /// <summary>Parses an envelope; whether it verifies is another question.</summary>
    /// <returns>The envelope, or <see cref="SigningError.MalformedEnvelope"/>.</returns>
    public static SigningResult<DsseEnvelope> Parse(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > MaxBytes)
        {
            return new SigningError.MalformedEnvelope($"it has {utf8.Length:N0} bytes, the most is {MaxBytes:N0}");
        }

        try
        {
            return JsonSerializer.Deserialize(utf8, SigningFormat.Compact.DsseEnvelope) is { } envelope
                ? Check(envelope)
                : new SigningError.MalformedEnvelope("it is null, an object was expected");
        }
        catch (JsonException error)
        {
            return new SigningError.MalformedEnvelope(SigningFormat.Describe(error));
        }
    }

    /// <summary>
    /// True when every key id is in the derived spelling. Verification ignores case, as the protocol's readers do; where an envelope
    /// is one that gtc wrote, another spelling means that it was changed since.
    /// </summary>
    [JsonIgnore]
    public bool HasDerivedKeyIds => Signatures.All(signature => !signature.KeyId.AsSpan().ContainsAnyInRange('A', 'Z'));

    /// <summary>Adds a signature over the same payload, for a change of keys: whoever believes either key can verify.</summary>
    /// <param name="key">The key that signs now; an older signature of its own is replaced.</param>
    /// <param name="keep">The ids of the keys whose signatures stay.</param>
    /// <returns>The envelope, or <see cref="SigningError.Base64"/>.</returns>
    public SigningResult<DsseEnvelope> CountersignedBy(PrivateKey key, IReadOnlySet<string> keep)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(keep);
        if (Dsse.FromBase64(Payload) is not { } payload)
        {
            return new SigningError.Base64("payload");
        }

        var kept = Signatures.Where(signature => signature.KeyId != key.PublicKey.KeyId && keep.Contains(signature.KeyId)).TakeLast(MaxKept);
        return this with { Signatures = [.. kept, .. Dsse.Sign(payload, key).Signatures] };
    }

    /// <summary>Two-space indented JSON without a trailing newline.</summary>
    public byte[] ToPrettyBytes() => JsonSerializer.SerializeToUtf8Bytes(this, SigningFormat.Pretty.DsseEnvelope);

    /// <summary>JSON without white space.</summary>
    public byte[] ToCompactBytes() => JsonSerializer.SerializeToUtf8Bytes(this, SigningFormat.Compact.DsseEnvelope);

    private static SigningResult<DsseEnvelope> Check(DsseEnvelope envelope)
    {
        if (envelope.Signatures.IsDefault || envelope.Signatures.Any(signature => signature is null))
        {
            return new SigningError.MalformedEnvelope("a signature is null, an object was expected");
        }

        return envelope.Signatures.Length > MaxSignatures
            ? new SigningError.MalformedEnvelope($"it has {envelope.Signatures.Length} signatures, the most is {MaxSignatures}")
            : envelope;
    }
}

/// <summary>One signature of an envelope.</summary>
public sealed record DsseSignature
{
    /// <summary>The signing key's id; empty when the signer did not say.</summary>
    [JsonPropertyName("keyid")]
    public string KeyId { get => field ?? string.Empty; init; }

    /// <summary>The signature in standard base64.</summary>
    [JsonPropertyName("sig")]
    public required string Sig { get; init; }
}

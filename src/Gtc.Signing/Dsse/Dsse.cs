using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Gtc.Signing;

/// <summary>Signs and verifies in-toto statements in DSSE envelopes (trust-and-signing.md §4). The one verifier for all of gtc.</summary>
public static class Dsse
{
    /// <summary>The bytes that a signature covers: <c>DSSEv1</c>, then type and payload, each after its length in bytes.</summary>
    /// <param name="payloadType">The payload's type.</param>
    /// <param name="payload">The decoded payload.</param>
    public static byte[] Pae(string payloadType, ReadOnlySpan<byte> payload)
    {
        ArgumentNullException.ThrowIfNull(payloadType);
        var typeLength = Encoding.UTF8.GetByteCount(payloadType);
        var head = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"DSSEv1 {typeLength} {payloadType} {payload.Length} "));
        return [.. head, .. payload];
    }

    /// <summary>Signs exactly these bytes as an in-toto payload.</summary>
    public static DsseEnvelope Sign(ReadOnlySpan<byte> statement, PrivateKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        var signature = key.Sign(Pae(DsseEnvelope.InTotoPayloadType, statement));
        return new DsseEnvelope
        {
            PayloadType = DsseEnvelope.InTotoPayloadType,
            Payload = Convert.ToBase64String(statement),
            Signatures = [new DsseSignature { KeyId = key.PublicKey.KeyId, Sig = Convert.ToBase64String(signature) }],
        };
    }

    /// <summary>Verifies an envelope: at least one signature by a trusted key must fit.</summary>
    /// <param name="envelope">The envelope.</param>
    /// <param name="trusted">The keys to believe; none means that nothing verifies.</param>
    /// <returns>Who signed and what, or why it is refused, in the order of trust-and-signing.md §4.1.</returns>
    public static SigningResult<VerifiedStatement> Verify(DsseEnvelope envelope, ImmutableArray<TrustedKey> trusted)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        if (envelope.PayloadType != DsseEnvelope.InTotoPayloadType)
        {
            return new SigningError.UnsupportedPayloadType(envelope.PayloadType);
        }

        if (FromBase64(envelope.Payload) is not { } payload)
        {
            return new SigningError.Base64("payload");
        }

        if (!InTotoStatement.Parse(payload).TryGet(out var statement, out var malformed))
        {
            return malformed;
        }

        return VerifySignatures(envelope, Pae(envelope.PayloadType, payload), trusted).TryGet(out var keyIds, out var error)
            ? new VerifiedStatement(statement, keyIds)
            : error;
    }

    /// <summary>Verifies an envelope over the bytes of an artifact.</summary>
    /// <param name="envelope">The envelope as JSON.</param>
    /// <param name="sha256">The artifact's SHA-256 in hex of either case, with or without <c>sha256:</c>.</param>
    /// <param name="trusted">The keys to believe.</param>
    public static SigningResult<VerifiedStatement> VerifyArtifact(ReadOnlySpan<byte> envelope, string sha256, ImmutableArray<TrustedKey> trusted)
    {
        ArgumentNullException.ThrowIfNull(sha256);
        if (!DsseEnvelope.Parse(envelope).TryGet(out var parsed, out var malformed))
        {
            return malformed;
        }

        if (!Verify(parsed, trusted).TryGet(out var verified, out var error))
        {
            return error;
        }

        if (verified.Statement.Subjects.FirstOrDefault(subject => subject.Sha256 is not null)?.Sha256 is not { } stated)
        {
            return new SigningError.NoSubjectDigest();
        }

        return BareHex(stated).Equals(BareHex(sha256), StringComparison.OrdinalIgnoreCase)
            ? verified
            : new SigningError.SubjectDigestMismatch(stated, sha256);
    }

    private static SigningResult<ImmutableArray<string>> VerifySignatures(DsseEnvelope envelope, byte[] signed, ImmutableArray<TrustedKey> trusted)
    {
        var verified = ImmutableArray.CreateBuilder<string>();
        string? failed = null;
        foreach (var signature in envelope.Signatures)
        {
            if (Find(trusted, signature.KeyId) is not { } entry)
            {
                continue;
            }

            if (!entry.Check().TryGet(out var key, out var badKey))
            {
                return new SigningError.KeyDecode($"trusted key {entry.KeyId}: {badKey.Message}");
            }

            if (FromBase64(signature.Sig) is not { } bytes)
            {
                return new SigningError.Base64("signature");
            }

            if (bytes.Length != key.Scheme.SignatureLength)
            {
                return new SigningError.KeyDecode($"the signature by {key} has {bytes.Length} bytes, {key.Scheme.SignatureLength} were expected");
            }

            if (!key.Verify(signed, bytes))
            {
                failed ??= key.KeyId;
            }
            else if (!verified.Contains(key.KeyId))
            {
                verified.Add(key.KeyId);
            }
        }

        if (verified.Count > 0)
        {
            return verified.ToImmutable();
        }

        return failed is null
            ? new SigningError.NoTrustedKey([.. envelope.Signatures.Select(signature => signature.KeyId)])
            : new SigningError.SignatureInvalid(failed);
    }

    /// <summary>An empty id matches nothing, so that a key without an id cannot be believed by accident.</summary>
    private static TrustedKey? Find(ImmutableArray<TrustedKey> trusted, string keyId) =>
        keyId.Length == 0 ? null : trusted.FirstOrDefault(key => key.KeyId.Equals(keyId, StringComparison.OrdinalIgnoreCase));

    /// <summary>Strict base64: no white space, full padding, zero filler bits; so one value has one text.</summary>
    internal static byte[]? FromBase64(string text)
    {
        var bytes = new byte[(text.Length / 4 * 3) + 3];
        return Convert.TryFromBase64String(text, bytes, out var length) && Convert.ToBase64String(bytes, 0, length) == text
            ? bytes[..length]
            : null;
    }

    private static ReadOnlySpan<char> BareHex(string digest) =>
        digest.StartsWith("sha256:", StringComparison.OrdinalIgnoreCase) ? digest.AsSpan("sha256:".Length) : digest;
}

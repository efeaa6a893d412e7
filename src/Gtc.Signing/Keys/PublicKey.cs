using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Gtc.Signing;

/// <summary>A public key of one of the schemes that gtc verifies with: Ed25519 or ECDSA P-256. A closed family.</summary>
public abstract class PublicKey : IEquatable<PublicKey>
{
    internal const string Label = "PUBLIC KEY";

    private readonly byte[] _raw;

    private protected PublicKey(byte[] raw)
    {
        _raw = raw;
        KeyId = Convert.ToHexStringLower(SHA256.HashData(raw).AsSpan(0, 16));
    }

    /// <summary>The algorithm.</summary>
    public abstract ISignatureScheme Scheme { get; }

    /// <summary>The raw key: 32 bytes for Ed25519; for P-256 the uncompressed point of 65 bytes, <c>04</c>, X, Y (SEC 1 §2.3.3).</summary>
    public ReadOnlySpan<byte> Raw => _raw;

    /// <summary>
    /// The first 16 bytes of the raw key's SHA-256 as 32 lower-case hex digits (trust-and-signing.md §1). The rule is the same for
    /// every scheme; since raw keys of different schemes differ in length, no id can stand for keys of two schemes.
    /// </summary>
    public string KeyId { get; }

    /// <summary>The bytes of SubjectPublicKeyInfo up to the raw key; the named forms have exactly one.</summary>
    private protected abstract ReadOnlySpan<byte> SpkiPrefix { get; }

    /// <summary>Reads SPKI PEM (<c>-----BEGIN PUBLIC KEY-----</c>) of either scheme.</summary>
    /// <returns>The key, or <see cref="SigningError.KeyDecode"/>.</returns>
    public static SigningResult<PublicKey> FromPem(ReadOnlySpan<char> pem)
    {
        if (!PemBlock.Decode(pem, Label).TryGet(out var der, out var error))
        {
            return error;
        }

        if (Ed25519PublicKey.FromSpki(der) is { } ed25519)
        {
            return ed25519.TryGet(out var key, out error) ? key : error;
        }

        if (P256PublicKey.FromSpki(der) is { } p256)
        {
            return p256.TryGet(out var key, out error) ? key : error;
        }

        return new SigningError.KeyDecode("the public key is neither an Ed25519 key (algorithm 1.3.101.112) nor an uncompressed point on the named curve P-256 (1.2.840.10045.3.1.7)");
    }

    /// <summary>SPKI PEM with LF line ends and a final one.</summary>
    public string ToPem()
    {
        byte[] der = [.. SpkiPrefix, .. _raw];
        return PemEncoding.WriteString(Label, der) + "\n";
    }

    /// <summary>Strict verification, see <see cref="Ed25519Scheme"/> and <see cref="P256Scheme"/>; false for whatever is malformed.</summary>
    public bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) => Scheme.Verify(_raw, message, signature);

    /// <inheritdoc/>
    public bool Equals([NotNullWhen(true)] PublicKey? other) => other is not null && _raw.AsSpan().SequenceEqual(other._raw);

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => Equals(obj as PublicKey);

    /// <inheritdoc/>
    public override int GetHashCode() => BitConverter.ToInt32(_raw, 4);

    /// <inheritdoc/>
    public override string ToString() => $"{Scheme.Name} {KeyId}";
}

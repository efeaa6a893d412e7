using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Gtc.Signing;

/// <summary>An Ed25519 public key that is canonically encoded and not of small order.</summary>
public sealed class Ed25519PublicKey : IEquatable<Ed25519PublicKey>
{
    private const string Label = "PUBLIC KEY";

    /// <summary>The DER of SubjectPublicKeyInfo {1.3.101.112, no parameters} up to the raw key (RFC 8410 §4); DER allows no other.</summary>
    private static ReadOnlySpan<byte> SpkiPrefix => [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

    private readonly byte[] _raw;

    private Ed25519PublicKey(byte[] raw)
    {
        _raw = raw;
        KeyId = Convert.ToHexStringLower(SHA256.HashData(raw).AsSpan(0, 16));
    }

    /// <summary>The 32 raw bytes.</summary>
    public ReadOnlySpan<byte> Raw => _raw;

    /// <summary>The first 16 bytes of the raw key's SHA-256 as 32 lower-case hex digits (trust-and-signing.md §1).</summary>
    public string KeyId { get; }

    /// <summary>Takes 32 raw bytes.</summary>
    public static SigningResult<Ed25519PublicKey> FromRaw(ReadOnlySpan<byte> raw)
    {
        if (raw.Length != Ed25519Scheme.KeyLength)
        {
            return new SigningError.KeyDecode($"an Ed25519 public key has {Ed25519Scheme.KeyLength} bytes, {raw.Length} were found");
        }

        return Ed25519Encoding.IsStrongPoint(raw)
            ? new Ed25519PublicKey(raw.ToArray())
            : new SigningError.KeyDecode("the Ed25519 public key is of small order or not canonically encoded, and verifies nothing");
    }

    /// <summary>Reads SPKI PEM (<c>-----BEGIN PUBLIC KEY-----</c>).</summary>
    public static SigningResult<Ed25519PublicKey> FromPem(ReadOnlySpan<char> pem)
    {
        var der = PemBlock.Decode(pem, Label);
        if (!der.TryGet(out var bytes, out var error))
        {
            return error;
        }

        return bytes.AsSpan().StartsWith(SpkiPrefix) && bytes.Length == SpkiPrefix.Length + Ed25519Scheme.KeyLength
            ? FromRaw(bytes.AsSpan(SpkiPrefix.Length))
            : new SigningError.KeyDecode("the public key is not an Ed25519 key (algorithm 1.3.101.112)");
    }

    /// <summary>SPKI PEM with LF line ends and a final one.</summary>
    public string ToPem()
    {
        Span<byte> der = stackalloc byte[SpkiPrefix.Length + Ed25519Scheme.KeyLength];
        SpkiPrefix.CopyTo(der);
        _raw.CopyTo(der[SpkiPrefix.Length..]);
        return PemEncoding.WriteString(Label, der) + "\n";
    }

    /// <summary>Strict verification, see <see cref="Ed25519Scheme"/>.</summary>
    public bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) => Ed25519Scheme.Instance.Verify(_raw, message, signature);

    /// <inheritdoc/>
    public bool Equals([NotNullWhen(true)] Ed25519PublicKey? other) => other is not null && _raw.AsSpan().SequenceEqual(other._raw);

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => Equals(obj as Ed25519PublicKey);

    /// <inheritdoc/>
    public override int GetHashCode() => BitConverter.ToInt32(_raw);

    /// <inheritdoc/>
    public override string ToString() => $"Ed25519 {KeyId}";
}

namespace Gtc.Signing;

/// <summary>An Ed25519 public key that is canonically encoded and not of small order.</summary>
public sealed class Ed25519PublicKey : PublicKey
{
    private Ed25519PublicKey(byte[] raw)
        : base(raw)
    {
    }

    /// <inheritdoc/>
    public override ISignatureScheme Scheme => Ed25519Scheme.Instance;

    /// <summary>The DER of SubjectPublicKeyInfo {1.3.101.112, no parameters} up to the raw key (RFC 8410 §4); DER allows no other.</summary>
    private static ReadOnlySpan<byte> Prefix => [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

    private protected override ReadOnlySpan<byte> SpkiPrefix => Prefix;

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

    /// <summary>Reads SPKI PEM that must hold a key of this scheme.</summary>
    public static new SigningResult<Ed25519PublicKey> FromPem(ReadOnlySpan<char> pem)
    {
        if (!PemBlock.Decode(pem, Label).TryGet(out var der, out var error))
        {
            return error;
        }

        return FromSpki(der) ?? new SigningError.KeyDecode("the public key is not an Ed25519 key (algorithm 1.3.101.112)");
    }

    /// <summary>Null when the structure is not of this scheme.</summary>
    internal static SigningResult<Ed25519PublicKey>? FromSpki(ReadOnlySpan<byte> der) =>
        der.StartsWith(Prefix) && der.Length == Prefix.Length + Ed25519Scheme.KeyLength ? FromRaw(der[Prefix.Length..]) : (SigningResult<Ed25519PublicKey>?)null;
}

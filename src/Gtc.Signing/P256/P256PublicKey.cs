namespace Gtc.Signing;

/// <summary>A point on the curve P-256. Its raw form, over which the key id is made, is the uncompressed one of 65 bytes.</summary>
public sealed class P256PublicKey : PublicKey
{
    private P256PublicKey(byte[] raw)
        : base(raw)
    {
    }

    /// <inheritdoc/>
    public override ISignatureScheme Scheme => P256Scheme.Instance;

    /// <summary>The DER of SubjectPublicKeyInfo {1.2.840.10045.2.1, named curve 1.2.840.10045.3.1.7} up to the uncompressed point (RFC 5480 §2).</summary>
    private static ReadOnlySpan<byte> Prefix =>
    [
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
        0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
    ];

    private protected override ReadOnlySpan<byte> SpkiPrefix => Prefix;

    /// <summary>Takes an uncompressed point: <c>04</c>, X, Y.</summary>
    public static SigningResult<P256PublicKey> FromRaw(ReadOnlySpan<byte> raw) => P256Scheme.IsPoint(raw)
        ? new P256PublicKey(raw.ToArray())
        : new SigningError.KeyDecode("the P-256 public key is not an uncompressed point of 65 bytes on the curve");

    /// <summary>Null when the structure is not of this scheme.</summary>
    internal static SigningResult<P256PublicKey>? FromSpki(ReadOnlySpan<byte> der) =>
        der.StartsWith(Prefix) && der.Length == Prefix.Length + P256Scheme.PointLength ? FromRaw(der[Prefix.Length..]) : (SigningResult<P256PublicKey>?)null;
}

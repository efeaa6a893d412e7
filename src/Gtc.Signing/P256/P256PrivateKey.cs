using System.Formats.Asn1;
using System.Security.Cryptography;

namespace Gtc.Signing;

/// <summary>A private scalar of P-256.</summary>
public sealed class P256PrivateKey : PrivateKey
{
    private const string KeyOid = "1.2.840.10045.2.1";

    private const string CurveOid = "1.2.840.10045.3.1.7";

    private P256PrivateKey(ReadOnlySpan<byte> scalar, P256PublicKey publicKey)
        : base(scalar)
    {
        PublicKey = publicKey;
    }

    /// <inheritdoc/>
    public override P256PublicKey PublicKey { get; }

    /// <summary>PKCS#8 around an ECPrivateKey (RFC 5915) with its public key.</summary>
    private protected override (ReadOnlyMemory<byte> Before, ReadOnlyMemory<byte> After) Pkcs8Frame =>
    (
        new byte[]
        {
            0x30, 0x81, 0x87, 0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
            0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x04, 0x6d, 0x30, 0x6b, 0x02, 0x01, 0x01, 0x04, 0x20,
        },
        (byte[])[0xa1, 0x44, 0x03, 0x42, 0x00, .. PublicKey.Raw]
    );

    /// <summary>Takes a scalar of 32 bytes.</summary>
    /// <returns>The key, or <see cref="SigningError.KeyDecode"/> when it is not a number from 1 to n − 1.</returns>
    public static SigningResult<P256PrivateKey> FromScalar(ReadOnlySpan<byte> scalar)
    {
        if (scalar.Length != P256Scheme.ScalarLength || !P256Scheme.IsScalar(scalar))
        {
            return new SigningError.KeyDecode("a P-256 private key is a number from 1 to n − 1 in 32 bytes");
        }

        Span<byte> raw = stackalloc byte[P256Scheme.PointLength];
        P256Scheme.Instance.DerivePublicKey(scalar, raw);
        return new P256PrivateKey(scalar, P256PublicKey.FromRaw(raw).Value);
    }

    /// <summary>True when a PKCS#8 structure says that it holds a key on some elliptic curve of this kind.</summary>
    internal static bool IsOne(ReadOnlyMemory<byte> der)
    {
        try
        {
            var info = new AsnReader(der, AsnEncodingRules.DER).ReadSequence();
            _ = info.ReadInteger();
            return info.ReadSequence().ReadObjectIdentifier() == KeyOid;
        }
        catch (AsnContentException)
        {
            return false;
        }
    }

    internal static SigningResult<P256PrivateKey> FromPkcs8(ReadOnlyMemory<byte> der)
    {
        try
        {
            return Read(der);
        }
        catch (AsnContentException)
        {
            return new SigningError.KeyDecode("the private key is not a PKCS#8 structure with a P-256 key in it");
        }
    }

    private static SigningResult<P256PrivateKey> Read(ReadOnlyMemory<byte> der)
    {
        var outer = new AsnReader(der, AsnEncodingRules.DER);
        var info = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        if (!info.TryReadInt32(out var version) || version is not (0 or 1))
        {
            return new SigningError.KeyDecode("the private key is a PKCS#8 structure of an unknown version");
        }

        var algorithm = info.ReadSequence();
        _ = algorithm.ReadObjectIdentifier();
        if (!algorithm.HasData || !algorithm.PeekTag().HasSameClassAndValue(Asn1Tag.ObjectIdentifier) || algorithm.ReadObjectIdentifier() != CurveOid)
        {
            return new SigningError.KeyDecode($"the private key is not on the named curve P-256 ({CurveOid})");
        }

        var wrapped = info.ReadOctetString();
        try
        {
            return ReadInner(wrapped);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(wrapped);
        }
    }

    /// <summary>An ECPrivateKey (RFC 5915).</summary>
    private static SigningResult<P256PrivateKey> ReadInner(byte[] der)
    {
        var wrapped = new AsnReader(der, AsnEncodingRules.DER);
        var inner = wrapped.ReadSequence();
        wrapped.ThrowIfNotEmpty();
        if (!inner.TryReadInt32(out var version) || version != 1)
        {
            return new SigningError.KeyDecode("the elliptic curve key is of an unknown version");
        }

        var scalar = inner.ReadOctetString();
        try
        {
            return FromScalar(scalar).TryGet(out var key, out var error) ? CheckPublicKey(inner, key) : error;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(scalar);
        }
    }

    /// <summary>The optional public key must be that of the scalar; the optional curve was named outside already.</summary>
    private static SigningResult<P256PrivateKey> CheckPublicKey(AsnReader inner, P256PrivateKey key)
    {
        while (inner.HasData)
        {
            var tag = inner.PeekTag();
            if (!tag.HasSameClassAndValue(new Asn1Tag(TagClass.ContextSpecific, 1)))
            {
                _ = inner.ReadEncodedValue();
            }
            else if (!inner.ReadSequence(tag).ReadBitString(out _).AsSpan().SequenceEqual(key.PublicKey.Raw))
            {
                key.Dispose();
                return new SigningError.KeyDecode("the public key inside the private key file belongs to another key");
            }
        }

        return key;
    }
}

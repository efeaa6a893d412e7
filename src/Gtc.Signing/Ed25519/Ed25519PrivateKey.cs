using System.Formats.Asn1;
using System.Security.Cryptography;

namespace Gtc.Signing;

/// <summary>An Ed25519 seed.</summary>
public sealed class Ed25519PrivateKey : PrivateKey
{
    private const string Oid = "1.3.101.112";

    private Ed25519PrivateKey(ReadOnlySpan<byte> seed, Ed25519PublicKey publicKey)
        : base(seed)
    {
        PublicKey = publicKey;
    }

    /// <inheritdoc/>
    public override Ed25519PublicKey PublicKey { get; }

    /// <summary>A version 1 PKCS#8 structure up to the seed, after which nothing follows (RFC 8410 §7).</summary>
    private protected override (ReadOnlyMemory<byte> Before, ReadOnlyMemory<byte> After) Pkcs8Frame =>
        (new byte[] { 0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20 }, default);

    /// <summary>Takes a seed of 32 bytes.</summary>
    /// <exception cref="ArgumentException">There are not 32 bytes.</exception>
    public static Ed25519PrivateKey FromSeed(ReadOnlySpan<byte> seed)
    {
        Span<byte> raw = stackalloc byte[Ed25519Scheme.KeyLength];
        Ed25519Scheme.Instance.DerivePublicKey(seed, raw);
        return new(seed, Ed25519PublicKey.FromRaw(raw).Value);
    }

    /// <summary>Reads PKCS#8 PEM, version 1 (seed) or 2 (seed and public key, which must belong together; RFC 5958).</summary>
    public static new SigningResult<Ed25519PrivateKey> FromPem(ReadOnlySpan<char> pem)
    {
        if (!PemBlock.Decode(pem, Label).TryGet(out var der, out var error))
        {
            return error;
        }

        try
        {
            return FromDer(der);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(der);
        }
    }

    internal static SigningResult<Ed25519PrivateKey> FromDer(ReadOnlyMemory<byte> der)
    {
        try
        {
            return FromPkcs8(der);
        }
        catch (AsnContentException)
        {
            return new SigningError.KeyDecode("the private key is not a PKCS#8 structure");
        }
    }

    private static SigningResult<Ed25519PrivateKey> FromPkcs8(ReadOnlyMemory<byte> der)
    {
        var outer = new AsnReader(der, AsnEncodingRules.DER);
        var info = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        if (!info.TryReadInt32(out var version) || version is not (0 or 1))
        {
            return new SigningError.KeyDecode("the private key is a PKCS#8 structure of an unknown version");
        }

        var algorithm = info.ReadSequence();
        if (algorithm.ReadObjectIdentifier() != Oid || algorithm.HasData)
        {
            return new SigningError.KeyDecode($"the private key is not an Ed25519 key (algorithm {Oid})");
        }

        Span<byte> wrapped = stackalloc byte[2 + Ed25519Scheme.SeedLength];
        try
        {
            // The seed is an OCTET STRING inside the OCTET STRING.
            if (!info.TryReadOctetString(wrapped, out var length) || length != wrapped.Length || wrapped[0] != 4 || wrapped[1] != Ed25519Scheme.SeedLength)
            {
                return new SigningError.KeyDecode($"an Ed25519 seed of {Ed25519Scheme.SeedLength} bytes was expected");
            }

            var key = FromSeed(wrapped[2..]);
            if (ReadPublicKey(info) is { } stated && !stated.AsSpan().SequenceEqual(key.PublicKey.Raw))
            {
                key.Dispose();
                return new SigningError.KeyDecode("the public key inside the private key file belongs to another key");
            }

            return key;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(wrapped);
        }
    }

    /// <summary>The optional public key; attributes are skipped. Some writers wrap it in an explicit tag, the standard wants an implicit one.</summary>
    private static byte[]? ReadPublicKey(AsnReader info)
    {
        byte[]? found = null;
        while (info.HasData)
        {
            var tag = info.PeekTag();
            if (!tag.HasSameClassAndValue(new Asn1Tag(TagClass.ContextSpecific, 1)))
            {
                _ = info.ReadEncodedValue();
            }
            else if (tag.IsConstructed)
            {
                found = info.ReadSequence(tag).ReadBitString(out _);
            }
            else
            {
                found = info.ReadBitString(out _, tag);
            }
        }

        return found;
    }
}

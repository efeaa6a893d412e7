using System.Security.Cryptography;

namespace Gtc.Signing;

/// <summary>
/// ECDSA over P-256 with SHA-256 (FIPS 186-5). A signature is r and s as 32 big-endian bytes each (IEEE P1363); DER is not accepted.
/// Of the two values of s that fit, only the lower one, s ≤ (n − 1) / 2, is made and accepted, so that nobody but the key's owner
/// can turn a signature into another one. A signature from a device that does not care must be brought to low s (n − s) first.
/// </summary>
/// <remarks>The arithmetic is the base library's, which checks that a point lies on the curve.</remarks>
public sealed class P256Scheme : ISignatureScheme
{
    /// <summary>The length of a private scalar.</summary>
    public const int ScalarLength = 32;

    /// <summary>The length of a public key: an uncompressed point.</summary>
    public const int PointLength = 65;

    /// <summary>The length of a signature: r, then s.</summary>
    public const int SigLength = 64;

    private const byte Uncompressed = 4;

    private P256Scheme()
    {
    }

    /// <summary>The one instance.</summary>
    public static P256Scheme Instance { get; } = new();

    /// <inheritdoc/>
    public string Name => "ECDSA P-256";

    /// <inheritdoc/>
    public int PrivateKeyLength => ScalarLength;

    /// <inheritdoc/>
    public int PublicKeyLength => PointLength;

    /// <inheritdoc/>
    public int SignatureLength => SigLength;

    /// <summary>The order of the group, n.</summary>
    internal static ReadOnlySpan<byte> Order =>
    [
        0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
    ];

    /// <summary>(n − 1) / 2, the largest s that is accepted.</summary>
    private static ReadOnlySpan<byte> HalfOrder =>
    [
        0x7f, 0xff, 0xff, 0xff, 0x80, 0x00, 0x00, 0x00, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xde, 0x73, 0x7d, 0x56, 0xd3, 0x8b, 0xcf, 0x42, 0x79, 0xdc, 0xe5, 0x61, 0x7e, 0x31, 0x92, 0xa8,
    ];

    /// <inheritdoc/>
    public void DerivePublicKey(ReadOnlySpan<byte> privateKey, Span<byte> publicKey)
    {
        RequireLength(privateKey.Length, ScalarLength, nameof(privateKey));
        RequireLength(publicKey.Length, PointLength, nameof(publicKey));
        using var key = OfScalar(privateKey);
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        publicKey[0] = Uncompressed;
        point.X.CopyTo(publicKey[1..]);
        point.Y.CopyTo(publicKey[(1 + ScalarLength)..]);
    }

    /// <inheritdoc/>
    public void Sign(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> message, Span<byte> signature)
    {
        RequireLength(privateKey.Length, ScalarLength, nameof(privateKey));
        RequireLength(signature.Length, SigLength, nameof(signature));
        using var key = OfScalar(privateKey);
        if (!key.TrySignData(message, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation, out _))
        {
            throw new CryptographicException("The base library made a P-256 signature of more than 64 bytes.");
        }

        var s = signature[ScalarLength..];
        if (s.SequenceCompareTo(HalfOrder) > 0)
        {
            SubtractFromOrder(s);
        }
    }

    /// <inheritdoc/>
    public bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
        signature.Length == SigLength && signature[ScalarLength..].SequenceCompareTo(HalfOrder) <= 0 && VerifyEitherForm(publicKey, message, signature);

    /// <summary>As <see cref="Verify"/>, for signatures of others who do not care which of the two values of s they make, as in JOSE (RFC 7518 §3.4).</summary>
    internal static bool VerifyEitherForm(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (signature.Length != SigLength || !IsScalar(signature[..ScalarLength]) || !IsScalar(signature[ScalarLength..]))
        {
            return false;
        }

        using var key = OfPoint(publicKey);
        return key is not null && key.VerifyData(message, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    /// <summary>True for 1 to n − 1 in 32 bytes.</summary>
    internal static bool IsScalar(ReadOnlySpan<byte> value) => value.ContainsAnyExcept((byte)0) && value.SequenceCompareTo(Order) < 0;

    /// <summary>True for an uncompressed point on the curve; the point at infinity has no such form.</summary>
    internal static bool IsPoint(ReadOnlySpan<byte> raw)
    {
        using var key = OfPoint(raw);
        return key is not null;
    }

    private static ECDsa? OfPoint(ReadOnlySpan<byte> raw)
    {
        if (raw.Length != PointLength || raw[0] != Uncompressed)
        {
            return null;
        }

        try
        {
            return ECDsa.Create(new ECParameters
            {
                Curve = ECCurve.NamedCurves.nistP256,
                Q = new ECPoint { X = raw[1..(1 + ScalarLength)].ToArray(), Y = raw[(1 + ScalarLength)..].ToArray() },
            });
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static ECDsa OfScalar(ReadOnlySpan<byte> scalar)
    {
        if (!IsScalar(scalar))
        {
            throw new ArgumentException("A P-256 private key is a number from 1 to n − 1.", nameof(scalar));
        }

        var secret = GC.AllocateUninitializedArray<byte>(ScalarLength, pinned: true);
        scalar.CopyTo(secret);
        try
        {
            return ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = secret });
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    /// <summary>n − value, in place.</summary>
    private static void SubtractFromOrder(Span<byte> value)
    {
        var borrow = 0;
        for (var index = ScalarLength - 1; index >= 0; index--)
        {
            var difference = Order[index] - value[index] - borrow;
            borrow = difference < 0 ? 1 : 0;
            value[index] = (byte)difference;
        }
    }

    private static void RequireLength(int actual, int expected, string name)
    {
        if (actual != expected)
        {
            throw new ArgumentException($"Expected {expected} bytes, found {actual}.", name);
        }
    }
}

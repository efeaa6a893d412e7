namespace Gtc.Signing;

/// <summary>The checks on raw bytes that make verification strict. Everything here is public, so nothing needs constant time.</summary>
internal static class Ed25519Encoding
{
    /// <summary>The group order L = 2^252 + 27742317777372353535851937790883648493, little-endian (RFC 8032 §5.1).</summary>
    private static ReadOnlySpan<byte> Order =>
    [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x10,
    ];

    /// <summary>The field's prime 2^255 - 19, little-endian.</summary>
    private static ReadOnlySpan<byte> Prime =>
    [
        0xed, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f,
    ];

    /// <summary>The y coordinates of the eight points whose order divides eight, as bytes in encoding order; each fits both signs of x.</summary>
    private static readonly byte[][] WeakY =
    [
        Convert.FromHexString("0000000000000000000000000000000000000000000000000000000000000000"),
        Convert.FromHexString("0100000000000000000000000000000000000000000000000000000000000000"),
        Convert.FromHexString("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
        Convert.FromHexString("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
        Convert.FromHexString("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
    ];

    /// <summary>True for a 32-byte scalar below L; a signature with S + L would otherwise fit as well.</summary>
    public static bool IsCanonicalScalar(ReadOnlySpan<byte> scalar) => IsBelow(scalar, Order);

    /// <summary>True for a 32-byte point whose y is below the prime and which is not of small order. Whether it lies on the curve is left to the arithmetic.</summary>
    public static bool IsStrongPoint(ReadOnlySpan<byte> point)
    {
        Span<byte> y = stackalloc byte[32];
        point.CopyTo(y);
        y[31] &= 0x7f;
        if (!IsBelow(y, Prime))
        {
            return false;
        }

        foreach (var weak in WeakY)
        {
            if (y.SequenceEqual(weak))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsBelow(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        for (var position = 31; position >= 0; position--)
        {
            if (left[position] != right[position])
            {
                return left[position] < right[position];
            }
        }

        return false;
    }
}

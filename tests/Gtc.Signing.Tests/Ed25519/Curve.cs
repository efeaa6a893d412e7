using System.Numerics;

namespace Gtc.Signing.Tests;

/// <summary>The curve -x² + y² = 1 + d x² y² over 2^255 - 19 in plain big integers: slow, and independent of the library under test.</summary>
internal static class Curve
{
    private static readonly BigInteger P = BigInteger.Pow(2, 255) - 19;

    private static readonly BigInteger D = Mod(-121665 * Inverse(121666));

    public static BigInteger Order { get; } = BigInteger.Pow(2, 252) + BigInteger.Parse("27742317777372353535851937790883648493", System.Globalization.CultureInfo.InvariantCulture);

    public static (BigInteger X, BigInteger Y) Neutral { get; } = (0, 1);

    public static (BigInteger X, BigInteger Y) BasePoint { get; } = Decode(Convert.FromHexString("58" + string.Concat(Enumerable.Repeat("66", 31))))!.Value;

    public static (BigInteger X, BigInteger Y)? Decode(byte[] encoding)
    {
        var y = new BigInteger(encoding, isUnsigned: true) & ((BigInteger.One << 255) - 1);
        var square = Mod((y * y - 1) * Inverse((D * y * y) + 1));
        var x = BigInteger.ModPow(square, (P + 3) / 8, P);
        if (Mod((x * x) - square) != 0)
        {
            x = Mod(x * BigInteger.ModPow(2, (P - 1) / 4, P));
        }

        if (Mod((x * x) - square) != 0)
        {
            return null;
        }

        var isOdd = (encoding[31] & 0x80) != 0;
        return (x.IsEven == isOdd ? Mod(-x) : x, y);
    }

    public static byte[] Encode((BigInteger X, BigInteger Y) point)
    {
        var bytes = new byte[32];
        point.Y.TryWriteBytes(bytes, out _, isUnsigned: true);
        bytes[31] |= point.X.IsEven ? (byte)0 : (byte)0x80;
        return bytes;
    }

    public static (BigInteger X, BigInteger Y) Multiply(int factor, (BigInteger X, BigInteger Y) point) =>
        factor == 0 ? Neutral : Add(point, Multiply(factor - 1, point));

    private static (BigInteger X, BigInteger Y) Add((BigInteger X, BigInteger Y) a, (BigInteger X, BigInteger Y) b)
    {
        var product = Mod(D * a.X * b.X * a.Y * b.Y);
        return (Mod(((a.X * b.Y) + (b.X * a.Y)) * Inverse(1 + product)), Mod(((a.Y * b.Y) + (a.X * b.X)) * Inverse(1 - product)));
    }

    private static BigInteger Inverse(BigInteger value) => BigInteger.ModPow(Mod(value), P - 2, P);

    private static BigInteger Mod(BigInteger value) => ((value % P) + P) % P;
}

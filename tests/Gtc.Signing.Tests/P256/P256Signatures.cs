using System.Numerics;
using System.Security.Cryptography;

namespace Gtc.Signing.Tests;

public sealed class P256Signatures
{
    // RFC 6979 A.2.5.
    private const string Scalar = "C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721";
    private const string X = "60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6";
    private const string Y = "7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299";
    private const string SampleR = "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716";
    private const string SampleS = "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8";
    private const string TestR = "F1ABB023518351CD71D881567B1EA663ED3EFCF6C5132B354F28D3B0B7D38367";
    private const string TestS = "019F4113742A2B14BD25926B49C649155F267E60D3814B4C0CC84250E46F0083";
    private const string N = "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551";

    private static byte[] Point => Hex("04" + X + Y);

    [Fact]
    public void The_public_key_of_the_standards_scalar_is_the_standards_point()
    {
        using var key = Key();
        key.PublicKey.Raw.ToArray().ShouldBe(Point);
        key.PublicKey.KeyId.ShouldBe(Convert.ToHexStringLower(SHA256.HashData(Point).AsSpan(0, 16)));
    }

    [Fact]
    public void The_standards_signatures_verify_once_s_is_low()
    {
        P256Scheme.Instance.Verify(Point, "test"u8, Hex(TestR + TestS)).ShouldBeTrue("its s is low already");
        P256Scheme.Instance.Verify(Point, "sample"u8, Hex(SampleR + SampleS)).ShouldBeFalse("its s is high");
        P256Scheme.Instance.Verify(Point, "sample"u8, Hex(SampleR + Minus(SampleS))).ShouldBeTrue();
        P256Scheme.Instance.Verify(Point, "test"u8, Hex(TestR + Minus(TestS))).ShouldBeFalse("the twin of a good signature");
        P256Scheme.Instance.Verify(Point, "sample"u8, Hex(TestR + TestS)).ShouldBeFalse();
    }

    [Fact]
    public void What_is_signed_verifies_and_has_a_low_s()
    {
        using var key = Key();
        for (var message = 0; message < 64; message++)
        {
            var signature = key.Sign([(byte)message]);
            signature.Length.ShouldBe(64);
            (Number(Convert.ToHexString(signature.AsSpan(32))) <= Number(N) / 2).ShouldBeTrue();
            key.PublicKey.Verify([(byte)message], signature).ShouldBeTrue();
            key.PublicKey.Verify([(byte)(message + 1)], signature).ShouldBeFalse();
        }
    }

    [Fact]
    public void No_flipped_bit_of_a_signature_verifies()
    {
        var good = Hex(TestR + TestS);
        for (var bit = 0; bit < good.Length * 8; bit++)
        {
            var flipped = good.ToArray();
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            P256Scheme.Instance.Verify(Point, "test"u8, flipped).ShouldBeFalse($"bit {bit}");
        }
    }

    [Theory]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000", TestS)]
    [InlineData(TestR, "0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000", "0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData(N, TestS)]
    [InlineData(TestR, N)]
    [InlineData("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", TestS)]
    [InlineData(TestR, "0000000000000000000000000000000000000000000000000000000000000001")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000001", "0000000000000000000000000000000000000000000000000000000000000001")]
    public void Numbers_out_of_range_are_no_signature(string r, string s) =>
        P256Scheme.Instance.Verify(Point, "test"u8, Hex(r + s)).ShouldBeFalse();

    [Fact]
    public void Der_and_other_lengths_are_no_signature()
    {
        using var key = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = Hex(Scalar) });
        var der = key.SignData("test"u8.ToArray(), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        P256Scheme.Instance.Verify(Point, "test"u8, der).ShouldBeFalse();
        foreach (var length in new[] { 0, 1, 63, 65, 128 })
        {
            P256Scheme.Instance.Verify(Point, "test"u8, [.. Hex(TestR + TestS).Concat(new byte[64]).Take(length)]).ShouldBeFalse($"{length} bytes");
        }

        P256Scheme.Instance.Verify(Point, "test"u8, Hex("003C" + TestR[..60] + TestS)).ShouldBeFalse("a header in front");
    }

    [Fact]
    public void Points_that_are_not_on_the_curve_are_no_key()
    {
        P256PublicKey.FromRaw(Point).IsOk.ShouldBeTrue();
        foreach (var raw in new[]
        {
            Hex("04" + X + Minus(Y)), // y − n instead of p: off the curve.
            Hex("04" + X + X),
            Hex("04" + new string('0', 128)),
            Hex("04" + new string('F', 128)),
            Hex("02" + X),
            Hex("06" + X + Y),
            Hex("00"),
            [],
        })
        {
            P256PublicKey.FromRaw(raw).Error.ShouldBeOfType<SigningError.KeyDecode>();
            P256Scheme.Instance.Verify(raw, "test"u8, Hex(TestR + TestS)).ShouldBeFalse();
        }
    }

    [Theory]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData(N)]
    [InlineData("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF")]
    [InlineData("01")]
    public void A_number_out_of_range_is_no_private_key(string scalar) =>
        P256PrivateKey.FromScalar(Hex(scalar)).Error.ShouldBeOfType<SigningError.KeyDecode>();

    internal static P256PrivateKey Key() => P256PrivateKey.FromScalar(Hex(Scalar)).Value;

    private static byte[] Hex(string text) => Convert.FromHexString(text);

    private static BigInteger Number(string hex) => new(Hex(hex), isUnsigned: true, isBigEndian: true);

    private static string Minus(string hex) => Convert.ToHexString((Number(N) - Number(hex)).ToByteArray(isUnsigned: true, isBigEndian: true)).PadLeft(64, '0');
}

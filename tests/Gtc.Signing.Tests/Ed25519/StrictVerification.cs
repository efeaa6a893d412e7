using System.Numerics;

namespace Gtc.Signing.Tests;

/// <summary>What plain RFC 8032 implementations let through and this one does not.</summary>
public sealed class StrictVerification
{
    private static readonly BigInteger Order = Curve.Order;

    /// <summary>Both signs of x for each y of small order.</summary>
    public static TheoryData<string> SmallOrderPoints =>
    [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000080",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    ];

    /// <summary>y = p .. 2^255 - 1 encode a value that already has an encoding.</summary>
    public static TheoryData<string> NonCanonicalPoints
    {
        get
        {
            var points = new TheoryData<string>();
            for (var low = 0xed; low <= 0xff; low++)
            {
                foreach (var top in new[] { "7f", "ff" })
                {
                    points.Add($"{low:x2}{string.Concat(Enumerable.Repeat("ff", 30))}{top}");
                }
            }

            return points;
        }
    }

    [Theory]
    [MemberData(nameof(SmallOrderPoints))]
    [MemberData(nameof(NonCanonicalPoints))]
    public void A_weak_point_is_no_public_key(string hex)
    {
        Ed25519PublicKey.FromRaw(Convert.FromHexString(hex)).Error.ShouldBeOfType<SigningError.KeyDecode>();
        Ed25519PublicKey.FromPem(Keys.Pem("PUBLIC KEY", "302a300506032b6570032100" + hex)).Error.ShouldBeOfType<SigningError.KeyDecode>();
    }

    [Theory]
    [MemberData(nameof(SmallOrderPoints))]
    [MemberData(nameof(NonCanonicalPoints))]
    public void A_weak_R_is_refused(string hex)
    {
        using var key = Keys.Seven();
        byte[] signature = [.. Convert.FromHexString(hex), .. key.Sign("message"u8)[32..]];
        key.PublicKey.Verify("message"u8, signature).ShouldBeFalse();
    }

    [Fact]
    public void A_signature_that_fits_every_message_under_a_weak_key_is_refused_although_the_library_accepts_it()
    {
        // With A = the neutral point, S*B = R + h*A holds for S = 1 and R = B, whatever h is.
        var weakKey = Convert.FromHexString(SmallOrderPoints.ElementAt(2).Data);
        byte[] signature = [.. Curve.Encode(Curve.BasePoint), 1, .. new byte[31]];

        AcceptedByLibrary(weakKey, "any message"u8, signature).ShouldBeTrue();
        Ed25519Scheme.Instance.Verify(weakKey, "any message"u8, signature).ShouldBeFalse();
    }

    [Fact]
    public void A_scalar_with_the_group_order_added_is_refused()
    {
        using var key = Keys.Seven();
        var signature = key.Sign("message"u8);
        var scalar = new BigInteger(signature.AsSpan(32), isUnsigned: true) + Order;
        var malleated = signature.ToArray();
        scalar.TryWriteBytes(malleated.AsSpan(32), out _, isUnsigned: true).ShouldBeTrue();

        key.PublicKey.Verify("message"u8, malleated).ShouldBeFalse();
        Ed25519Encoding.IsCanonicalScalar(malleated.AsSpan(32)).ShouldBeFalse();
        Ed25519Encoding.IsCanonicalScalar((Order - 1).ToByteArray(isUnsigned: true)).ShouldBeTrue();
        Ed25519Encoding.IsCanonicalScalar(Order.ToByteArray(isUnsigned: true)).ShouldBeFalse();
    }

    [Fact]
    public void The_listed_points_are_exactly_those_whose_order_divides_eight()
    {
        var listed = SmallOrderPoints.Select(row => Convert.FromHexString(row.Data)).ToList();
        var points = listed.Select(Curve.Decode).OfType<(BigInteger X, BigInteger Y)>().Distinct().ToList();

        // x = 0 has no second sign, so ten encodings are eight points; the torsion subgroup has eight.
        points.Count.ShouldBe(8);
        points.ShouldAllBe(point => Curve.Multiply(8, point).Equals(Curve.Neutral));
        listed.ShouldAllBe(encoding => !Ed25519Encoding.IsStrongPoint(encoding));
        Ed25519Encoding.IsStrongPoint(Curve.Encode(Curve.BasePoint)).ShouldBeTrue();
    }

    private static unsafe bool AcceptedByLibrary(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        fixed (byte* rawKey = publicKey, source = message, sig = signature)
        {
            using var key = LibCrypto.NewPublicKey(LibCrypto.Ed25519, 0, rawKey, 32);
            using var context = LibCrypto.NewDigest();
            LibCrypto.VerifyInit(context, 0, 0, 0, key).ShouldBe(1);
            return LibCrypto.Verify(context, sig, 64, source, (nuint)message.Length) == 1;
        }
    }
}

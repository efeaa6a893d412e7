using System.Security.Cryptography;
using FsCheck;
using FsCheck.Fluent;

namespace Gtc.Signing.Tests;

public sealed class Ed25519Signatures
{
    /// <summary>Secret key, public key, message, signature of RFC 8032 §7.1.</summary>
    public static TheoryData<string, string, string, string> Rfc8032 => new()
    {
        {
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        },
        {
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        },
        {
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        },
        {
            "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
            "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
            Convert.ToHexString(SHA512.HashData("abc"u8)),
            "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704"
        },
    };

    [Theory]
    [MemberData(nameof(Rfc8032))]
    public void The_vectors_of_the_standard_hold(string seed, string publicKey, string message, string signature)
    {
        using var key = Ed25519PrivateKey.FromSeed(Convert.FromHexString(seed));
        var bytes = Convert.FromHexString(message);

        Convert.ToHexStringLower(key.PublicKey.Raw).ShouldBe(publicKey);
        Convert.ToHexStringLower(key.Sign(bytes)).ShouldBe(signature);
        key.PublicKey.Verify(bytes, Convert.FromHexString(signature)).ShouldBeTrue();
    }

    [Fact]
    public void What_is_signed_verifies_and_nothing_else_does() =>
        Prop.ForAll<byte[], byte[]>((message, other) =>
        {
            using var key = Keys.Seven();
            var signature = key.Sign(message);
            return key.PublicKey.Verify(message, signature) && (message.AsSpan().SequenceEqual(other) || !key.PublicKey.Verify(other, signature));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Every_flipped_bit_of_a_signature_is_noticed()
    {
        using var key = Keys.Seven();
        var signature = key.Sign("message"u8);
        for (var bit = 0; bit < signature.Length * 8; bit++)
        {
            var flipped = signature.ToArray();
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            key.PublicKey.Verify("message"u8, flipped).ShouldBeFalse($"bit {bit}");
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(63)]
    [InlineData(65)]
    public void A_signature_of_another_length_is_refused(int length)
    {
        using var key = Keys.Seven();
        key.PublicKey.Verify("message"u8, new byte[length]).ShouldBeFalse();
    }

    [Fact]
    public void A_failed_verification_leaves_no_error_for_the_base_library_to_trip_over()
    {
        using var key = Keys.Seven();
        key.PublicKey.Verify("message"u8, key.Sign("another"u8)).ShouldBeFalse();
        using var p256 = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        p256.VerifyData("message"u8, p256.SignData("message"u8, HashAlgorithmName.SHA256), HashAlgorithmName.SHA256).ShouldBeTrue();
    }

    [Fact]
    public void A_disposed_key_signs_no_more()
    {
        var key = Keys.Seven();
        key.Dispose();
        Should.Throw<ObjectDisposedException>(() => key.Sign("message"u8));
        Should.Throw<ObjectDisposedException>(() => key.ToPem());
    }
}

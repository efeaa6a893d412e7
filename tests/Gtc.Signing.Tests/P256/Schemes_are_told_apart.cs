using System.Security.Cryptography;
using System.Text;

namespace Gtc.Signing.Tests;

public sealed class Schemes_are_told_apart
{
    private static readonly byte[] Statement = Keys.Utf8("""{"_type":"https://in-toto.io/Statement/v1","subject":[],"predicateType":"x"}""");

    [Fact]
    public void Key_files_of_both_schemes_survive_the_way_through_text()
    {
        using var p256 = P256Signatures.Key();
        using var ed25519 = Keys.Seven();
        foreach (var key in new PrivateKey[] { p256, ed25519 })
        {
            PublicKey.FromPem(key.PublicKey.ToPem()).Value.Equals(key.PublicKey).ShouldBeTrue();
            using var read = PrivateKey.FromPem(Encoding.ASCII.GetString(key.ToPem())).Value;
            read.GetType().ShouldBe(key.GetType());
            read.PublicKey.KeyId.ShouldBe(key.PublicKey.KeyId);
            read.ToString().ShouldContain(key.PublicKey.KeyId);
        }
    }

    [Fact]
    public void The_base_library_reads_what_is_written_and_the_other_way_round()
    {
        using var ours = P256Signatures.Key();
        using var theirs = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        theirs.ImportFromPem(Encoding.ASCII.GetString(ours.ToPem()));
        theirs.ExportSubjectPublicKeyInfoPem().ShouldBe(ours.PublicKey.ToPem().TrimEnd('\n'));
        using var back = PrivateKey.FromPem(theirs.ExportPkcs8PrivateKeyPem()).Value;
        back.PublicKey.Equals(ours.PublicKey).ShouldBeTrue();
        theirs.VerifyData("m"u8.ToArray(), ours.Sign("m"u8), HashAlgorithmName.SHA256).ShouldBeTrue();
    }

    [Fact]
    public void Keys_on_other_curves_and_of_other_kinds_are_refused()
    {
        using var p384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var rsa = RSA.Create(2048);
        foreach (var (priv, pub) in new[]
        {
            (p384.ExportPkcs8PrivateKeyPem(), p384.ExportSubjectPublicKeyInfoPem()),
            (rsa.ExportPkcs8PrivateKeyPem(), rsa.ExportSubjectPublicKeyInfoPem()),
        })
        {
            PrivateKey.FromPem(priv).Error.ShouldBeOfType<SigningError.KeyDecode>();
            PublicKey.FromPem(pub).Error.ShouldBeOfType<SigningError.KeyDecode>();
        }
    }

    [Fact]
    public void A_private_key_whose_public_half_is_anothers_is_refused()
    {
        using var key = P256Signatures.Key();
        var der = PemBlockOf(key);
        der[^1] ^= 1;
        PrivateKey.FromPem(PemEncoding.WriteString("PRIVATE KEY", der)).Error.ShouldBeOfType<SigningError.KeyDecode>().Message.ShouldContain("another key");
    }

    [Fact]
    public void Cut_and_flipped_private_keys_never_throw()
    {
        using var key = P256Signatures.Key();
        var der = PemBlockOf(key);
        for (var length = 0; length < der.Length; length++)
        {
            PrivateKey.FromPem(PemEncoding.WriteString("PRIVATE KEY", der.AsSpan(0, length))).Error.ShouldBeOfType<SigningError.KeyDecode>();
        }

        for (var bit = 0; bit < der.Length * 8; bit++)
        {
            var flipped = der.ToArray();
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            using var read = PrivateKey.FromPem(PemEncoding.WriteString("PRIVATE KEY", flipped)).TryGet(out var found, out _) ? found : null;

            // Only the structure's version may differ, 0 or 1.
            read?.PublicKey.KeyId.ShouldBe(key.PublicKey.KeyId);
        }
    }

    [Fact]
    public void Envelopes_verify_by_the_type_of_the_trusted_key()
    {
        using var p256 = P256Signatures.Key();
        using var ed25519 = Keys.Seven();
        var both = Dsse.Sign(Statement, ed25519).CountersignedBy(p256, new HashSet<string> { ed25519.PublicKey.KeyId }).Value;
        Dsse.Verify(both, [TrustedKey.Of(p256.PublicKey), TrustedKey.Of(ed25519.PublicKey)]).Value.KeyIds
            .ShouldBe([ed25519.PublicKey.KeyId, p256.PublicKey.KeyId]);
        Dsse.Verify(both, [TrustedKey.Of(p256.PublicKey)]).Value.KeyIds.ShouldBe([p256.PublicKey.KeyId]);
        Dsse.Verify(both, [Keys.Trusted(9)]).Error.ShouldBeOfType<SigningError.NoTrustedKey>();
    }

    [Fact]
    public void A_key_id_of_one_scheme_never_stands_for_a_key_of_the_other()
    {
        using var p256 = P256Signatures.Key();
        using var ed25519 = Keys.Seven();
        var envelope = Dsse.Sign(Statement, ed25519);
        var confused = new TrustedKey { KeyId = ed25519.PublicKey.KeyId, PublicKeyPem = p256.PublicKey.ToPem() };

        confused.Check().Error.ShouldBeOfType<SigningError.KeyIdMismatch>();
        Dsse.Verify(envelope, [confused]).Error.ShouldBeOfType<SigningError.KeyDecode>();
        TrustRoot.Empty.Add(confused).Error.ShouldBeOfType<SigningError.KeyIdMismatch>();

        var renamed = envelope with { Signatures = [envelope.Signatures[0] with { KeyId = p256.PublicKey.KeyId }] };
        Dsse.Verify(renamed, [TrustedKey.Of(p256.PublicKey)]).Error.ShouldBe(new SigningError.SignatureInvalid(p256.PublicKey.KeyId));
        P256Scheme.Instance.Verify(ed25519.PublicKey.Raw, "m"u8, ed25519.Sign("m"u8)).ShouldBeFalse();
        Ed25519Scheme.Instance.Verify(p256.PublicKey.Raw, "m"u8, p256.Sign("m"u8)).ShouldBeFalse();
    }

    [Fact]
    public void A_trust_root_holds_keys_of_both_schemes()
    {
        using var p256 = P256Signatures.Key();
        var root = TrustRoot.Empty.Add(p256.PublicKey.KeyId.ToUpperInvariant(), p256.PublicKey.ToPem()).Value.Add(Keys.Trusted(7)).Value;
        TrustRoot.Parse(root.ToFile()).Value.Keys.ShouldBe(root.Keys);
    }

    private static byte[] PemBlockOf(PrivateKey key)
    {
        var text = Encoding.ASCII.GetString(key.ToPem());
        var fields = PemEncoding.Find(text);
        return Convert.FromBase64String(text[fields.Base64Data]);
    }
}

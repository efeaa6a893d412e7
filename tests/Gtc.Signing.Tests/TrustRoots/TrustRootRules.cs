using System.Security.Cryptography;
using System.Text;

namespace Gtc.Signing.Tests;

public sealed class TrustRootRules
{
    private static TrustedKey Seven => Keys.Trusted(7);

    [Fact]
    [Trait("fact", "trust-and-signing:6.4")]
    public void A_key_id_in_upper_case_is_stored_in_lower_case_once()
    {
        var once = TrustRoot.Empty.Add(Seven.KeyId.ToUpperInvariant(), Seven.PublicKeyPem).Value;
        once.Keys.Single().ShouldBe(Seven);
        once.Add(Seven.KeyId, Seven.PublicKeyPem).Value.Keys.Length.ShouldBe(1);
    }

    [Fact]
    [Trait("fact", "trust-and-signing:6.5")]
    public void A_key_that_is_not_what_it_says_is_refused()
    {
        using var rsa = RSA.Create(2048);
        TrustRoot.Empty.Add(Keys.Trusted(8).KeyId, Seven.PublicKeyPem).Error.ShouldBe(new SigningError.KeyIdMismatch(Keys.Trusted(8).KeyId, Seven.KeyId));
        TrustRoot.Empty.Add(" ", Seven.PublicKeyPem).Error.ShouldBeOfType<SigningError.EmptyKeyId>();
        TrustRoot.Empty.Add(Seven.KeyId, rsa.ExportSubjectPublicKeyInfoPem()).Error.ShouldBeOfType<SigningError.Key>();
        TrustRoot.Empty.Add(" ", "nope").Error.ShouldBeOfType<SigningError.EmptyKeyId>("the id is looked at first");
        TrustRoot.Empty.Add("nope", "nope").Error.ShouldBeOfType<SigningError.Key>("then the key");
    }

    [Fact]
    public void Adding_appends_and_removing_ignores_case()
    {
        var both = TrustRoot.Empty.Add(Seven.KeyId, Seven.PublicKeyPem).Value.Add(Keys.Trusted(8).KeyId, Keys.Trusted(8).PublicKeyPem).Value;
        both.Keys.Select(key => key.KeyId).ShouldBe([Seven.KeyId, Keys.Trusted(8).KeyId]);
        both.Find(Seven.KeyId.ToUpperInvariant()).ShouldBe(Seven);
        both.Remove(Seven.KeyId.ToUpperInvariant()).Keys.Select(key => key.KeyId).ShouldBe([Keys.Trusted(8).KeyId]);
        both.Remove("unknown").Keys.Length.ShouldBe(2);
    }

    [Fact]
    public void A_document_survives_the_way_through_text_with_members_it_does_not_know()
    {
        var text = $$"""{"schema":"greentic.trust-root.v1","note":"n","keys":[{"key_id":"{{Seven.KeyId}}","public_key_pem":"{{Seven.PublicKeyPem.ReplaceLineEndings("\\n")}}","source":"did"}]}""";
        var root = TrustRoot.Parse(Keys.Utf8(text)).Value;
        var written = Encoding.UTF8.GetString(root.ToFile());
        written.ShouldContain("\"note\": \"n\"");
        written.ShouldContain("\"source\": \"did\"");
        written.ShouldEndWith("}\n");
        TrustRoot.Parse(Keys.Utf8(written)).Value.ToFile().ShouldBe(root.ToFile());
    }

    [Theory]
    [InlineData("null", typeof(SigningError.MalformedTrustRoot))]
    [InlineData("{", typeof(SigningError.MalformedTrustRoot))]
    [InlineData("""{"schema":"greentic.trust-root.v1"}""", typeof(SigningError.MalformedTrustRoot))]
    [InlineData("""{"schema":"greentic.trust-root.v1","keys":null}""", typeof(SigningError.MalformedTrustRoot))]
    [InlineData("""{"schema":"greentic.trust-root.v1","keys":[null]}""", typeof(SigningError.MalformedTrustRoot))]
    [InlineData("""{"schema":"greentic.trust-root.v2","keys":[]}""", typeof(SigningError.BadSchema))]
    [InlineData("""{"schema":"greentic.trust-root.v1","keys":[{"key_id":"","public_key_pem":"x"}]}""", typeof(SigningError.EmptyKeyId))]
    [InlineData("""{"schema":"greentic.trust-root.v1","keys":[{"key_id":"x","public_key_pem":"x"}]}""", typeof(SigningError.Key))]
    public void What_is_no_trust_root_is_refused(string json, Type kind) =>
        TrustRoot.Parse(Keys.Utf8(json)).Error.ShouldBeOfType(kind);

    [Fact]
    public void A_document_that_is_too_large_is_refused() =>
        TrustRoot.Parse(new byte[TrustRoot.MaxBytes + 1]).Error.ShouldBeOfType<SigningError.MalformedTrustRoot>();
}

using System.Text;

namespace Gtc.Signing.Tests;

public sealed class Trust_is_narrowed
{
    private static readonly DateTimeOffset Now = new(2026, 11, 20, 14, 2, 3, TimeSpan.Zero);

    private static TrustedKey Seven => Keys.Trusted(7);

    [Fact]
    public void Without_optional_members_a_key_counts_for_everything() =>
        TrustRoot.Empty.Add(Seven).Value.KeysFor(KeyPurpose.Revision, DateTimeOffset.MaxValue).ShouldBe([Seven]);

    [Fact]
    public void A_key_ends_when_it_says_so()
    {
        var key = Seven with { NotAfter = Now };
        key.WhyNotFor(KeyPurpose.Revision, Now).ShouldBeNull();
        key.WhyNotFor(KeyPurpose.Revision, Now.AddTicks(1)).ShouldNotBeNull().ShouldContain("2026-11-20T14:02:03Z");
        TrustRoot.Empty.Add(key).Value.KeysFor(KeyPurpose.Revision, Now.AddTicks(1)).ShouldBeEmpty();
    }

    [Fact]
    public void A_key_counts_for_its_purposes_alone()
    {
        var key = Seven with { Purposes = [KeyPurpose.RevenuePolicy] };
        key.WhyNotFor(KeyPurpose.RevenuePolicy, Now).ShouldBeNull();
        key.WhyNotFor(KeyPurpose.Revision, Now).ShouldNotBeNull().ShouldContain("revision");
        (Seven with { Purposes = [] }).WhyNotFor(KeyPurpose.Revision, Now).ShouldNotBeNull();
    }

    [Fact]
    public void What_narrows_survives_the_way_through_text()
    {
        var key = Seven with { AddedAt = Now, Source = "did:web:example.com", NotAfter = Now.AddDays(1), Purposes = [KeyPurpose.Revision] };
        var bytes = TrustRoot.Empty.Add(key).Value.ToFile();
        Encoding.UTF8.GetString(bytes).ShouldContain("\"not_after\": \"2026-11-21T14:02:03Z\"");
        var read = TrustRoot.Parse(bytes).Value.Keys.Single();
        (read.AddedAt, read.Source, read.NotAfter, read.Purposes!.Value.Single()).ShouldBe((key.AddedAt, key.Source, key.NotAfter, KeyPurpose.Revision));
    }

    [Theory]
    [InlineData("\"not_after\":\"soon\"")]
    [InlineData("\"not_after\":5")]
    [InlineData("\"not_after\":\"2026-11-20\"")]
    [InlineData("\"purposes\":\"revision\"")]
    [InlineData("\"purposes\":[5]")]
    [InlineData("\"source\":{}")]
    public void What_narrows_and_cannot_be_read_is_refused(string member)
    {
        var text = $$"""{"schema":"greentic.trust-root.v1","keys":[{"key_id":"{{Seven.KeyId}}","public_key_pem":"{{Seven.PublicKeyPem.ReplaceLineEndings("\\n")}}",{{member}}}]}""";
        TrustRoot.Parse(Keys.Utf8(text)).Error.ShouldBeOfType<SigningError.MalformedTrustRoot>();
    }

    [Fact]
    public void No_flipped_bit_of_a_trust_root_is_accepted()
    {
        var bytes = TrustRoot.Empty.Add(Seven).Value.Add(Keys.Trusted(8)).Value.ToFile();
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            var flipped = bytes.ToArray();
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            TrustRoot.Parse(flipped).IsOk.ShouldBeFalse($"bit {bit % 8} of byte {bit / 8}, `{(char)bytes[bit / 8]}`");
        }
    }

    [Fact]
    public void A_flipped_bit_of_provenance_trusts_no_other_key()
    {
        var root = TrustRoot.Empty.Add(Seven with { AddedAt = Now, Source = "bootstrap" }).Value;
        var bytes = root.ToFile();
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            var flipped = bytes.ToArray();
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            if (TrustRoot.Parse(flipped).TryGet(out var read, out _))
            {
                read.Keys.Single().KeyId.ShouldBe(Seven.KeyId);
                read.Keys.Single().PublicKeyPem.ShouldBe(Seven.PublicKeyPem);
            }
        }
    }
}

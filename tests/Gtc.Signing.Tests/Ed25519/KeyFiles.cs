using System.Text;

namespace Gtc.Signing.Tests;

public sealed class KeyFiles
{
    private const string Seed = "0707070707070707070707070707070707070707070707070707070707070707";

    private const string PublicKey = "ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c";

    [Fact]
    [Trait("fact", "trust-and-signing:6.1")]
    public void The_specified_seed_gives_the_specified_key_id_and_text()
    {
        using var key = Keys.Seven();
        Convert.ToHexStringLower(key.PublicKey.Raw).ShouldBe(PublicKey);
        key.PublicKey.KeyId.ShouldBe("fe812c12f3ab4ce6ac5db69ac352f906");
        key.PublicKey.ToPem().ShouldBe("-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA6kpsY+KcUgq+9VB7Ey7F+ZVHdq6+vnuSQh7qaRRG0iw=\n-----END PUBLIC KEY-----\n");
    }

    [Fact]
    public void Keys_survive_the_way_through_text()
    {
        using var key = Keys.Seven();
        var pem = Encoding.ASCII.GetString(key.ToPem());
        pem.ShouldStartWith("-----BEGIN PRIVATE KEY-----\n");
        pem.ShouldEndWith("\n-----END PRIVATE KEY-----\n");
        pem.ShouldNotContain('\r');
        using var again = Ed25519PrivateKey.FromPem(pem).Value;
        again.PublicKey.ShouldBe(key.PublicKey);
        Ed25519PublicKey.FromPem(key.PublicKey.ToPem()).Value.ShouldBe(key.PublicKey);
    }

    [Theory]
    [InlineData("302e020100300506032b657004220420" + Seed, "version 1")]
    [InlineData("3053020101300506032b657004220420" + Seed + "a123032100" + PublicKey, "version 2, explicit tag as older writers have it")]
    [InlineData("3051020101300506032b657004220420" + Seed + "812100" + PublicKey, "version 2, implicit tag as the standard has it")]
    [InlineData("3072020101300506032b657004220420" + Seed + "a01f301d060a2a864886f70d01090914310f0c0d437572646c6520436861697273812100" + PublicKey, "version 2 with an attribute")]
    public void Both_versions_of_a_private_key_file_are_read(string der, string which)
    {
        using var key = Ed25519PrivateKey.FromPem(Keys.Pem("PRIVATE KEY", der)).Value;
        Convert.ToHexStringLower(key.PublicKey.Raw).ShouldBe(PublicKey, which);
    }

    [Theory]
    [InlineData("")]
    [InlineData("not a key")]
    [InlineData("-----BEGIN PRIVATE KEY-----\n!!!!\n-----END PRIVATE KEY-----\n")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")]
    public void What_is_no_private_key_is_refused(string pem) =>
        Ed25519PrivateKey.FromPem(pem).Error.ShouldBeOfType<SigningError.KeyDecode>();

    [Theory]
    [InlineData("302e020102300506032b657004220420" + Seed, "unknown version")]
    [InlineData("302e020100300506032b656e04220420" + Seed, "X25519")]
    [InlineData("302d020100300506032b65700421041f" + "0707070707070707070707070707070707070707070707070707070707070707", "truncated seed")]
    [InlineData("302e020100300506032b657004220420" + Seed + "00", "trailing byte")]
    [InlineData("3051020101300506032b657004220420" + Seed + "812100" + "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "another public key")]
    public void A_private_key_file_with_a_fault_is_refused(string der, string fault) =>
        Ed25519PrivateKey.FromPem(Keys.Pem("PRIVATE KEY", der)).Error.ShouldBeOfType<SigningError.KeyDecode>(fault);

    [Fact]
    public void Any_cut_of_a_private_key_file_is_refused()
    {
        var der = "3051020101300506032b657004220420" + Seed + "812100" + PublicKey;
        for (var length = 0; length < der.Length; length += 2)
        {
            Ed25519PrivateKey.FromPem(Keys.Pem("PRIVATE KEY", der[..length])).IsOk.ShouldBeFalse($"{length / 2} bytes");
        }
    }

    [Fact]
    public void Text_around_the_block_and_a_second_block_are_refused()
    {
        using var key = Keys.Seven();
        var pem = key.PublicKey.ToPem();
        Ed25519PublicKey.FromPem("\n " + pem + "\r\n").IsOk.ShouldBeTrue();
        Ed25519PublicKey.FromPem("comment\n" + pem).Error.ShouldBeOfType<SigningError.KeyDecode>();
        Ed25519PublicKey.FromPem(pem + pem).Error.ShouldBeOfType<SigningError.KeyDecode>();
        Ed25519PublicKey.FromPem(new string(' ', 20_000) + pem).Error.ShouldBeOfType<SigningError.KeyDecode>();
    }

    [Fact]
    public void Nothing_that_is_printed_holds_the_seed()
    {
        using var key = Keys.Seven();
        key.ToString().ShouldBe("Ed25519 private key of fe812c12f3ab4ce6ac5db69ac352f906");
        Ed25519PrivateKey.FromPem(Keys.Pem("PRIVATE KEY", "302e020102300506032b657004220420" + Seed)).Error!.Message.ShouldNotContain("0707");
    }
}

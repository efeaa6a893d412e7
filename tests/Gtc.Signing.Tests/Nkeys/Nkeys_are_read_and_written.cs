using System.Security.Cryptography;
using System.Text;

namespace Gtc.Signing.Tests;

public sealed class Nkeys_are_read_and_written
{
    /// <summary>A pair that is published as an example with nats-server's documentation.</summary>
    private const string KnownSeed = "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY";
    private const string KnownPublic = "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4";

    [Fact]
    public void A_known_pair_belongs_together_in_both_directions()
    {
        using var pair = NkeyPair.FromSeed(KnownSeed).Value;

        pair.PublicKey.Text.ShouldBe(KnownPublic);
        pair.PublicKey.Kind.ShouldBe(NkeyKind.User);
        new string(pair.ToSeed()).ShouldBe(KnownSeed);
        NkeyPublicKey.Parse(KnownPublic).Value.Verify("nonce"u8, pair.Sign("nonce"u8)).ShouldBeTrue();
        NkeyPublicKey.Parse(KnownPublic).Value.Verify("other"u8, pair.Sign("nonce"u8)).ShouldBeFalse();
        pair.ToString().ShouldNotContain("SUA");
    }

    [Theory]
    [InlineData(NkeyKind.Operator, 'O')]
    [InlineData(NkeyKind.Account, 'A')]
    [InlineData(NkeyKind.User, 'U')]
    [InlineData(NkeyKind.Server, 'N')]
    public void The_first_letters_say_whose_key_it_is(NkeyKind kind, char letter)
    {
        using var pair = NkeyPair.Create(kind, RandomNumberGenerator.Fill);
        var seed = new string(pair.ToSeed());

        pair.PublicKey.Text.Length.ShouldBe(56);
        pair.PublicKey.Text[0].ShouldBe(letter);
        seed.Length.ShouldBe(58);
        seed[..2].ShouldBe($"S{letter}");
        using var again = NkeyPair.FromSeed(seed).Value;
        again.PublicKey.Text.ShouldBe(pair.PublicKey.Text);
        NkeyPublicKey.Parse(pair.PublicKey.Text).Value.Kind.ShouldBe(kind);
    }

    [Fact]
    public void One_wrong_character_anywhere_is_found()
    {
        for (var at = 0; at < KnownSeed.Length; at++)
        {
            var wrong = KnownSeed.ToCharArray();
            wrong[at] = wrong[at] == 'B' ? 'C' : 'B';
            NkeyPair.FromSeed(wrong).IsOk.ShouldBeFalse($"character {at}");
        }

        for (var at = 0; at < KnownPublic.Length; at++)
        {
            var wrong = KnownPublic.ToCharArray();
            wrong[at] = wrong[at] == 'B' ? 'C' : 'B';
            NkeyPublicKey.Parse(wrong).IsOk.ShouldBeFalse($"character {at}");
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("SU")]
    [InlineData(KnownPublic)]
    [InlineData("suacssl3uahudxkfsnvuzrf5uhpmwz6bfdtj7m6usdxiednppqyyycu3vy")]
    [InlineData(KnownSeed + "A")]
    [InlineData("SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3V1")]
    public void What_is_no_seed_is_refused_without_showing_it(string text)
    {
        var error = NkeyPair.FromSeed(text).Error.ShouldNotBeNull();

        error.Kind.ShouldBe("KeyDecode");
        (text.Length > 10 && error.Message.Contains(text[5..], StringComparison.Ordinal)).ShouldBeFalse();
    }

    [Fact]
    public void A_credentials_file_is_written_and_read()
    {
        using var key = NkeyPair.Create(NkeyKind.User, RandomNumberGenerator.Fill);
        using var credentials = new NkeyCredentials("eyJ0eXAi.eyJqdGki.c2ln", key);
        var file = Encoding.ASCII.GetString(credentials.ToFile());

        using var read = NkeyCredentials.Parse(file).Value;
        read.Jwt.ShouldBe(credentials.Jwt);
        read.Key.PublicKey.Text.ShouldBe(key.PublicKey.Text);

        using var other = NkeyCredentials.Parse(file.Replace("\n", "\r\n", StringComparison.Ordinal).Replace("------END", "-----END", StringComparison.Ordinal)).Value;
        other.Jwt.ShouldBe(credentials.Jwt);
        NkeyCredentials.Parse("").IsOk.ShouldBeFalse();
        NkeyCredentials.Parse(file.AsSpan(0, 200)).IsOk.ShouldBeFalse();
        NkeyCredentials.Parse(file.Replace("SU", "UU", StringComparison.Ordinal)).IsOk.ShouldBeFalse();
        NkeyCredentials.Parse(new string('x', NkeyCredentials.MaxLength + 1)).IsOk.ShouldBeFalse();
    }
}

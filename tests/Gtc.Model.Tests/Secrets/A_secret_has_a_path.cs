using FsCheck;
using FsCheck.Fluent;

namespace Gtc.Model.Tests.Secrets;

public sealed class A_secret_has_a_path
{
    [Theory]
    [Trait("fact", "store:9.20")]
    [Trait("fact", "op-cli:23.13")]
    [InlineData("default/_/messaging-telegram/bot_token", "default/_/messaging-telegram/bot_token")]
    [InlineData("acme/_/p/n", "acme/_/p/n")]
    [InlineData("/acme/red/p.q/n1_2", "acme/red/p.q/n1_2")]
    public void A_path_has_four_segments(string text, string expected) => SecretPath.Parse(text).Value.ToString().ShouldBe(expected);

    [Theory]
    [Trait("fact", "store:9.20")]
    [Trait("fact", "op-cli:23.13")]
    [InlineData("default/default/p/n", "team", "default/_/p/n")]
    [InlineData("acme/default/p/n", "team", "acme/_/p/n")]
    [InlineData("acme/DEFAULT/p/n", "team", "acme/_/p/n")]
    [InlineData("default/_/p/Bot-Token", "[a-z0-9._-]", null)]
    [InlineData("acme/_/p/Bad", "[a-z0-9._-]", null)]
    [InlineData("acme/_/p/bot-token", "canonical", "acme/_/p/bot_token")]
    [InlineData("acme/_/p/a__b", "canonical", "acme/_/p/a_b")]
    [InlineData("acme/_/p/_a", "canonical", "acme/_/p/a")]
    [InlineData("acme/_/p/a_", "canonical", "acme/_/p/a")]
    [InlineData("default/_/p", "four segments", null)]
    [InlineData("acme/_/p/n/m", "four segments", null)]
    [InlineData("acme//p/n", "four segments", null)]
    [InlineData("acme/_/p/", "four segments", null)]
    [InlineData("", "four segments", null)]
    [InlineData("acme/ /p/n", "default team", "acme/_/p/n")]
    [InlineData("Acme/_/p/n", "[a-z0-9._-]", null)]
    [InlineData("acme/../p/n", "[a-z0-9._-]", null)]
    [InlineData("acme/_/p\0/n", "[a-z0-9._-]", null)]
    public void Anything_else_is_refused_with_what_was_meant(string text, string why, string? meant)
    {
        var refusal = SecretPath.Parse(text).Refusal.ShouldBeOfType<Refusal.InvalidArgument>();

        refusal.Message.ShouldContain(why);
        if (meant is not null)
        {
            refusal.Details.ShouldContain(new RefusalDetail("expected", meant));
        }
    }

    [Theory]
    [InlineData("TELEGRAM_BOT_TOKEN", "telegram_bot_token")]
    [InlineData("Bot-Token", "bot_token")]
    [InlineData("a--b. /c", "a_b_c")]
    [InlineData("__x__", "x")]
    [InlineData("ü§$", "secret")]
    [InlineData("", "secret")]
    public void A_name_has_one_canonical_form(string name, string expected) => SecretPath.CanonicalName(name).ShouldBe(expected);

    [Fact]
    public void A_canonical_name_stays_as_it_is() => Prop.ForAll<string>(name =>
    {
        var canonical = SecretPath.CanonicalName(name ?? "");
        return SecretPath.CanonicalName(canonical) == canonical && (canonical.Length > SecretUri.MaxSegmentLength || SecretPath.Parse($"acme/_/p/{canonical}").IsOk);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void It_becomes_a_store_uri_a_reference_and_a_variable()
    {
        var uri = SecretPath.Parse("acme/_/messaging-telegram/bot_token").Value.In(EnvId.Local).Value;

        uri.ToString().ShouldBe("secrets://local/acme/_/messaging-telegram/bot_token");
        uri.Reference.ShouldBe("secret://local/acme/_/messaging-telegram/bot_token");
        uri.EnvironmentVariable.ShouldBe("GREENTIC_SECRET__LOCAL__ACME_____MESSAGING_TELEGRAM__BOT_TOKEN");
        SecretUri.Parse(uri.ToString()).Value.ShouldBe(uri);
        SecretUri.Parse(uri.Reference).Value.ShouldBe(uri);
    }

    [Theory]
    [InlineData("secret://local/acme//p/n", "secrets://local/acme/_/p/n")]
    [InlineData("secret://local/acme/red/p/kube-token", "secrets://local/acme/red/p/kube-token")]
    public void A_references_team_is_normalised(string reference, string expected) => SecretUri.Parse(reference).Value.ToString().ShouldBe(expected);

    [Theory]
    [InlineData("secret://local/acme/p/n")]
    [InlineData("secret://local/acme/_/p/n/m")]
    [InlineData("secrets://local/acme/_/p/N")]
    [InlineData("secrets://Local/acme/_/p/n")]
    [InlineData("http://local/acme/_/p/n")]
    [InlineData("secret://")]
    [InlineData("")]
    public void An_address_that_is_not_one_is_refused(string text) => SecretUri.Parse(text).Refusal.ShouldBeOfType<Refusal.InvalidArgument>();
}

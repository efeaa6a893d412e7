using System.Text;

namespace Gtc.Model.Tests.Environments;

public sealed class An_environment_is_changed
{
    [Fact]
    [Trait("fact", "environment-model:6.15")]
    public void A_patch_sets_clears_and_keeps()
    {
        var document = Sample.Empty() with { HostConfig = new HostConfig { EnvId = EnvId.Local, TenantOrgId = "acme", Region = "us", GuiEnabled = true } };
        var changed = EnvironmentVerbs.Update(document, Parse("""{"region":{"value":"eu"},"tenant_org_id":{"clear":true},"gui_enabled":null}""").Value).Value.HostConfig;
        (changed.Region, changed.TenantOrgId, changed.GuiEnabled).ShouldBe(("eu", null, true));
        EnvironmentVerbs.Update(document, Parse("""{"region":{"clear":false},"gui_enabled":{"value":false}}""").Value).Value.HostConfig.ShouldBe(document.HostConfig with { GuiEnabled = false });
    }

    [Theory]
    [Trait("fact", "environment-model:6.15")]
    [InlineData("""{"region":{"value":"x","clear":true}}""", "$.region")]
    [InlineData("""{"region":{}}""", "$.region")]
    [InlineData("""{"region":{"v":1}}""", "$.region")]
    [InlineData("""{"region":{"value":null}}""", "$.region")]
    [InlineData("""{"region":"eu"}""", "$.region")]
    [InlineData("""{"regoin":{"value":"eu"}}""", "regoin")]
    [InlineData("""{"gui_enabled":{"value":"yes"}}""", "$.gui_enabled")]
    public void A_patch_is_strict_and_says_where(string json, string where) =>
        Parse(json).Refusal.ShouldBeOfType<Refusal.UnreadableAnswers>().Message.ShouldContain(where);

    [Fact]
    public void A_patch_writes_what_it_reads()
    {
        var command = new UpdateEnvironment { Name = "n", Region = FieldUpdate.Set("eu"), ListenAddr = FieldUpdate.Clear<string>(), GuiEnabled = FieldUpdate.Set(true) };
        var read = Parse(Encoding.UTF8.GetString(command.ToJson())).Value;
        read.ShouldBe(command);
    }

    [Theory]
    [InlineData("127.0.0.1:8080", true)]
    [InlineData("[::1]:9000", true)]
    [InlineData("localhost:80", false)]
    [InlineData("127.0.0.1", false)]
    [InlineData("::1:90", false)]
    [InlineData("1.2.3.4:70000", false)]
    public void A_listen_address_is_an_address(string text, bool isAddress) =>
        EnvironmentVerbs.Update(Sample.Empty(), new UpdateEnvironment { ListenAddr = FieldUpdate.Set(text) }).IsOk.ShouldBe(isAddress);

    [Fact]
    [Trait("fact", "environment-model:6.22")]
    public void The_console_is_on_for_local_only()
    {
        Sample.Empty().HostConfig.ResolveGuiEnabled().ShouldBeTrue();
        Sample.Empty("staging").HostConfig.ResolveGuiEnabled().ShouldBeFalse();
        (Sample.Empty().HostConfig with { GuiEnabled = false }).ResolveGuiEnabled().ShouldBeFalse();
    }

    [Fact]
    public void A_new_id_is_lower_case_and_an_old_one_stays_readable()
    {
        EnvironmentVerbs.CreateNamed(Sample.Env("Prod"), "p", new HostConfig { EnvId = EnvId.Local }).Refusal.ShouldBeOfType<Refusal.InvalidArgument>();
        EnvironmentVerbs.CreateNamed(Sample.Env("prod"), "p", new HostConfig { EnvId = EnvId.Local }).IsOk.ShouldBeTrue();
        Documents.Environment.Parse(Documents.Environment.ToFile(Sample.Empty("Prod"))).IsOk.ShouldBeTrue();
    }

    [Theory]
    [Trait("fact", "environment-model:6.14")]
    [InlineData("secret://local/acme/Default/cat/name", null)]
    [InlineData("secret://local/acme/default/cat/name", "secrets://local/acme/_/cat/name")]
    [InlineData("secret://local/acme/_/cat/name", "secrets://local/acme/_/cat/name")]
    [InlineData("secret://local/acme/cat/name", null)]
    public void A_secret_reference_becomes_a_store_address(string reference, string? address) =>
        SecretUri.Parse(reference).Match<string?>(found => found.ToString(), _ => null).ShouldBe(address);

    [Fact]
    public void A_store_address_becomes_a_reference_and_a_variable()
    {
        SecretUri.Parse("secrets://local/acme/_/cat/na.me").Value.Reference.ShouldBe("secret://local/acme/_/cat/na.me");
        SecretUri.Parse("secrets://local/acme/_/cat/na.me").Value.EnvironmentVariable.ShouldBe("GREENTIC_SECRET__LOCAL__ACME_____CAT__NA_ME");
        SecretUri.Parse("secrets://local/acme").IsOk.ShouldBeFalse();
    }

    private static Outcome<UpdateEnvironment> Parse(string json) => UpdateEnvironment.Parse(Encoding.UTF8.GetBytes(json));
}

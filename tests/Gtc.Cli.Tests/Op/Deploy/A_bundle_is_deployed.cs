using System.Text.Json;
using Gtc.Cli.Tests.Bundle;

namespace Gtc.Cli.Tests.Op.Deploy;

public class A_bundle_is_deployed
{
    [Fact]
    [Trait("fact", "op-cli:23.22")]
    public async Task The_same_key_and_file_give_the_same_revision_and_another_key_a_new_one()
    {
        using var cli = await EnvironmentAsync();
        var first = await cli.OpAsync("deploy --bundle app.gtbundle --idempotency-key one");
        (first.GetProperty("bundle_id").GetString(), first.GetProperty("reused_deployment").GetBoolean(), first.GetProperty("status").GetString(), first.GetProperty("traffic").GetString())
            .ShouldBe(("app", false, "routed", "100% (10000 bps)"));
        var again = await cli.OpAsync("deploy --bundle app.gtbundle --idempotency-key one");
        again.GetProperty("revision_id").GetString().ShouldBe(first.GetProperty("revision_id").GetString());
        (await RevisionsAsync(cli)).Count.ShouldBe(1);
        Staged.Folders(cli).Length.ShouldBe(TestCli.IsRemote ? 0 : 1);

        cli.Time.Advance(TimeSpan.FromSeconds(1));
        var second = await cli.OpAsync("deploy --bundle app.gtbundle --idempotency-key two");
        second.GetProperty("revision_id").GetString().ShouldNotBe(first.GetProperty("revision_id").GetString());
        second.GetProperty("reused_deployment").GetBoolean().ShouldBeTrue();
        second.GetProperty("superseded_revisions").EnumerateArray().Select(id => id.GetString()).ShouldBe([first.GetProperty("revision_id").GetString()]);
        (await RevisionsAsync(cli)).ShouldAllBe(revision => revision.GetProperty("lifecycle").GetString() == "ready");

        await TestBundles.BuildAsync(cli.Folder, "other");
        (await Staged.RefusedAsync(cli, "deploy --bundle other.gtbundle --bundle-id app --idempotency-key two")).Kind.ShouldBe("conflict");
    }

    [Theory]
    [Trait("fact", "op-cli:23.23")]
    [InlineData("--bundle app.gtbundle --team x", "invalid-argument", "needs a tenant")]
    [InlineData("", "invalid-argument", "no bundle is named")]
    [InlineData("--bundle absent.gtbundle", "not-found", "there is no bundle")]
    [InlineData("--source oci://127.0.0.1:9/x:1 --bundle-id x", "invalid-argument", "remote_pins.bundle_digest")]
    [InlineData("--bundle app.gtbundle --env absent", "not-found", "absent")]
    [InlineData("--bundle app.gtbundle --config-override hello", "invalid-argument", "PACK:KEY=VALUE")]
    [InlineData("--bundle app.gtbundle --config-override-json hello:a={", "invalid-argument", "hello:a")]
    [InlineData("--bundle app.gtbundle --config-override stranger:a=b", "spec", "stranger")]
    [InlineData("--bundle app.gtbundle --source http://user:hunter2@h/x", "invalid-argument", "without credentials")]
    public async Task What_cannot_be_deployed_is_refused_and_leaves_nothing(string words, string kind, string message)
    {
        using var cli = await EnvironmentAsync();
        var refused = await Staged.RefusedAsync(cli, $"deploy {words}");
        refused.Kind.ShouldBe(kind, refused.Stderr);
        refused.Message.ShouldContain(message);
        refused.Stderr.ShouldNotContain("hunter2");
        (await RevisionsAsync(cli)).ShouldBeEmpty();
        Staged.Folders(cli).ShouldBeEmpty();
    }

    [Fact]
    [Trait("fact", "op-cli:23.32")]
    public async Task Overrides_come_from_flags_and_a_file_and_are_bounded()
    {
        using var cli = await EnvironmentAsync();
        cli.Write("settings.yaml", "hello: { a: 1, b: two }\n");
        await cli.OpAsync("deploy --bundle app.gtbundle --config-overrides-from settings.yaml --config-override hello:b=three --config-override-json hello:c=[1,null]");
        (await OverridesAsync(cli)).ShouldBe("""{"hello":{"a":1,"b":"three","c":[1,null]}}""");
        cli.Time.Advance(TimeSpan.FromSeconds(1));
        await cli.OpAsync("deploy --bundle app.gtbundle");
        (await OverridesAsync(cli)).ShouldBe("""{"hello":{"a":1,"b":"three","c":[1,null]}}""", "what is not named stays");

        var keys = string.Join(' ', Enumerable.Range(0, 65).Select(index => $"--config-override hello:k{index}=v"));
        (await Staged.RefusedAsync(cli, $"deploy --bundle app.gtbundle {keys}")).Message.ShouldContain("65 keys");
        var packs = string.Join(' ', Enumerable.Range(0, 33).Select(index => $"--config-override p{index}:k=v"));
        (await Staged.RefusedAsync(cli, $"deploy --bundle app.gtbundle {packs}")).Message.ShouldContain("33");
        (await Staged.RefusedAsync(cli, $"deploy --bundle app.gtbundle --config-override hello:k={new string('x', 16 * 1024)}")).Message.ShouldContain("bytes");
    }

    [Fact]
    public async Task Another_route_than_the_deployed_one_is_a_conflict()
    {
        using var cli = await EnvironmentAsync();
        await cli.OpAsync("deploy --bundle app.gtbundle --host a.test --path-prefix /x --tenant acme");
        cli.Time.Advance(TimeSpan.FromSeconds(1));
        await cli.OpAsync("deploy --bundle app.gtbundle --host a.test --path-prefix /x --tenant acme --team default");
        await cli.OpAsync("deploy --bundle app.gtbundle");
        (await Staged.RefusedAsync(cli, "deploy --bundle app.gtbundle --host b.test")).Kind.ShouldBe("conflict");
    }

    [Fact]
    public async Task What_was_routed_before_is_drained_and_archived_when_asked()
    {
        using var cli = await EnvironmentAsync();
        var first = (await cli.OpAsync("deploy --bundle app.gtbundle --drain-seconds 0")).GetProperty("revision_id").GetString();
        cli.Time.Advance(TimeSpan.FromSeconds(1));
        var second = await cli.OpAsync("deploy --bundle app.gtbundle --drain-seconds 0 --retire-superseded --idempotency-key k");
        second.GetProperty("retired_revisions").EnumerateArray().Select(id => id.GetString()).ShouldBe([first]);
        (await RevisionsAsync(cli)).Select(revision => revision.GetProperty("lifecycle").GetString()).ShouldBe(["archived", "ready"]);
        var replay = await cli.OpAsync("deploy --bundle app.gtbundle --drain-seconds 0 --retire-superseded --idempotency-key k");
        replay.GetProperty("retired_revisions").GetArrayLength().ShouldBe(0, "they are archived already");
    }

    [Fact]
    public async Task A_declared_bundle_is_deployed_without_being_fetched()
    {
        using var cli = await EnvironmentAsync();
        await cli.OpAsync($"deploy --bundle-id far --source oci://127.0.0.1:9/far:1 --digest {Staged.Digest}");
        (await RevisionsAsync(cli))[0].GetProperty("bundle_source_uri").GetString().ShouldBe("oci://127.0.0.1:9/far:1");
    }

    private static async Task<TestCli> EnvironmentAsync()
    {
        var cli = new TestCli();
        await cli.OpAsync("env init");
        await TestBundles.BuildAsync(cli.Folder, "app");
        return cli;
    }

    private static async Task<List<JsonElement>> RevisionsAsync(TestCli cli) => [.. (await Staged.DocumentAsync(cli)).GetProperty("revisions").EnumerateArray()];

    private static async Task<string> OverridesAsync(TestCli cli) => (await Staged.DocumentAsync(cli)).GetProperty("bundles")[0].GetProperty("config_overrides").GetRawText();
}

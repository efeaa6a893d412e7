using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gtc.Cli.Tests.Op.Messaging;

public class Endpoints_are_kept
{
    private const string Telegram = "messaging endpoint add --provider-type messaging.telegram.bot --provider-id acme --display-name Acme --updated-by me";

    [Fact, Trait("fact", "op-cli:23.25")]
    public async Task A_telegram_endpoint_has_a_webhook_secret_that_nobody_is_shown()
    {
        TestCli.NeedsFolder();
        using var cli = new TestCli();
        await cli.OpAsync("env init");
        var run = await cli.RunAsync($"op {Telegram} --secret-ref secret://local/default/_/messaging-telegram/bot_token --idempotency-key k --store-root {cli.StoreRoot}");
        run.Envelope.GetProperty("noun").GetString().ShouldBe("messaging.endpoint");
        run.Envelope.GetProperty("op").GetString().ShouldBe("add");
        var id = run.Result.GetProperty("endpoint_id").GetString()!;
        run.Result.GetRawText().ShouldBe(
            $$"""{"environment_id":"local","endpoint_id":"{{id}}","provider_type":"messaging.telegram.bot","provider_id":"acme","display_name":"Acme","linked_bundles":[],"secret_refs":["secret://local/default/_/messaging-telegram/bot_token"],"webhook_secret_ref":"secret://local/default/_/messaging-{{id.ToLowerInvariant()}}/webhook_secret","generation":0}""");
        var path = $"default/_/messaging-{id.ToLowerInvariant()}/webhook_secret";
        var (version, value) = await RevealAsync(cli, path);
        version.ShouldBe(1);
        value.Length.ShouldBe(32);
        value.ShouldAllBe(character => char.IsAsciiLetterOrDigit(character) || character == '-' || character == '_');
        foreach (var file in Directory.GetFiles(cli.StoreRoot, "*", SearchOption.AllDirectories).Where(file => !file.EndsWith(".lock", StringComparison.Ordinal)))
        {
            (await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)).ShouldNotContain(value, Case.Sensitive, file);
        }

        run.Stdout.ShouldNotContain(value);
        var rotated = await cli.OpAsync($"messaging endpoint rotate-webhook-secret --endpoint-id {id} --idempotency-key r");
        rotated.GetProperty("generation").GetInt32().ShouldBe(1);
        (await RevealAsync(cli, path)).Version.ShouldBe(2);
        await cli.OpAsync($"messaging endpoint rotate-webhook-secret --endpoint-id {id} --idempotency-key r");
        (await RevealAsync(cli, path)).Version.ShouldBe(2, "a retry mints nothing");
    }

    [Fact, Trait("fact", "op-cli:23.25")]
    public async Task The_bundle_that_greets_is_not_unlinked()
    {
        using var cli = new TestCli();
        await Staged.DeploymentAsync(cli);
        var id = await AddAsync(cli, "slack");
        (await Staged.RefusedAsync(cli, $"messaging endpoint link-bundle --endpoint-id {id} --bundle-id absent")).Kind.ShouldBe("not-found");
        (await Staged.RefusedAsync(cli, $"messaging endpoint set-welcome-flow --endpoint-id {id} --bundle-id main --pack-id p --flow-id f")).Kind.ShouldBe("invalid-argument");
        var linked = await cli.OpAsync($"messaging endpoint link-bundle --endpoint-id {id} --bundle-id main");
        linked.GetProperty("linked_bundles").GetRawText().ShouldBe("""["main"]""");
        (await cli.OpAsync($"messaging endpoint link-bundle --endpoint-id {id} --bundle-id main")).GetProperty("generation").GetInt32().ShouldBe(1);
        await Bundle.TestBundles.BuildAsync(cli.Folder, "main");
        await cli.OpAsync("revisions stage bundle_path=main.gtbundle");
        var unknown = await Staged.RefusedAsync(cli, $"messaging endpoint set-welcome-flow --endpoint-id {id} --bundle-id main --pack-id nope --flow-id greet");
        unknown.Kind.ShouldBe("invalid-argument");
        unknown.Stderr.ShouldContain("hello");
        var welcome = await cli.OpAsync($"messaging endpoint set-welcome-flow --endpoint-id {id} --bundle-id main --pack-id hello --flow-id greet");
        welcome.GetProperty("welcome_flow").GetRawText().ShouldBe("""{"bundle_id":"main","pack_id":"hello","flow_id":"greet"}""");
        (await Staged.RefusedAsync(cli, $"messaging endpoint unlink-bundle --endpoint-id {id} --bundle-id main")).Kind.ShouldBe("conflict");
        var removed = await Staged.RefusedAsync(cli, "bundles remove --deployment main --force");
        removed.Error.GetProperty("next").GetString().ShouldBe($"gtc op messaging endpoint unlink-bundle local --endpoint-id {id} --bundle-id main");
        (await cli.OpAsync("messaging endpoint show")).GetRawText().ShouldBe(welcome.GetRawText());
        (await cli.OpAsync($"messaging endpoint show local {id[..22]}")).GetRawText().ShouldBe(welcome.GetRawText());
    }

    [Fact, Trait("fact", "op-cli:23.25")]
    public async Task Removing_twice_succeeds()
    {
        using var cli = new TestCli();
        await cli.OpAsync("env create");
        var id = await AddAsync(cli, "slack");
        var removed = await cli.OpAsync($"messaging endpoint remove --endpoint-id {id} --updated-by me");
        removed.GetRawText().ShouldBe($$"""{"environment_id":"local","endpoint_id":"{{id}}"}""");
        var generation = (await Staged.DocumentAsync(cli)).GetProperty("env_generation").GetInt64();
        (await cli.OpAsync($"messaging endpoint remove --endpoint-id {id}")).GetRawText().ShouldBe(removed.GetRawText());
        (await Staged.DocumentAsync(cli)).GetProperty("env_generation").GetInt64().ShouldBe(generation);
        (await cli.OpAsync("messaging endpoint list")).GetProperty("endpoints").GetArrayLength().ShouldBe(0);
        (await Staged.RefusedAsync(cli, "messaging endpoint remove --endpoint-id nope")).Kind.ShouldBe("not-found");
    }

    [Theory]
    [InlineData("messaging endpoint add --provider-type slack --provider-id one --display-name One", "conflict", "is endpoint")]
    [InlineData("messaging endpoint add --provider-type slack --provider-id two --display-name Two --secret-ref nonsense", "invalid-argument", "secret_refs")]
    [InlineData("messaging endpoint add --provider-type slack --provider-id two --display-name Two --secret-ref secret://prod/a/_/b/c", "invalid-argument", "secret_refs")]
    [InlineData("messaging endpoint add --provider-type slack --provider-id two --display-name Two --webhook-secret-ref secret://local/a/_/b/c", "invalid-argument", "Telegram")]
    [InlineData("messaging endpoint add --provider-type telegram --provider-id two --display-name Two", "conflict", "could not be provisioned")]
    [InlineData("messaging endpoint add --provider-type slack", "invalid-argument", "provider_id, display_name")]
    [InlineData("messaging endpoint show local 01ARZ3NDEKTSV4RRFFQ69G5FAV", "not-found", "01ARZ3")]
    [InlineData("messaging endpoint link-bundle --endpoint-id 01ARZ3NDEKTSV4RRFFQ69G5FAV --bundle-id main", "not-found", "01ARZ3")]
    [InlineData("messaging endpoint rotate-webhook-secret --endpoint-id ID", "invalid-argument", "only the Telegram class")]
    [InlineData("messaging endpoint rotate-webhook-secret --endpoint-id ID webhook_secret_ref=secret://local/a/_/b/c", "answers-parse", "webhook_secret_ref")]
    public async Task What_cannot_be_is_refused_and_changes_nothing(string line, string kind, string message)
    {
        using var cli = new TestCli();
        await cli.OpAsync("env create");
        var id = await AddAsync(cli, "slack");
        var before = (await Staged.DocumentAsync(cli)).GetRawText();
        var refused = await Staged.RefusedAsync(cli, line.Replace("ID", id, StringComparison.Ordinal));
        refused.Kind.ShouldBe(kind, refused.Stderr);
        refused.Message.ShouldContain(message);
        (await Staged.DocumentAsync(cli)).GetRawText().ShouldBe(before);
        Directory.Exists(Path.Combine(cli.StoreRoot, "local", ".greentic")).ShouldBeFalse("no secret is minted for what is refused");
    }

    [Fact]
    public async Task A_key_is_answered_again_and_refused_for_something_else()
    {
        using var cli = new TestCli();
        await cli.OpAsync("env init");
        var first = await cli.OpAsync($"{Telegram} --idempotency-key k");
        await cli.OpAsync($"messaging endpoint remove --endpoint-id {first.GetProperty("endpoint_id").GetString()}");
        (await cli.OpAsync($"{Telegram} --idempotency-key k")).GetRawText().ShouldBe(first.GetRawText());
        (await cli.OpAsync("messaging endpoint list")).GetProperty("endpoints").GetArrayLength().ShouldBe(0);
        (await Staged.RefusedAsync(cli, $"{Telegram} --secret-ref secret://local/a/_/b/c --idempotency-key k")).Kind.ShouldBe("conflict");
    }

    [Fact]
    public async Task A_secret_under_the_public_key_is_warned_of()
    {
        TestCli.NeedsFiles("a store server takes nothing under the key that everybody knows");
        using var cli = new TestCli();
        await cli.OpAsync("env create prod");
        var path = Path.Combine(cli.StoreRoot, "prod", "environment.json");
        var document = JsonNode.Parse(await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken))!;
        document["packs"] = new JsonArray(JsonNode.Parse("""{"slot":"secrets","kind":"greentic.secrets.dev-store@0.1.0","pack_ref":"builtin","generation":0}"""));
        await File.WriteAllTextAsync(path, document.ToJsonString(), TestContext.Current.CancellationToken);
        var added = await cli.OpAsync($"{Telegram} --env prod");
        added.GetProperty("warnings").EnumerateArray().ShouldContain(warning => warning.GetString()!.Contains("a key that everybody knows", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_secret_of_the_callers_own_is_kept_by_reference()
    {
        using var cli = new TestCli();
        await cli.OpAsync("env create");
        var added = await cli.OpAsync($"{Telegram} --webhook-secret-ref secret://local/a/_/b/c");
        added.GetProperty("webhook_secret_ref").GetString().ShouldBe("secret://local/a/_/b/c");
    }

    private static async Task<string> AddAsync(TestCli cli, string type) =>
        (await cli.OpAsync($"messaging endpoint add --provider-type {type} --provider-id one --display-name One")).GetProperty("endpoint_id").GetString()!;

    private static async Task<(int Version, string Value)> RevealAsync(TestCli cli, string path)
    {
        JsonElement got = await cli.OpAsync($"secrets get {path} --reveal");
        return (got.GetProperty("version").GetInt32(), got.GetProperty("value").GetString()!);
    }
}

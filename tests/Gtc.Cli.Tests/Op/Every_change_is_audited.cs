using System.Text.Json;
using Gtc.Cli.Tests.Bundle;

namespace Gtc.Cli.Tests.Op;

public class Every_change_is_audited
{
    /// <summary>Verbs on the files of a store, which a server refuses before it is reached.</summary>
    private static readonly string[] FilesOnly = ["env repair", "env compact", "audit prune", "env migrate", "env destroy", "revisions gc", "config set"];

    [Fact, Trait("fact", "op-cli:23.28")]
    public async Task With_exactly_one_line_also_when_it_is_refused()
    {
        using var cli = new TestCli();
        await cli.OpAsync("env create");
        string[] lines =
        [
            "env create", "bundles add", "trust-root bootstrap", "bundles add", "bundles add", "revisions warm", "traffic set", "traffic set 01=5",
            $"revisions stage bundle_source_uri=http://h/b bundle_digest={Staged.Digest}", "revisions stage bundle_path=absent", "revisions warm", "traffic set", "traffic set",
            "env update", "env update --name x", "env set-public-url local nope", "env set-public-url local https://a.test", "config set", "config set --name y",
            "env restore --to 999", "env restore --to 2", "env repair --apply", "env compact --keep 0", "env compact --keep 5", "audit prune", "audit prune --keep-days 1",
            "env migrate-dev local --apply", "env migrate-state local --apply", "env destroy",
            "env init", "env create listen_addr=x", "bundles add idempotency_key=", "revisions stage", "revisions warm idempotency_key=", "traffic set idempotency_key=",
            "traffic rollback", "traffic clear", "traffic clear", "traffic rollback", "traffic rollback --deployment nope", "traffic clear idempotency_key=",
            "bundles update status=paused", "bundles update", "bundles update idempotency_key= status=active", "bundles remove --deployment main", "bundles remove --deployment nope",
            "revisions drain --revision 01", "revisions drain --revision 01", "revisions retry --revision 01", "revisions archive --revision 01", "revisions archive --revision 01 --force", "revisions archive --revision nope",
            "revisions gc --keep 0", "revisions gc", "revisions gc idempotency_key=",
        ];
        if (TestCli.IsRemote)
        {
            lines = [.. lines.Where(line => !FilesOnly.Any(verb => line.StartsWith(verb, StringComparison.Ordinal)))];
        }

        for (var index = 0; index < lines.Length; index++)
        {
            var run = await cli.RunAsync($"op {lines[index]} --store-root {cli.StoreRoot}");
            var written = cli.AuditLines();
            written.Length.ShouldBe(index + 2, lines[index]);
            var last = JsonDocument.Parse(written[^1]).RootElement;
            last.GetProperty("noun").GetString().ShouldBe(lines[index].Split(' ')[0]);
            last.GetProperty("verb").GetString().ShouldBe(lines[index].Split(' ')[1]);
            last.GetProperty("result").GetProperty("outcome").GetString().ShouldBe(run.Exit == 0 ? "ok" : "error", lines[index]);
            if (run.Exit != 0)
            {
                last.GetProperty("result").GetProperty("kind").GetString().ShouldBe(run.Kind);
            }
        }
    }

    [Fact, Trait("fact", "op-cli:23.28")]
    public async Task Also_the_verbs_on_endpoints()
    {
        using var cli = new TestCli();
        await cli.OpAsync("env init");
        const string Telegram = "add --provider-type telegram --provider-id one --display-name One";
        string[] lines =
        [
            Telegram, Telegram, "add --provider-type slack --provider-id two --display-name Two idempotency_key=", "link-bundle --endpoint-id 01 --bundle-id main",
            "unlink-bundle --endpoint-id 01 --bundle-id main", "set-welcome-flow --endpoint-id 01 --bundle-id main --pack-id p --flow-id f", "rotate-webhook-secret --endpoint-id 01",
            "rotate-webhook-secret --endpoint-id nope", "remove --endpoint-id 01", "remove --endpoint-id 01ARZ3NDEKTSV4RRFFQ69G5FAV", "remove --endpoint-id nope",
        ];
        var before = cli.AuditLines().Length;
        for (var index = 0; index < lines.Length; index++)
        {
            var run = await cli.RunAsync($"op messaging endpoint {lines[index]} --store-root {cli.StoreRoot}");
            var written = cli.AuditLines();
            written.Length.ShouldBe(before + index + 1, lines[index]);
            var last = JsonDocument.Parse(written[^1]).RootElement;
            last.GetProperty("noun").GetString().ShouldBe("messaging.endpoint");
            last.GetProperty("verb").GetString().ShouldBe(lines[index].Split(' ')[0]);
            last.GetProperty("result").GetProperty("outcome").GetString().ShouldBe(run.Exit == 0 ? "ok" : "error", lines[index]);
        }
    }

    [Fact, Trait("fact", "op-cli:23.28")]
    public async Task A_line_on_a_secret_has_neither_its_value_nor_its_hash()
    {
        using var cli = new TestCli();
        await cli.OpAsync("env init");
        cli.SetVariable("TOKEN", "hunter2-hunter2");
        await cli.OpAsync("secrets put acme/_/p/token --from-env TOKEN");
        var log = string.Join('\n', cli.AuditLines());
        log.ShouldContain("acme/_/p/token");
        log.ShouldNotContain("hunter2");
        log.ShouldNotContain(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData("hunter2-hunter2"u8)), Case.Insensitive);
    }

    [Fact, Trait("fact", "op-cli:23.29")]
    public async Task When_the_log_cannot_be_written_the_change_stands_and_the_exit_says_so()
    {
        TestCli.NeedsFiles("the log is made read-only");
        using var cli = new TestCli();
        await Staged.DeploymentAsync(cli);
        await TestBundles.BuildAsync(cli.Folder, "main");
        var log = Path.Combine(cli.StoreRoot, "local", "audit", "events.jsonl");
        File.Delete(log);
        Directory.CreateDirectory(log);
        var staged = await Staged.RefusedAsync(cli, "revisions stage bundle_path=main.gtbundle");
        staged.Kind.ShouldBe("audit");
        var revision = (await Staged.DocumentAsync(cli)).GetProperty("revisions")[0].GetProperty("revision_id").GetString()!;
        File.Exists(Path.Combine(cli.StoreRoot, "local", "revisions", revision, "bundle.gtbundle")).ShouldBeTrue();
    }

    [Fact]
    public async Task Reads_are_not()
    {
        using var cli = new TestCli();
        await Staged.DeploymentAsync(cli);
        await Staged.ReadyAsync(cli);
        await cli.OpAsync("traffic set");
        var before = cli.AuditLines();
        foreach (var verb in new[] { "env list", "env show", "trust-root list", "bundles list", "revisions list", "traffic show" })
        {
            await cli.OpAsync(verb);
        }

        cli.AuditLines().ShouldBe(before);
    }
}

using System.Text.Json;
using Gtc.Cli.Tests.Bundle;

namespace Gtc.Cli.Tests.Op;

public class Every_change_is_audited
{
    [Fact]
    public async Task With_exactly_one_line_also_when_it_is_refused()
    {
        using var cli = new TestCli();
        await cli.OpAsync("env create");
        var log = Path.Combine(cli.StoreRoot, "local", "audit", "events.jsonl");
        string[] lines =
        [
            "env create", "bundles add", "trust-root bootstrap", "bundles add", "bundles add", "revisions warm", "traffic set", "traffic set 01=5",
            $"revisions stage bundle_source_uri=http://h/b bundle_digest={Staged.Digest}", "revisions stage bundle_path=absent", "revisions warm", "traffic set", "traffic set",
            "env update", "env update --name x", "env set-public-url local nope", "env set-public-url local https://a.test", "config set", "config set --name y",
            "env restore --to 999", "env restore --to 2", "env repair --apply", "env compact --keep 0", "env compact --keep 5", "audit prune", "audit prune --keep-days 1",
            "env migrate-dev local --apply", "env migrate-state local --apply", "env destroy",
            "env init", "env create listen_addr=x", "bundles add idempotency_key=", "revisions stage", "revisions warm idempotency_key=", "traffic set idempotency_key=",
        ];
        for (var index = 0; index < lines.Length; index++)
        {
            var run = await cli.RunAsync($"op {lines[index]} --store-root {cli.StoreRoot}");
            var written = await File.ReadAllLinesAsync(log, TestContext.Current.CancellationToken);
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

    [Fact, Trait("fact", "op-cli:23.29")]
    public async Task When_the_log_cannot_be_written_the_change_stands_and_the_exit_says_so()
    {
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
        var log = Path.Combine(cli.StoreRoot, "local", "audit", "events.jsonl");
        var before = await File.ReadAllLinesAsync(log, TestContext.Current.CancellationToken);
        foreach (var verb in new[] { "env list", "env show", "trust-root list", "bundles list", "revisions list", "traffic show" })
        {
            await cli.OpAsync(verb);
        }

        (await File.ReadAllLinesAsync(log, TestContext.Current.CancellationToken)).ShouldBe(before);
    }
}

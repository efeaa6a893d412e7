using System.Text;

namespace Gtc.Cli.Tests.Op.Apply;

public class An_apply_that_was_cut_short_goes_on
{
    private const string Sections = """
        "trust_root":"bootstrap",
        "packs":[{"slot":"deployer","kind":"greentic.deployer.k8s@1.0.0","pack_ref":"builtin","answers":{"namespace":"x"}}],
        "secrets":[{"path":"acme/_/app/token","from_env":"TOKEN"}],
        "bundles":[
          {"bundle_id":"app","bundle_path":"app.gtbundle"},
          {"bundle_id":"split","status":"paused","revisions":[{"name":"a","bundle_path":"one.gtbundle","weight_percent":90},{"name":"b","bundle_path":"two.gtbundle","weight_percent":10}]}],
        "extensions":[{"kind":"acme.geo.lookup@1.0.0","pack_ref":"builtin","instance_id":"eu"}],
        "messaging_endpoints":[{"name":"bot","provider_type":"messaging.telegram.bot","links":["app"],"welcome_flow":{"bundle_id":"app","pack_id":"hello","flow_id":"greet"}}],
        "updates":{"enabled":false}
        """;

    /// <summary>Progress is told before each step, so the writer of standard error is a place between two steps.</summary>
    [Fact]
    public async Task Between_any_two_steps()
    {
        var steps = int.MaxValue;
        for (var cut = 1; cut <= steps; cut++)
        {
            using var bench = new ApplyBench();
            bench.Cli.SetVariable("TOKEN", "t");
            await bench.BuildAsync("app");
            await bench.BuildAsync("one");
            await bench.BuildAsync("two", "Hi");
            var manifest = bench.Write(Sections);
            using var stop = new CancellationTokenSource();
            await using var stderr = new CuttingWriter(cut, stop);
            await using var stdout = new StringWriter();
            string[] words = ["op", "env", "apply", "--answers", manifest, "--store-root", bench.Cli.StoreRoot, "--format", "table"];
            try
            {
                (await bench.Cli.RunWordsAsync(words, stdout, stderr, stop.Token)).ShouldBe(0, stderr.Text);
                steps = stderr.Lines;
                cut.ShouldBeGreaterThan(steps, "it was not cut");
            }
            catch (OperationCanceledException)
            {
                if (!TestCli.IsRemote)
                {
                    (await bench.Cli.RunAsync($"op audit verify --store-root {bench.Cli.StoreRoot}")).Exit.ShouldBe(cut == 1 ? 1 : 0, "before the first step there is nothing to verify");
                }
            }

            var report = await bench.ApplyAsync(manifest);
            report.GetProperty("verify").GetProperty("failures").GetArrayLength().ShouldBe(0);
            (await bench.ApplyAsync(manifest)).GetProperty("changed").GetInt32().ShouldBe(0, $"after a cut before step {cut}");
            var document = await bench.DocumentAsync();
            document.GetProperty("revisions").GetArrayLength().ShouldBe(3);
            document.GetProperty("bundles").GetArrayLength().ShouldBe(2);
            document.GetProperty("messaging_endpoints").GetArrayLength().ShouldBe(1);
            if (!TestCli.IsRemote)
            {
                Directory.GetDirectories(Path.Combine(bench.Cli.StoreRoot, "local", "revisions")).Length.ShouldBe(3);
            }
        }

        steps.ShouldBeGreaterThan(10);
    }

    /// <summary>Cancels when the line of a step is written. On files that step still runs: it stands, and the next one does not begin. A request to a server is not even sent.</summary>
    private sealed class CuttingWriter(int at, CancellationTokenSource stop) : StringWriter
    {
        public int Lines { get; private set; }

        public string Text => ToString();

        public override Encoding Encoding => Encoding.UTF8;

        public override Task WriteLineAsync(string? value)
        {
            WriteLine(value);
            if (++Lines == at)
            {
                stop.Cancel();
            }

            return Task.CompletedTask;
        }
    }
}

using System.Text.Json;

namespace Gtc.EndToEnd.Tests;

/// <summary>seeds: pull at boot, sections 04 and 09, with the published executable and a distributor on loopback, on whatever store.</summary>
public abstract class SeedsWalkThrough : IDisposable
{
    private protected FreshHome Home { get; } = new();

    private protected static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        Home.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task On_the_real_fixture()
    {
        File.Copy(Fixtures.Path("perf-smoke-bundle.gtbundle"), Home.PathTo("perf-smoke-bundle.gtbundle"));
        await using var worker = await AuthorStripAndBootAsync(
            "perf-smoke-bundle.gtbundle", "sha256:c5199a710cb4433ca039e8016a940f3f24e9452e52b064d3bc58a52edf668706");
        var (status, body) = await worker.PostAsync("""{"text":"hi"}""");
        status.ShouldBe(200);
        body.ShouldBe("""[{"kind":{"kind":"custom","action":"response"},"tenant":"default","payload":{"metadata":{"error_kind":"flow_execution_failed","error_message":"flow main has no start node","flow_id":"main"}}}]""");
    }

    [Fact]
    public async Task On_a_bundle_that_gtc_builds()
    {
        var built = await Home.Gtc.RunAsync("bundle", "build", Path.Combine(Repository.Root, "samples", "hello-worker"), "--output", "hello.gtbundle");
        built.ExitCode.ShouldBe(0, built.Errors);
        var digest = JsonElement.Parse(built.Output).GetProperty("result").GetProperty("digest").GetString()!;
        await using var worker = await AuthorStripAndBootAsync("hello.gtbundle", digest);
        var (status, body) = await worker.PostAsync("""{"text":"Ada"}""");
        status.ShouldBe(200);
        body.ShouldContain("\"text\":\"Hello, Ada. I am revision ");
    }

    private async Task<RunningWorker> AuthorStripAndBootAsync(string bundle, string digest)
    {
        var gtc = Home.Gtc;
        var served = gtc.Start(["distributor", "serve", ".", "--listen", "127.0.0.1:0"]);
        try
        {
            var line = await served.StandardOutput.ReadLineAsync(Token);
            var address = line!.Split('"', ' ').First(word => word.StartsWith("http://", StringComparison.Ordinal)).TrimEnd('/', ',', '.');
            var staged = await AuthorAsync(bundle, $"{address}/{bundle}");
            staged.GetProperty("bundle_digest").GetString().ShouldBe(digest);
            Strip();
            var worker = await gtc.StartWorkerAsync("--env", "local");
            worker.Banner.ShouldStartWith("serving 1 revision(s) for env `local` across 1 deployment(s) on http://");
            var status = JsonElement.Parse(await worker.GetAsync("/status"));
            (status.GetProperty("bundles_active").GetInt32(), status.GetProperty("deployments_routed").GetInt32(), status.GetProperty("env_id").GetString(), status.GetProperty("revisions_active").GetInt32())
                .ShouldBe((1, 1, "local", 1));
            return worker;
        }
        finally
        {
            served.Kill();
            await served.WaitForExitAsync(CancellationToken.None);
            served.Dispose();
        }
    }

    private protected async Task<JsonElement> AuthorAsync(string bundle, string source)
    {
        string[][] sequence =
        [
            ["env", "create"],
            ["trust-root", "bootstrap", "local"],
            ["bundles", "add"],
            ["revisions", "stage", $"bundle_path={bundle}", $"bundle_source_uri={source}"],
            ["revisions", "warm"],
            ["traffic", "set"],
        ];
        JsonElement staged = default;
        foreach (var words in sequence)
        {
            var ran = await Home.Gtc.RunAsync(["op", .. words]);
            ran.ExitCode.ShouldBe(0, $"op {string.Join(' ', words)}: {ran.Errors}");
            ran.Output.Count(character => character == '\n').ShouldBe(1);
            staged = words[1] == "stage" ? JsonElement.Parse(ran.Output).GetProperty("result") : staged;
        }

        return staged;
    }

    /// <summary>What a fresh pod would not have is gone.</summary>
    private protected virtual void Strip()
    {
        File.Delete(Path.Combine(Home.Gtc.Local, "runtime-config.json"));
        Directory.Delete(Path.Combine(Home.Gtc.Local, "revisions"), recursive: true);
    }
}

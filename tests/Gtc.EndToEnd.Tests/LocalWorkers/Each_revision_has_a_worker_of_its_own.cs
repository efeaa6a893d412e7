using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Gtc.EndToEnd.Tests.LocalWorkers;

/// <summary>The whole way of docs/guides/local-workers.md with real processes.</summary>
public sealed class Each_revision_has_a_worker_of_its_own : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly FreshHome _home = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Warm_starts_it_the_router_restarts_it_and_archive_ends_it()
    {
        var bundle = _home.PathTo("hello.gtbundle");
        await RunAsync("op", "env", "init");
        await RunAsync(
            "op", "env-packs", "update", "slot=deployer", "kind=greentic.deployer.local-process@0.1.0", "pack_ref=builtin", "answers.supervise:=true", "answers.port_range=23000-23099");
        await RunAsync("bundle", "build", Path.Combine(Repository.Root, "samples", "hello-worker"), "--output", bundle);
        await RunAsync("op", "bundles", "add");
        await RunAsync("op", "revisions", "stage", $"bundle_path={bundle}", $"bundle_source_uri={new Uri(bundle)}");
        var warmed = await RunAsync("op", "revisions", "warm", "--reconcile");
        var revision = warmed.GetProperty("revision_id").GetString()!;
        warmed.GetProperty("reconcile").GetProperty("started").EnumerateArray().Select(started => started.GetString()).ShouldBe([revision]);
        await RunAsync("op", "traffic", "set");

        using var router = _home.Gtc.Start(["start"], start =>
        {
            start.Environment["GREENTIC_ROLE"] = "router";
            start.Environment["PORT"] = "0";
        });
        try
        {
            var drained = router.StandardError.ReadToEndAsync(Token);
            var address = await AddressAsync(router);
            (await AskAsync(address)).ShouldContain($"I am revision {revision}");

            var first = WorkerOf(revision);
            using (var worker = Process.GetProcessById(first))
            {
                worker.Kill();
            }

            (await AskAsync(address)).ShouldContain($"I am revision {revision}");
            WorkerOf(revision).ShouldNotBe(first);
        }
        finally
        {
            router.Kill();
            await router.WaitForExitAsync(CancellationToken.None);
        }

        // Workers outlive their router, and a reconcile finds nothing to do.
        (await RunAsync("op", "env", "reconcile")).GetProperty("kept").GetArrayLength().ShouldBe(1);
        var second = WorkerOf(revision);
        (await RunAsync("op", "revisions", "archive", "--revision", revision, "--force", "--reconcile"))
            .GetProperty("reconcile").GetProperty("ended").GetArrayLength().ShouldBe(1);
        IsRunning(second).ShouldBeFalse();
        Discovered().TryGetProperty("workers", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task Apply_revision_brings_one_alone_and_destroy_leaves_none()
    {
        var bundle = _home.PathTo("hello.gtbundle");
        await RunAsync("op", "env", "init");
        await RunAsync("bundle", "build", Path.Combine(Repository.Root, "samples", "hello-worker"), "--output", bundle);
        await RunAsync("op", "bundles", "add");
        var revision = (await RunAsync("op", "revisions", "stage", $"bundle_path={bundle}", $"bundle_source_uri={new Uri(bundle)}")).GetProperty("revision_id").GetString()!;
        await RunAsync("op", "revisions", "warm");
        (await _home.Gtc.RunAsync("op", "env", "apply-revision", "local", revision)).ExitCode.ShouldBe(1, "a passive deployer has no workers");
        await RunAsync(
            "op", "env-packs", "update", "slot=deployer", "kind=greentic.deployer.local-process@0.1.0", "pack_ref=builtin", "answers.supervise:=true", "answers.port_range=23100-23199");

        var applied = await RunAsync("op", "env", "apply-revision", "local", revision);
        (applied.GetProperty("action").GetString(), applied.GetProperty("identity").GetString()).ShouldBe(("warmed", "local"));
        var first = WorkerOf(revision);
        IsRunning(first).ShouldBeTrue();
        await RunAsync("op", "revisions", "archive", "--revision", revision, "--force");
        (await RunAsync("op", "env", "apply-revision", "local", revision)).GetProperty("action").GetString().ShouldBe("archived");
        IsRunning(first).ShouldBeFalse();

        var next = (await RunAsync("op", "revisions", "stage", $"bundle_path={bundle}", $"bundle_source_uri={new Uri(bundle)}")).GetProperty("revision_id").GetString()!;
        await RunAsync("op", "revisions", "warm", "--reconcile");
        var second = WorkerOf(next);
        (await RunAsync("op", "env", "destroy", "local", "--dry-run")).GetProperty("deleted_objects")[0].GetString()!.ShouldContain(next);
        IsRunning(second).ShouldBeTrue();
        await RunAsync("op", "env", "destroy", "local", "--confirm", "--force");
        IsRunning(second).ShouldBeFalse();
    }

    [Fact]
    public async Task The_deployer_conforms_passive_and_with_real_workers()
    {
        using var process = _home.Gtc.Start(["conformance", "--format", "json"]);
        var output = await process.StandardOutput.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);

        var reports = JsonElement.Parse(output).GetProperty("result").GetProperty("reports");
        reports.EnumerateArray().Select(report => (report.GetProperty("passed").GetInt32(), report.GetProperty("failed").GetInt32())).ShouldBe([(19, 0), (29, 0)], output);
    }

    public void Dispose()
    {
        // Whatever a failed test left: workers of this home and no others.
        if (File.Exists(Path.Combine(_home.Gtc.Local, "runtime.json")) && Discovered().TryGetProperty("workers", out var workers))
        {
            foreach (var worker in workers.EnumerateObject())
            {
                using var process = Process.GetProcessById(worker.Value.GetProperty("pid").GetInt32());
                process.Kill();
            }
        }

        _home.Dispose();
    }

    private static async Task<string> AddressAsync(Process router)
    {
        while (await router.StandardOutput.ReadLineAsync(Token).AsTask().WaitAsync(Patience, Token) is { } line)
        {
            if (line.StartsWith("routing ", StringComparison.Ordinal))
            {
                return line[line.IndexOf("http://", StringComparison.Ordinal)..].Split(' ')[0].TrimEnd('.');
            }
        }

        throw new InvalidOperationException("The router ended.");
    }

    /// <summary>Asks until it is answered: a worker that was killed takes a moment to come back.</summary>
    private static async Task<string> AskAsync(string address)
    {
        using var client = new HttpClient();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(Patience);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        do
        {
            using var answer = await client.PostAsJsonAsync(address, new { text = "Ada" }, patience.Token);
            if (answer.StatusCode == HttpStatusCode.OK)
            {
                return await answer.Content.ReadAsStringAsync(patience.Token);
            }
        }
        while (await timer.WaitForNextTickAsync(patience.Token));

        throw new InvalidOperationException("unreachable");
    }

    private async Task<JsonElement> RunAsync(params string[] words)
    {
        var run = await _home.Gtc.RunAsync(words);
        run.ExitCode.ShouldBe(0, run.Errors);
        return JsonElement.Parse(run.Output).GetProperty("result");
    }

    /// <summary>One that has ended and was not collected by its parent does not run.</summary>
    private static bool IsRunning(int pid) =>
        File.Exists($"/proc/{pid}/stat") && File.ReadAllText($"/proc/{pid}/stat") is var stat && stat[stat.LastIndexOf(')') + 2] is not ('Z' or 'X');

    private int WorkerOf(string revision) => Discovered().GetProperty("workers").GetProperty(revision).GetProperty("pid").GetInt32();

    private JsonElement Discovered() => JsonElement.Parse(File.ReadAllBytes(Path.Combine(_home.Gtc.Local, "runtime.json"))).GetProperty("discovered");
}

using System.Text.Json;

namespace Gtc.EndToEnd.Tests;

/// <summary>kill -9 at random moments of a command with an idempotency key; the retry finishes it or answers it, and it happened once.</summary>
public sealed class A_killed_command_is_done_once : IDisposable
{
    private const int Kills = 25;
    private const int Collections = 6;
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(220);
    private readonly FreshHome _home = new();
    private readonly Random _random = new(20_261_121);

    public void Dispose() => _home.Dispose();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Revisions => Path.Combine(_home.Gtc.Local, "revisions");

    [Fact]
    public async Task A_turn_of_the_dial()
    {
        await PrepareAsync();
        string[] revisions = [await ReadyAsync(), await ReadyAsync()];
        for (var round = 0; round < Kills; round++)
        {
            string[] words = ["op", "traffic", "set", $"{revisions[0]}={round}%", $"{revisions[1]}={100 - round}%", "--idempotency-key", $"round-{round}"];
            await KillAsync(words);
            var retried = await RunAsync(words);
            (await RunAsync(words)).Output.ShouldBe(retried.Output, $"round {round}");
            Result(await RunAsync("op", "traffic", "show")).GetProperty("generation").GetInt32().ShouldBe(round, $"round {round}");
        }

        var first = await RunAsync("op", "traffic", "set", $"{revisions[0]}=0%", $"{revisions[1]}=100%", "--idempotency-key", "round-0");
        Result(first).GetProperty("generation").GetInt32().ShouldBe(0, "the first answer, after all others");
    }

    [Fact]
    public async Task An_endpoint_with_its_secret()
    {
        await RunAsync("op", "env", "init");
        for (var round = 0; round < Kills / 3; round++)
        {
            string[] words = ["op", "messaging", "endpoint", "add", "--provider-type", "telegram", "--provider-id", $"bot-{round}", "--display-name", "Bot", "--idempotency-key", $"round-{round}"];
            await KillAsync(words);
            var added = await RunAsync(words);
            (await RunAsync(words)).Output.ShouldBe(added.Output, $"round {round}");
            var id = Result(added).GetProperty("endpoint_id").GetString()!.ToLowerInvariant();
            Result(await RunAsync("op", "secrets", "get", $"default/_/messaging-{id}/webhook_secret")).GetProperty("present").GetBoolean().ShouldBeTrue($"round {round}");
            Result(await RunAsync("op", "messaging", "endpoint", "list")).GetProperty("endpoints").GetArrayLength().ShouldBe(round + 1, $"round {round}");
        }
    }

    [Fact]
    public async Task A_collection_is_finished_by_the_next()
    {
        await PrepareAsync();
        await RunAsync("bundle", "build", Path.Combine(Repository.Root, "samples", "hello-worker"));
        var kept = Result(await RunAsync("op", "revisions", "stage", "bundle_path=hello-worker.gtbundle")).GetProperty("revision_id").GetString()!;
        for (var round = 0; round < Collections; round++)
        {
            var revision = Result(await RunAsync("op", "revisions", "stage", "bundle_path=hello-worker.gtbundle")).GetProperty("revision_id").GetString()!;
            var newest = Result(await RunAsync("op", "revisions", "stage", $"bundle_source_uri=http://127.0.0.1:9/b", $"bundle_digest=sha256:{new string('1', 64)}")).GetProperty("revision_id").GetString()!;
            await RunAsync("op", "revisions", "archive", "--revision", revision);
            await KillAsync(["op", "revisions", "gc", "--keep", "0"]);
            await RunAsync("op", "revisions", "gc", "--keep", "0");
            Directory.Exists(Path.Combine(Revisions, revision)).ShouldBeFalse($"round {round}");
            Directory.GetDirectories(Revisions).Where(path => path.EndsWith(".new", StringComparison.Ordinal)).ShouldBeEmpty($"round {round}");
            File.Exists(Path.Combine(Revisions, kept, "pack-list.lock")).ShouldBeTrue($"round {round}");
            File.Exists(Path.Combine(Revisions, newest, "rev.sig")).ShouldBeTrue($"round {round}");
        }
    }

    private static JsonElement Result(Finished run)
    {
        using var envelope = JsonDocument.Parse(run.Output);
        return envelope.RootElement.GetProperty("result").Clone();
    }

    private async Task PrepareAsync()
    {
        await RunAsync("op", "env", "create");
        await RunAsync("op", "trust-root", "bootstrap");
        await RunAsync("op", "bundles", "add");
    }

    private async Task<string> ReadyAsync()
    {
        var staged = await RunAsync("op", "revisions", "stage", "bundle_source_uri=http://127.0.0.1:9/b", $"bundle_digest=sha256:{new string('1', 64)}");
        var revision = Result(staged).GetProperty("revision_id").GetString()!;
        await RunAsync("op", "revisions", "warm", "--revision", revision);
        return revision;
    }

    private async Task<Finished> RunAsync(params string[] words)
    {
        var run = await _home.Gtc.RunAsync(words);
        run.ExitCode.ShouldBe(0, $"{string.Join(' ', words)}: {run.Errors}");
        return run;
    }

    private async Task KillAsync(string[] words)
    {
        using var process = _home.Gtc.Start(words);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(1) + (Longest * _random.NextDouble()));
        await timer.WaitForNextTickAsync(Token);
        process.Kill();
        await process.WaitForExitAsync(Token);
    }
}

using System.Text.Json;
using Gtc.Model;
using Gtc.Runtime.Tests.Routers;
using Gtc.Store;

namespace Gtc.Runtime.Tests.Following;

public sealed class Routers_and_workers_follow_a_store_server : IAsyncLifetime
{
    private readonly FollowLab _lab = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _lab.DeployAsync();

    public ValueTask DisposeAsync() => _lab.DisposeAsync();

    [Fact]
    public async Task The_dial_turns_under_traffic_and_no_request_fails()
    {
        await _lab.WorkerAsync("worker-a", FollowLab.RevisionA);
        await _lab.WorkerAsync("worker-b", FollowLab.RevisionB);
        var router = await _lab.RouterAsync();
        using var client = RouterLab.ClientOf(router);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var callers = Enumerable.Range(0, 4).Select(_ => CallAsync(RouterLab.ClientOf(router), over.Token)).ToList();

        for (var turn = 0; turn < 3; turn++)
        {
            await _lab.DialAsync(0);
            await AnswersAsync(client, FollowLab.RevisionB);
            await _lab.RollBackAsync();
            await AnswersAsync(client, FollowLab.RevisionA);
        }

        // The server goes and comes back; what is routed does not depend on it.
        await _lab.KillServerAsync();
        await AnswersAsync(client, FollowLab.RevisionA);
        await Eventually.HoldsAsync(async () => !(await SourceAsync(client)).GetProperty("connected").GetBoolean());
        (await SourceAsync(client)).GetProperty("problem").GetString().ShouldNotBeNullOrEmpty();
        await _lab.StartServerAsync();
        await _lab.DialAsync(0);
        await AnswersAsync(client, FollowLab.RevisionB);

        // What was read is served before the connection is told of.
        await Eventually.HoldsAsync(async () => (await SourceAsync(client)).GetProperty("connected").GetBoolean());
        var source = await SourceAsync(client);
        (source.GetProperty("connected").GetBoolean(), source.GetProperty("problem").ValueKind).ShouldBe((true, JsonValueKind.Null));
        source.GetProperty("age_seconds").GetDouble().ShouldBeGreaterThanOrEqualTo(0);

        await over.CancelAsync();
        foreach (var (calls, failed) in await Task.WhenAll(callers))
        {
            calls.ShouldBeGreaterThan(0);
            failed.ShouldBeEmpty();
        }
    }

    [Fact]
    public async Task A_worker_boots_from_its_copy_while_the_server_is_away_and_follows_when_it_is_back()
    {
        var worker = await _lab.WorkerAsync("worker");
        using (var before = new WorkerClient(worker))
        {
            (await before.GreetAsync()).IsFrom(FollowLab.RevisionA).ShouldBeTrue();
        }

        await _lab.StopFollowersAsync();
        await _lab.KillServerAsync();
        worker = await _lab.WorkerAsync("worker");
        using var client = new WorkerClient(worker);
        (await client.GreetAsync()).IsFrom(FollowLab.RevisionA).ShouldBeTrue();
        var source = (await client.StatusAsync()).GetProperty("source");
        (source.GetProperty("connected").GetBoolean(), source.GetProperty("age_seconds").ValueKind).ShouldBe((false, JsonValueKind.Null));
        source.GetProperty("generation").GetInt64().ShouldBeGreaterThan(1);

        await _lab.StartServerAsync();
        await _lab.DialAsync(0);
        await Eventually.HoldsAsync(async () => (await client.GreetAsync()).IsFrom(FollowLab.RevisionB));

        // What follows writes nothing of its own: the copy has no journal, and may be followed by the next process.
        Directory.Exists(_lab.Store("worker").Layout.Environment(FollowLab.Env).Journal).ShouldBeFalse();
    }

    [Fact]
    public async Task Without_server_and_copy_nothing_starts()
    {
        await _lab.KillServerAsync();
        (await _lab.FollowAsync("new")).Refusal.ShouldBeOfType<Refusal.Unreachable>().Message.ShouldContain("cannot be reached");
        Directory.Exists(Path.Combine(_lab.Root, "new", "prod")).ShouldBeFalse();
    }

    [Fact]
    public async Task A_store_of_its_own_is_not_written_over()
    {
        var store = _lab.Store("own");
        (await store.MutateAsync<bool>(
            new MutationIntent(FollowLab.Env, "env", "create", []),
            _ => new Mutation<bool>(true) { Document = EnvironmentVerbs.CreateLocal() with { EnvironmentId = FollowLab.Env, HostConfig = new HostConfig { EnvId = FollowLab.Env } } },
            Token)).IsOk.ShouldBeTrue();
        (await _lab.FollowAsync("own")).Refusal.ShouldBeOfType<Refusal.Conflict>().Message.ShouldContain("store of its own");
    }

    private static Task AnswersAsync(HttpClient client, string revision) => Eventually.HoldsAsync(async () =>
    {
        var (status, text) = await RouterLab.GreetAsync(client);
        status.ShouldBe(200, text);
        return text.Contains(revision, StringComparison.Ordinal);
    });

    private static async Task<JsonElement> SourceAsync(HttpClient client) => (await RouterLab.StatusAsync(client)).GetProperty("source");

    /// <summary>Calls one request after the other until it is told to stop.</summary>
    private static async Task<(int Calls, List<string> Failed)> CallAsync(HttpClient client, CancellationToken over)
    {
        var failed = new List<string>();
        var calls = 0;
        using (client)
        {
            while (!over.IsCancellationRequested)
            {
                calls++;
                var (status, text) = await RouterLab.GreetAsync(client);
                if (status != 200)
                {
                    failed.Add($"{status} {text}");
                }
            }
        }

        return (calls, failed);
    }
}

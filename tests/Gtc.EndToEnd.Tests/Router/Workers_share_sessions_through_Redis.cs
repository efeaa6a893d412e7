using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Gtc.Redis.Tests;

namespace Gtc.EndToEnd.Tests.Router;

/// <summary>Two <c>gtc start</c> of one environment, and a Redis with a password that dies under load.</summary>
public sealed class Workers_share_sessions_through_Redis : IDisposable
{
    private const string Password = "open-sesame-2741";

    private readonly FreshHome _home = new();
    private readonly ConcurrentBag<int> _statuses = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _home.Dispose();

    [Fact]
    [Trait("fact", "dispatcher:6.12")]
    public async Task A_session_is_on_one_revision_and_a_dead_Redis_fails_no_request()
    {
        using var redis = await RedisServer.StartAsync("--requirepass", Password);
        await AuthorAsync();
        var variables = new Dictionary<string, string> { ["GREENTIC_PINS_PASSWORD"] = Password };
        string[] words = ["--pins", $"redis://127.0.0.1:{redis.Port}/1"];
        await using var one = await _home.Gtc.StartWorkerAsync(words, variables);
        await using var two = await _home.Gtc.StartWorkerAsync(words, variables);
        await ReachableAsync(true, one, two);
        using var client = new HttpClient(new SocketsHttpHandler { UseCookies = false });

        // Users alone fall on either revision; a session that two of them share is on one.
        var alone = await Task.WhenAll(Enumerable.Range(0, 40).Select(user => GreetAsync(client, one, user, null)));
        alone.Distinct().Count().ShouldBe(2);
        for (var session = 0; session < 40; session++)
        {
            var replies = await Task.WhenAll(GreetAsync(client, one, session, $"s{session}"), GreetAsync(client, two, session + 40, $"s{session}"));
            replies[0].ShouldBe(replies[1]);
        }

        using var over = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var load = Task.WhenAll(Enumerable.Range(0, 4).Select(number => Task.Run(() => LoadAsync(number % 2 == 0 ? one : two, number, over), Token)));
        redis.Kill();
        await ReachableAsync(false, one, two);
        var answered = _statuses.Count;
        await RunningRouter.UntilAsync(() => Task.FromResult(_statuses.Count > answered + 500));
        await redis.StartAsync();
        await ReachableAsync(true, one, two);
        await over.CancelAsync();
        await load;
        _statuses.ShouldAllBe(status => status == 200);
        (await PinsAsync(one)).GetProperty("unanswered").GetInt64().ShouldBeGreaterThan(0);
        TestContext.Current.TestOutputHelper?.WriteLine($"{_statuses.Count} answered, {(await PinsAsync(one)).GetProperty("unanswered")} and {(await PinsAsync(two)).GetProperty("unanswered")} calls of pins unanswered");

        var after = await Task.WhenAll(GreetAsync(client, one, 1, "after"), GreetAsync(client, two, 2, "after"));
        after[0].ShouldBe(after[1]);
        (await one.GetAsync("/status")).ShouldNotContain(Password);
        foreach (var log in Directory.GetFiles(Path.Combine(_home.Gtc.Local, "logs")))
        {
            (await File.ReadAllTextAsync(log, Token)).ShouldNotContain(Password);
        }
    }

    private static async Task ReachableAsync(bool expected, params RunningWorker[] workers)
    {
        foreach (var worker in workers)
        {
            await RunningRouter.UntilAsync(async () => (await PinsAsync(worker)).GetProperty("reachable").GetBoolean() == expected);
        }
    }

    private static async Task<JsonElement> PinsAsync(RunningWorker worker) => JsonElement.Parse(await worker.GetAsync("/status")).GetProperty("pins");

    private static async Task<string> GreetAsync(HttpClient client, RunningWorker worker, int user, string? session)
    {
        var (status, served) = await SendAsync(client, worker, user, session);
        status.ShouldBe(200);
        return served;
    }

    private static async Task<(int Status, string Served)> SendAsync(HttpClient client, RunningWorker worker, int user, string? session)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, worker.Address) { Content = new StringContent("""{"text":"Ada"}""", Encoding.UTF8, "application/json") };
        request.Headers.Add("x-greentic-user", string.Create(CultureInfo.InvariantCulture, $"user-{user}"));
        request.Headers.Add("X-Show-Revision", "1");
        if (session is not null)
        {
            request.Headers.Add("x-greentic-session", session);
        }

        using var answer = await client.SendAsync(request, Token);
        return ((int)answer.StatusCode, answer.Headers.TryGetValues("X-Served-Revision", out var served) ? served.Single() : string.Empty);
    }

    private async Task LoadAsync(RunningWorker worker, int number, CancellationTokenSource over)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseCookies = false });
        for (var request = 0; !over.IsCancellationRequested; request++)
        {
            _statuses.Add((await SendAsync(client, worker, number, string.Create(CultureInfo.InvariantCulture, $"load-{number}-{request % 100}"))).Status);
        }
    }

    private async Task AuthorAsync()
    {
        await DoneAsync("bundle", "build", Path.Combine(Repository.Root, "samples", "hello-worker"), "--output", "hello.gtbundle");
        await DoneAsync("op", "env", "create");
        await DoneAsync("op", "trust-root", "bootstrap");
        await DoneAsync("op", "bundles", "add", "bundle_id=hello-worker");
        var revisions = new List<string>();
        for (var number = 0; number < 2; number++)
        {
            var staged = await DoneAsync("op", "revisions", "stage", "bundle_path=hello.gtbundle");
            revisions.Add(JsonElement.Parse(staged.Output).GetProperty("result").GetProperty("revision_id").GetString()!);
            await DoneAsync("op", "revisions", "warm");
        }

        await DoneAsync("op", "traffic", "set", $"{revisions[0]}=50%", $"{revisions[1]}=50%");
    }

    private async Task<Finished> DoneAsync(params string[] words)
    {
        var run = await _home.Gtc.RunAsync(words);
        run.ExitCode.ShouldBe(0, $"{string.Join(' ', words)}: {run.Errors}");
        return run;
    }
}

using System.Net;
using System.Text;
using Gtc.Kubernetes;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gtc.Fleet.Operator.Tests.Status;

public sealed class Statuses_reach_the_api_server : IAsyncDisposable
{
    private static readonly string[] Three = ["a", "b", "c"];

    private readonly ManualTime _time = new();
    private readonly HeldApi _api = new();
    private readonly DeploymentBook _book = new();
    private readonly SharedTables _tables = new(new FleetTables());
    private readonly CancellationTokenSource _stop = new();
    private KubeClient? _client;
    private StatusPatcher? _patcher;
    private Task _running = Task.CompletedTask;
    private long _sequence;

    [Fact]
    public async Task One_whose_answer_does_not_come_holds_up_nobody()
    {
        Deploy("slow", "quick");
        Start(budget: 100);
        var first = await _api.NextAsync(_time);
        var second = await _api.NextAsync(_time);
        var (slow, quick) = first.Name == "slow" ? (first, second) : (second, first);
        (slow.Name, quick.Name).ShouldBe(("slow", "quick"));
        for (var turn = 1; turn <= 5; turn++)
        {
            quick.Accept();
            Report($"device-{turn}", "quick", Phase.Running);
            quick = await _api.NextAsync(_time);
            quick.Name.ShouldBe("quick");
            quick.Aggregate.GetProperty("succeeded").GetInt64().ShouldBe(turn);
        }

        Report("device-1", "slow", Phase.Failed);
        slow.Accept();
        quick.Accept();
        slow = await _api.NextAsync(_time);
        slow.Name.ShouldBe("slow");
        slow.Aggregate.GetProperty("failed").GetInt64().ShouldBe(1);
    }

    [Fact]
    public async Task A_patch_tells_the_counters_of_its_turn_and_not_of_when_it_began_to_wait()
    {
        Deploy(Three);
        Start(budget: 1);
        var before = new[] { await _api.NextAsync(_time), await _api.NextAsync(_time) };
        var last = Three.Single(name => before.All(request => request.Name != name));
        Report("device-1", last, Phase.Running);
        Report("device-2", last, Phase.Running);
        var third = await _api.NextAsync(_time);
        third.Name.ShouldBe(last);
        third.Aggregate.GetProperty("succeeded").GetInt64().ShouldBe(2);
    }

    [Fact]
    public async Task Only_what_changed_is_sent()
    {
        Deploy("a");
        Start(budget: 100);
        (await _api.NextAsync(_time)).Accept();
        Report("device-1", "a", Phase.Failed, "disk \"full\"");
        var patch = await _api.NextAsync(_time);
        patch.Accept();
        patch.Patch.GetProperty("status").TryGetProperty("observedGeneration", out _).ShouldBeFalse();
        patch.Aggregate.EnumerateObject().Select(member => member.Name).ShouldBe(["failed", "pending", "lastError", "failedDevices"], ignoreOrder: true);
        patch.Aggregate.GetProperty("lastError").GetProperty("message").GetString().ShouldBe("disk \"full\"");
        patch.Aggregate.GetProperty("lastError").GetProperty("deviceId").GetString().ShouldBe("device-1");
        Report("device-1", "a", Phase.Pending);
        (await _api.NextAsync(_time)).Aggregate.GetProperty("lastError").ValueKind.ShouldBe(System.Text.Json.JsonValueKind.Null);
    }

    [Fact]
    public async Task After_a_failure_nobody_knows_what_is_there_so_all_is_sent()
    {
        Deploy("a");
        Start(budget: 100);
        (await _api.NextAsync(_time)).Accept();
        Report("device-1", "a", Phase.Running);
        (await _api.NextAsync(_time)).Answer.SetResult(HttpStatusCode.InternalServerError);
        // Back to what was sent before: the failed patch may have been heard all the same.
        Report("device-1", "a", Phase.Pending);
        var patch = await _api.NextAsync(_time);
        patch.Aggregate.GetProperty("succeeded").GetInt64().ShouldBe(0);
        patch.Patch.GetProperty("status").GetProperty("observedGeneration").GetInt64().ShouldBe(1);
        patch.Accept();
        Report("device-1", "a", Phase.Running);
        (await _api.NextAsync(_time)).Patch.GetProperty("status").TryGetProperty("observedGeneration", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task A_patch_follows_from_the_operators_own_last_one_although_the_watch_has_not_told_of_it()
    {
        Deploy("a");
        Told("a", 10);
        Start(budget: 100);
        await PatchedAsync(from: 10, to: 20);
        Report("device-1", "a", Phase.Running);
        await PatchedAsync(from: 20, to: 30);

        // The watch comes after; then somebody else writes.
        Told("a", 20);
        Report("device-2", "a", Phase.Running);
        await PatchedAsync(from: 30, to: 40);
        Told("a", 50);
        Report("device-3", "a", Phase.Running);
        await PatchedAsync(from: 50, to: 60);
    }

    [Fact]
    public async Task One_that_was_overtaken_is_told_again_without_waiting_longer_and_longer()
    {
        Deploy("a");
        Told("a", 10);
        Start(budget: 100);
        var before = _time.GetTimestamp();
        for (var turn = 1; turn <= 5; turn++)
        {
            (await _api.NextAsync(_time)).Answer.SetResult(HttpStatusCode.Conflict);
            Told("a", 10 + (ulong)turn);
        }

        (await _api.NextAsync(_time)).Accept();
        _time.GetElapsedTime(before).ShouldBeLessThan(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Until_the_watch_tells_what_overtook_it_nothing_is_asked_and_not_for_ever()
    {
        Deploy("a");
        Told("a", 10);
        Start(budget: 100);
        (await _api.NextAsync(_time)).Answer.SetResult(HttpStatusCode.Conflict);
        var refused = _time.GetTimestamp();
        var again = await _api.NextAsync(_time);
        _time.GetElapsedTime(refused).ShouldBeGreaterThan(TimeSpan.FromSeconds(29));
        again.Patch.GetProperty("metadata").GetProperty("resourceVersion").GetString().ShouldBe("10");
        again.Accept();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _patcher?.Dispose();
        _client?.Dispose();
        _api.Dispose();
        _stop.Dispose();
    }

    private void Start(int budget)
    {
        _client = _api.Client(_time);
        var limit = new ApiBudget(budget, static _ => default, _time);
        var failures = new FailureTexts((_, _, _) => throw new InvalidOperationException("the newest reason is kept"), _tables);
        var events = new KubeEvents(_client, limit, "gtc-fleet", _time, () => 0, NullLogger.Instance);
        var rollouts = new RolloutDriver(_book, _tables, failures, events, TimeSpan.FromSeconds(1), _time);
        _patcher = new StatusPatcher(_client, _book, _tables, limit, failures, rollouts, () => false, TimeSpan.FromSeconds(1), _time, NullLogger.Instance);
        _running = _patcher.RunAsync(_stop.Token);
    }

    /// <summary>Deployments that take all of ten devices.</summary>
    private void Deploy(params string[] names)
    {
        for (var device = 0; device < 10; device++)
        {
            _tables.Do(change => change.SetDevice($"device-{device}", new Dictionary<string, string>(), isPaused: false));
        }

        foreach (var name in names)
        {
            var key = new KubeKey("default", name);
            var intent = new DeploymentIntent($"uid-{name}", [], new ScoreId(1), IsPaused: false, IsBatched: false);
            var active = new ActiveDeployment { Key = key, Uid = intent.Uid, Score = [], ScoreHash = "sha256:1", Intent = intent };
            _book.Set(new DeploymentRecord { Key = key, Uid = intent.Uid, Generation = 1, Created = default, IsDeleting = false, Finalizers = [], Verdict = Verdict.Valid, Active = active });
            _book.Decide(name);
            _tables.Do(change => change.SetDeployment(name, intent));
        }
    }

    /// <summary>The watch tells a version.</summary>
    private void Told(string name, ulong version) => _book.Set(_book[new KubeKey("default", name)]! with { Version = $"{version}" });

    private async Task PatchedAsync(ulong from, ulong to)
    {
        var request = await _api.NextAsync(_time);
        request.Patch.GetProperty("metadata").GetProperty("resourceVersion").GetString().ShouldBe($"{from}");
        request.Version = to;
        request.Accept();
    }

    private void Report(string device, string deployment, Phase phase, string error = "it failed") => _tables.Report(
        "states", new StreamPosition(default, (ulong)++_sequence), Encoding.UTF8.GetBytes(device), Encoding.UTF8.GetBytes(deployment), phase, new ScoreId(1),
        phase == Phase.Failed ? Encoding.UTF8.GetBytes(error.Replace("\"", "\\\"", StringComparison.Ordinal)) : [], "2026-05-03T12:00:00Z"u8);
}

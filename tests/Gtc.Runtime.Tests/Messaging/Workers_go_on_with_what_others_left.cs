using System.Diagnostics;
using Gtc.Model;
using Gtc.Redis.Tests;
using Microsoft.Extensions.Logging;

namespace Gtc.Runtime.Tests.Messaging;

/// <summary>A worker that finds chats in a Redis that are nobody's any more.</summary>
public sealed class Workers_go_on_with_what_others_left : IAsyncLifetime
{
    private const string Another = "messaging.another.bot";

    // Longer than any test: what is taken over was never renewed, and a machine that stalls changes nothing.
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(10);

    private static readonly RevisionId Gone = new(Ulid.From(DateTimeOffset.UnixEpoch, new byte[10]));

    private RedisServer _redis = null!;
    private BotLab _lab = null!;
    private LeftMessages _left = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string[] Tags => [_lab.Revision.ToString()];

    public async ValueTask InitializeAsync()
    {
        _redis = await RedisServer.StartAsync();
        _lab = await BotLab.CreateAsync(TalkBundle.EchoFlow);
        _lab.Worker.Variables["GREENTIC_INBOX"] = "redis";
        _left = await LeftMessages.OpenAsync(_lab, _redis);
    }

    public async ValueTask DisposeAsync()
    {
        await (_left?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_lab?.DisposeAsync() ?? ValueTask.CompletedTask);
        _redis?.Dispose();
    }

    [Fact]
    public async Task What_it_has_no_provider_for_it_leaves_to_those_who_have_it()
    {
        var item = _lab.Left(1, "7", "hi") with { ProviderType = Another };
        await _left.PutAsync(item);
        await using var worker = await BootAsync(Long);

        // The worker took it, found that it cannot answer it, and did not wait for its lease to end, nor for its attempts.
        await Eventually.HoldsAsync(() => Logged(LogLevel.Warning, "has no provider messaging.another.bot"));
        var heir = _left.Heir();
        await Eventually.HoldsAsync(async () => (await heir.ClaimAsync(Tags, false, _ => true, 10, Token)).Value.Count == 1);
        (await _left.FirstAsync(item))!.Begun.ShouldBe(0);
        _lab.Worker.Logs.Lines.ShouldNotContain(line => line.Text.Contains("is not answered yet", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_another_revision_left_it_does_not_look_for_while_it_serves_none_of_the_deployment()
    {
        var lease = TimeSpan.FromSeconds(1);
        await using var worker = await _lab.BootAsync(options => options with
        {
            HealthInterval = TimeSpan.FromMilliseconds(50),
            InboxLease = lease,
            OpenFlowStores = _ => new FlowStores(null, LeftMessages.Connect(_redis, TimeSpan.FromSeconds(20))),
        });
        using var client = new WorkerClient(worker);
        File.Delete(Directory.GetFiles(_lab.Worker.RevisionFolder(_lab.Revision), "pack-list.lock").Single());
        await Eventually.HoldsAsync(async () => !(await client.StatusAsync()).GetProperty("revisions")[0].GetProperty("healthy").GetBoolean());

        var item = _lab.Left(1, "7", "hi") with { Revision = Gone };
        await _left.PutAsync(item);
        var waits = Stopwatch.StartNew();
        await Eventually.HoldsAsync(() => waits.Elapsed > lease * 4);
        (await _left.FirstAsync(item)).ShouldNotBeNull();
        _lab.Worker.Logs.Lines.ShouldNotContain(line => line.Text.StartsWith("1 chats of deployment", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_nobody_could_answer_for_a_day_is_given_up()
    {
        var old = _lab.Left(1, "7", "hi") with { ProviderType = Another, ReceivedAt = TimeProvider.System.GetUtcNow() - TimeSpan.FromHours(25) };
        await _left.PutAsync(old, _lab.Left(2, "7", "behind it") with { ProviderType = Another });
        await using var worker = await BootAsync(Long);

        await Eventually.HoldsAsync(async () => (await _left.FirstAsync(old))!.Id == 2);
        _lab.Worker.Logs.Lines.Count(line => line.Level == LogLevel.Error && line.Text.Contains("is given up: revision", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public async Task What_a_revision_left_that_is_gone_is_taken_over_chat_by_chat_and_not_message_by_message()
    {
        string[] texts = [.. Enumerable.Range(1, 6).Select(number => $"m{number}")];
        await _left.PutAsync([.. texts.Select((text, place) => _lab.Left(place + 1, "7", text) with { Revision = Gone })]);
        await using var worker = await BootAsync(TimeSpan.FromSeconds(1));

        await Eventually.HoldsAsync(() => _lab.Telegram.Sent("7").Length == texts.Length);
        _lab.Telegram.Sent("7").ShouldBe(texts);
        _lab.Worker.Logs.Lines.Count(line => line.Text.StartsWith("1 chats of deployment", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public async Task A_long_takeover_costs_nothing_of_what_it_has()
    {
        await _left.PutAsync([.. Enumerable.Range(0, 64).Select(number => _lab.Left(number, $"{number}", "hi"))]);
        await using var worker = await BootAsync(Long, new HurriedTime(Long / 6));

        // The clock says that each step of the takeover takes as long as leases may wait: what was taken over before is renewed at each.
        // Ten attempts at each message and the next look are far fewer.
        await Eventually.HoldsAsync(async () => await _left.LeasesAsync() > 1_500);
    }

    [Fact]
    public async Task A_message_that_ended_several_workers_is_given_up_and_the_next_one_is_answered()
    {
        await _left.PutAsync(_lab.Left(1, "7", "poison") with { Begun = 4 }, _lab.Left(2, "7", "honest"), _lab.Left(3, "8", "perhaps") with { Begun = 3 });
        await using var worker = await BootAsync(Long);

        await Eventually.HoldsAsync(() => _lab.Telegram.Sent("7").Length == 1 && _lab.Telegram.Sent("8").Length == 1);
        _lab.Telegram.Sent("7").ShouldBe(["honest"]);
        Logged(LogLevel.Error, "is given up: 4 workers began it").ShouldBeTrue();
    }

    [Fact]
    public async Task A_message_says_how_many_workers_began_it_and_were_gone()
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _lab.Telegram.Answer = async _ =>
        {
            asked.TrySetResult();
            await held.Task;
            return 503;
        };
        var item = _lab.Left(1, "7", "hi") with { Begun = 1 };
        await _left.PutAsync(item);
        await using (var worker = await BootAsync(Long))
        {
            await asked.Task.WaitAsync(TimeSpan.FromMinutes(2), Token);
            (await _left.FirstAsync(item))!.Begun.ShouldBe(2, "if it were killed now");
            held.SetResult();
        }

        (await _left.FirstAsync(item))!.Begun.ShouldBe(1, "it ended in order");
    }

    [Fact]
    public async Task A_server_that_lost_a_message_that_is_being_answered_does_not_stop_its_answer()
    {
        var tries = 0;
        var item = _lab.Left(1, "7", "hi");
        _lab.Telegram.Answer = async _ =>
        {
            if (++tries > 1)
            {
                return 200;
            }

            await _left.ForgetAsync();
            return 503;
        };
        await _left.PutAsync(item);
        await using var worker = await BootAsync(Long);

        await Eventually.HoldsAsync(() => _lab.Telegram.Sent("7").Length == 1);
        await Eventually.HoldsAsync(async () => await _left.FirstAsync(item) is null);
    }

    [Fact]
    public async Task What_was_done_while_Redis_was_away_for_longer_than_a_lease_is_done_once()
    {
        using var redis = await RedisServer.StartAsync("--appendonly", "yes", "--appendfsync", "always");
        var lease = TimeSpan.FromSeconds(1);
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _lab.Telegram.Answer = async _ =>
        {
            asked.TrySetResult();
            await held.Task;
            return 200;
        };
        await using var worker = await BootAsync(redis, lease, lease);
        using var client = new HttpClient { BaseAddress = new Uri($"http://{worker.Address}") };
        (await BotLab.PostAsync(client, _lab.Message("7", "before"))).Status.ShouldBe(200);
        await asked.Task.WaitAsync(TimeSpan.FromMinutes(2), Token);
        var away = Stopwatch.StartNew();
        redis.Kill();
        held.SetResult();
        await Eventually.HoldsAsync(() => _lab.Telegram.Sent("7").Length == 1 && Logged(LogLevel.Warning, "cannot be written down yet") && away.Elapsed > lease * 3);

        await redis.StartAsync();
        var late = _lab.Message("7", "after");
        await Eventually.HoldsAsync(async () => (await BotLab.PostAsync(client, late)).Status == 200);
        await Eventually.HoldsAsync(() => _lab.Telegram.Sent("7").Contains("after"));
        _lab.Telegram.Sent("7").ShouldBe(["before", "after"]);
    }

    [Fact]
    public async Task When_Redis_is_back_its_owners_have_the_time_of_a_lease_before_anybody_takes_over()
    {
        using var redis = await RedisServer.StartAsync("--appendonly", "yes", "--appendfsync", "always");
        var lease = TimeSpan.FromSeconds(6);
        await using (var left = await LeftMessages.OpenAsync(_lab, redis))
        {
            await left.PutAsync(_lab.Left(1, "7", "hi"));
        }

        redis.Kill();
        await using var worker = await BootAsync(redis, lease, TimeSpan.FromSeconds(1));
        await Eventually.HoldsAsync(() => Logged(LogLevel.Warning, "messages in it wait"));
        var back = Stopwatch.StartNew();
        await redis.StartAsync();
        await Eventually.HoldsAsync(() => _lab.Telegram.Sent("7").Length == 1);
        back.Elapsed.ShouldBeGreaterThan(lease);
    }

    private bool Logged(LogLevel level, string text) => _lab.Worker.Logs.Lines.Any(line => line.Level == level && line.Text.Contains(text, StringComparison.Ordinal));

    private Task<WorkerHost> BootAsync(TimeSpan lease, TimeProvider? time = null) => BootAsync(_redis, lease, TimeSpan.FromSeconds(20), time);

    private Task<WorkerHost> BootAsync(RedisServer redis, TimeSpan lease, TimeSpan patience, TimeProvider? time = null) => _lab.BootAsync(options => options with
    {
        InboxLease = lease,
        Time = time ?? options.Time,
        OpenFlowStores = _ => new FlowStores(null, LeftMessages.Connect(redis, patience)),
    });

    /// <summary>A clock that is later by a step whenever it is read.</summary>
    private sealed class HurriedTime(TimeSpan step) : TimeProvider
    {
        private long _reads;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Stopwatch.GetElapsedTime(0).Ticks + (Interlocked.Increment(ref _reads) * step.Ticks);
    }
}

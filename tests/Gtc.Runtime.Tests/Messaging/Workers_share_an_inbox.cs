using System.Text.Json;
using Gtc.Flows;
using Gtc.Model;
using Gtc.Redis.Tests;
using Microsoft.Extensions.Logging;

namespace Gtc.Runtime.Tests.Messaging;

/// <summary>Workers whose inbox lies in one Redis, and Telegram played by the test.</summary>
public sealed class Workers_share_an_inbox
{
    // Longer than any test: what is taken over is given up or was never renewed, and a machine that stalls changes nothing.
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(10);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_update_that_reaches_two_workers_is_answered_once_and_chats_keep_their_order()
    {
        using var redis = await RedisServer.StartAsync();
        await using var lab = await LabAsync();
        string[] chats = ["1", "2", "3"];
        await using (var one = await BootAsync(lab, redis))
        await using (var two = await BootAsync(lab, redis))
        {
            using var left = Client(one);
            using var right = Client(two);
            for (var number = 0; number < 20; number++)
            {
                foreach (var chat in chats)
                {
                    var update = lab.Message(chat, $"m{number}");
                    var answers = await Task.WhenAll(BotLab.PostAsync(left, update), BotLab.PostAsync(right, update));
                    answers.ShouldAllBe(answer => answer.Status == 200);
                }
            }

            await Eventually.HoldsAsync(() => chats.All(chat => lab.Telegram.Sent(chat).Length >= 20));
        }

        foreach (var chat in chats)
        {
            lab.Telegram.Sent(chat).ShouldBe(Enumerable.Range(0, 20).Select(number => $"m{number}"));
        }
    }

    [Fact]
    public async Task What_a_dead_worker_left_is_gone_on_with_where_it_was()
    {
        using var redis = await RedisServer.StartAsync();
        await using var lab = await LabAsync();
        await using var server = Connect(redis);
        var gone = new SharedLanes(server, $"local:{lab.Deployment}", "gone", new(100, 1 << 20, 100, TimeSpan.FromMilliseconds(1), Lease));
        var envelope = """{"id":"e","tenant":{"env":"local","tenant":"default","tenant_id":"default","attempt":0},"channel":"telegram","session_id":"7","to":[{"id":"7","kind":"chat"}],"from":{"id":"7","kind":"user"},"metadata":{"chat_id":"7"},"text":"TEXT"}""";
        var begun = new InboxItem
        {
            Id = 1,
            Key = "k1",
            Deployment = lab.Deployment,
            Revision = lab.Revision,
            ProviderType = "messaging.telegram.bot",
            Hint = "telegram:7",
            Envelope = JsonElement.Parse(envelope.Replace("TEXT", "asked", StringComparison.Ordinal)),
            Replies = [Said("first"), Said("second")],
            Sent = 1,
        };
        var foreign = begun with { Id = 3, Key = "k3", Revision = new RevisionId(Ulid.From(DateTimeOffset.UnixEpoch, new byte[10])), Replies = null, Sent = 0 };
        var waiting = begun with { Id = 2, Key = "k2", Envelope = JsonElement.Parse(envelope.Replace("TEXT", "then", StringComparison.Ordinal)), Replies = null, Sent = 0 };
        (await gone.PutAsync([Message(begun), Message(waiting), Message(foreign)], Token)).Value.Begun.ShouldBe([0]);

        await using var worker = await BootAsync(lab, redis);
        await Eventually.HoldsAsync(() => lab.Telegram.Sent("7").Length == 2);
        lab.Telegram.Sent("7").ShouldBe(["second", "then"]);

        // What another revision took in is left to its workers at once, and not answered here before the grace time is over.
        var heir = new SharedLanes(server, $"local:{lab.Deployment}", "heir", new(100, 1 << 20, 100, Lease, Lease));
        await Eventually.HoldsAsync(async () => (await heir.ClaimAsync([foreign.Revision.ToString()], true, _ => true, 10, Token)).Value.Count == 1);
        lab.Worker.Logs.Lines.ShouldContain(line => line.Text.StartsWith("1 chats of deployment", StringComparison.Ordinal));

        JsonElement Said(string text) => JsonElement.Parse(envelope.Replace("TEXT", text, StringComparison.Ordinal));

        static LaneMessage Message(InboxItem item) => new(item.Id, item.Lane, item.Key, item.Revision.ToString(), JsonSerializer.SerializeToUtf8Bytes(item, InboxJson.Default.InboxItem));
    }

    [Fact]
    public async Task A_worker_that_stops_leaves_its_chats_to_the_next_one()
    {
        using var redis = await RedisServer.StartAsync();
        await using var lab = await LabAsync();
        lab.Telegram.Answer = _ => Task.FromResult(503);
        await using (var first = await BootAsync(lab, redis))
        {
            using var client = Client(first);
            (await BotLab.PostAsync(client, lab.Message("7", "one"))).Status.ShouldBe(200);
            (await BotLab.PostAsync(client, lab.Message("7", "two"))).Status.ShouldBe(200);
            await Eventually.HoldsAsync(() => lab.Worker.Logs.Lines.Any(line => line.Text.Contains("is not answered yet", StringComparison.Ordinal)));
        }

        lab.Telegram.Answer = _ => Task.FromResult(200);
        await using var second = await BootAsync(lab, redis);
        await Eventually.HoldsAsync(() => lab.Telegram.Sent("7").Length == 2);
        lab.Telegram.Sent("7").ShouldBe(["one", "two"]);
    }

    [Fact]
    public async Task A_Redis_that_dies_and_comes_back_costs_no_message_and_doubles_none()
    {
        using var redis = await RedisServer.StartAsync("--appendonly", "yes", "--appendfsync", "always");
        await using var lab = await LabAsync();
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lab.Telegram.Answer = async _ =>
        {
            asked.TrySetResult();
            await held.Task;
            return 200;
        };
        await using (var worker = await BootAsync(lab, redis))
        {
            using var client = Client(worker);
            (await BotLab.PostAsync(client, lab.Message("7", "before"))).Status.ShouldBe(200);
            (await BotLab.PostAsync(client, lab.Message("7", "behind it"))).Status.ShouldBe(200);
            await asked.Task.WaitAsync(TimeSpan.FromMinutes(2), Token);

            // The reply goes out while nobody can write that down.
            redis.Kill();
            held.SetResult();
            await Eventually.HoldsAsync(() => lab.Telegram.Sent("7").Length == 1);
            var late = lab.Message("7", "while it is away");
            (await BotLab.PostAsync(client, late)).ShouldBe((503, "messages cannot be taken in at the moment"));

            await redis.StartAsync();
            await Eventually.HoldsAsync(async () => (await BotLab.PostAsync(client, late)).Status == 200);
            await Eventually.HoldsAsync(() => lab.Telegram.Sent("7").Length >= 3);
        }

        lab.Telegram.Sent("7").ShouldBe(["before", "behind it", "while it is away"]);
        lab.Worker.Logs.Lines.ShouldNotContain(line => line.Text.Contains("append-only", StringComparison.Ordinal));
    }

    [Fact]
    public async Task It_lies_where_the_variable_says_and_in_a_pod_where_sessions_are()
    {
        using var redis = await RedisServer.StartAsync();
        await using var server = Connect(redis);
        using var lab = new WorkerLab();
        var options = lab.Options();

        InboxPlace.Find(options, server).Value.ShouldBeNull();
        lab.Variables["KUBERNETES_SERVICE_HOST"] = "10.0.0.1";
        InboxPlace.Find(options, server).Value.ShouldBe(server);
        InboxPlace.Find(options, null).Value.ShouldBeNull();
        lab.Variables["GREENTIC_INBOX"] = "disk";
        InboxPlace.Find(options, server).Value.ShouldBeNull();
        lab.Variables["GREENTIC_INBOX"] = "redis";
        InboxPlace.Find(options, server).Value.ShouldBe(server);
        InboxPlace.Find(options, null).Refusal!.Message.ShouldBe("GREENTIC_INBOX is `redis`, and sessions lie in this process's memory");
        lab.Variables["GREENTIC_INBOX"] = "tape";
        InboxPlace.Find(options, server).Refusal!.Message.ShouldBe("GREENTIC_INBOX `tape` must be disk or redis");
        (await lab.BootAsync()).Refusal!.Message.ShouldBe("GREENTIC_INBOX `tape` must be disk or redis");
    }

    private static async Task<BotLab> LabAsync()
    {
        var lab = await BotLab.CreateAsync(TalkBundle.EchoFlow);
        lab.Worker.Variables["GREENTIC_INBOX"] = "redis";
        return lab;
    }

    private static async Task<WorkerHost> BootAsync(BotLab lab, RedisServer redis)
    {
        var worker = await lab.BootAsync(options => options with { InboxLease = Lease, OpenFlowStores = _ => new FlowStores(null, Connect(redis)) });
        lab.Worker.Logs.Lines.ShouldContain(line => line.Level == LogLevel.Information && line.Text.StartsWith("The inbox lies in redis://", StringComparison.Ordinal));
        return worker;
    }

    private static FlowRedis Connect(RedisServer redis) =>
        FlowRedis.Connect($"redis://127.0.0.1:{redis.Port}", null, "t:", TimeProvider.System, () => 0, TimeSpan.FromSeconds(20)).Value;

    private static HttpClient Client(WorkerHost worker) => new() { BaseAddress = new Uri($"http://{worker.Address}") };
}

using Gtc.Redis.Tests;
using Gtc.Runtime.Tests;
using Gtc.Runtime.Tests.Messaging;

namespace Gtc.EndToEnd.Tests;

/// <summary>kill -9 between the 200 that a provider got and the reply that a person waits for, with the published executable.</summary>
public sealed class A_killed_worker_loses_no_message
{
    private const int Turns = 8;
    private const int MessagesPerTurn = 12;

    private static readonly string[] Chats = ["7", "8", "9"];

    private readonly List<(string Chat, string Text)> _acknowledged = [];

    [Fact]
    public async Task Whatever_got_its_200_is_answered_in_the_order_of_its_chat()
    {
        using var home = new FreshHome();
        await using var lab = await BotLab.CreateAsync(TalkBundle.EchoFlow);
        var random = new Random(20_261_121);
        for (var turn = 0; turn < Turns; turn++)
        {
            // In every other turn no reply goes out before the worker is killed.
            var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            lab.Telegram.Answer = turn % 2 == 0 ? async _ => { await held.Task; return 503; } : _ => Task.FromResult(200);
            await using (var worker = await StartAsync(home, lab))
            {
                await PostAsync(lab, worker, turn, 1 + random.Next(MessagesPerTurn));
                worker.Kill();
                await worker.WaitForExitAsync();
            }

            held.SetResult();
        }

        lab.Telegram.Answer = _ => Task.FromResult(200);
        await using var last = await StartAsync(home, lab);
        await Eventually.HoldsAsync(() => _acknowledged.All(message => lab.Telegram.Sent(message.Chat).Contains(message.Text)));
        foreach (var chat in Chats)
        {
            var wanted = _acknowledged.Where(message => message.Chat == chat).Select(message => message.Text).ToList();
            lab.Telegram.Sent(chat).Distinct().Where(wanted.Contains).ShouldBe(wanted);
        }
    }

    [Fact]
    public async Task Another_worker_answers_what_the_killed_one_took_in_and_nothing_twice()
    {
        using var redis = await RedisServer.StartAsync();
        using var home = new FreshHome();
        await using var lab = await BotLab.CreateAsync(TalkBundle.EchoFlow);
        lab.Worker.Variables["GREENTIC_INBOX"] = "redis";
        lab.Worker.Variables["GREENTIC_PINS"] = $"redis://127.0.0.1:{redis.Port}/1";
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lab.Telegram.Answer = async _ =>
        {
            asked.TrySetResult();
            await held.Task;
            return 503;
        };
        await using var heir = await StartAsync(home, lab);
        await using (var killed = await StartAsync(home, lab))
        {
            await PostAsync(lab, killed, turn: 0, MessagesPerTurn);
            await asked.Task.WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken);
            killed.Kill();
            await killed.WaitForExitAsync();
        }

        // Nothing that the killed one sent was taken; each message goes out once, and by the one that is left.
        lab.Telegram.Answer = _ => Task.FromResult(200);
        held.SetResult();
        await PostAsync(lab, heir, turn: 1, MessagesPerTurn);
        await Eventually.HoldsAsync(() => _acknowledged.All(message => lab.Telegram.Sent(message.Chat).Contains(message.Text)));
        foreach (var chat in Chats)
        {
            lab.Telegram.Sent(chat).ShouldBe(_acknowledged.Where(message => message.Chat == chat).Select(message => message.Text));
        }
    }

    private static Task<RunningWorker> StartAsync(FreshHome home, BotLab lab)
    {
        var variables = lab.Worker.Variables.ToDictionary(variable => variable.Key, variable => variable.Value!, StringComparer.Ordinal);
        variables["GREENTIC_EGRESS"] = "127.0.0.0/8";
        return home.Gtc.StartWorkerAsync(["--env", "local", "--store-root", Path.Combine(lab.Worker.Root, "environments")], variables);
    }

    private async Task PostAsync(BotLab lab, RunningWorker worker, int turn, int count)
    {
        using var client = new HttpClient { BaseAddress = worker.Address };
        for (var i = 0; i < count; i++)
        {
            var (chat, text) = (Chats[i % Chats.Length], $"turn {turn}, message {i}");
            (await BotLab.PostAsync(client, lab.Message(chat, text))).Status.ShouldBe(200);
            _acknowledged.Add((chat, text));
        }
    }
}

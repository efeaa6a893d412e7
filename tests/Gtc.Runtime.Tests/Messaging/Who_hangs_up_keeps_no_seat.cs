using System.Text;
using System.Text.Json;
using Gtc.Redis;
using Gtc.Redis.Tests;
using Gtc.Routing;

namespace Gtc.Runtime.Tests.Messaging;

public sealed class Who_hangs_up_keeps_no_seat
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(10);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_webhook_that_is_given_up_while_its_chat_is_pinned_leaves_its_revision()
    {
        using var redis = await RedisServer.StartAsync();
        await using var lab = await BotLab.CreateAsync(TalkBundle.EchoFlow);
        await using var worker = await lab.BootAsync(options => options with
        {
            OpenPins = _ => PinStore.Connect($"redis://127.0.0.1:{redis.Port}", password: null, keyPrefix: "t:", TimeProvider.System, () => 0, Long),
        });
        using var client = new HttpClient { BaseAddress = new Uri($"http://{worker.Address}") };
        (await BotLab.PostAsync(client, lab.Message("7", "before"))).Status.ShouldBe(200);

        // Pins are still found, and none is stored.
        await using var other = new RedisClient(redis.Options, TimeProvider.System, () => 0);
        await other.ConnectedAsync(Token);
        (await other.CallAsync(["CLIENT", "PAUSE", 600_000, "WRITE"], Token)).IsDone.ShouldBeTrue();
        using var hangUp = new CancellationTokenSource();
        using var request = new HttpRequestMessage(HttpMethod.Post, BotLab.Hook) { Content = new StringContent(lab.Message("8", "hi"), Encoding.UTF8, "application/json") };
        request.Headers.Add("X-Telegram-Bot-Api-Secret-Token", BotLab.Secret);
        var sent = client.SendAsync(request, hangUp.Token);
        await Eventually.HoldsAsync(async () => await InFlightAsync(client) == 1);

        await hangUp.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(sent);
        await Eventually.HoldsAsync(async () => await InFlightAsync(client) == 0);
    }

    private static async Task<int> InFlightAsync(HttpClient client)
    {
        using var status = JsonDocument.Parse(await client.GetStringAsync("/status", Token));
        return status.RootElement.GetProperty("revisions")[0].GetProperty("in_flight").GetInt32();
    }
}

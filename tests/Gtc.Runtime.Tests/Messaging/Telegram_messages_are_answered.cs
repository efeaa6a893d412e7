using System.Net;
using Microsoft.Extensions.Logging;

namespace Gtc.Runtime.Tests.Messaging;

public sealed class Telegram_messages_are_answered
{
    /// <summary>Four processes that died with the same message in their hands are enough; the worker would otherwise never come up again.</summary>
    [Fact]
    public async Task A_message_that_ended_several_processes_is_given_up_and_the_next_one_is_answered()
    {
        await using var lab = await BotLab.CreateAsync();
        var path = Path.Combine(lab.Worker.Environment, "messaging", "inbox.log");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await using (var left = Inbox.Open(path, System.Security.Cryptography.RandomNumberGenerator.Fill).Value)
        {
            await left.TakeAsync([lab.Left(1, "7", "poison") with { Begun = 4 }, lab.Left(2, "7", "honest"), lab.Left(3, "8", "perhaps") with { Begun = 3 }], TestContext.Current.CancellationToken);
        }

        await using var worker = await lab.BootAsync();
        await Eventually.HoldsAsync(() => lab.Telegram.Sent("7").Length == 1 && lab.Telegram.Sent("8").Length == 1);
        lab.Worker.Logs.Lines.ShouldContain(line => line.Level == LogLevel.Error && line.Text.Contains("is given up: 4 workers began it", StringComparison.Ordinal));
    }

    [Fact]
    [Trait("fact", "messaging:9.1")]
    [Trait("fact", "messaging:9.2")]
    public async Task Without_the_right_secret_nothing_happens()
    {
        await using var lab = await BotLab.CreateAsync();
        await using var worker = await lab.BootAsync();
        using var client = Client(worker);

        (await BotLab.PostAsync(client, lab.Message("100", "hi"), secret: null)).ShouldBe((401, "missing x-telegram-bot-api-secret-token header"));
        (await BotLab.PostAsync(client, lab.Message("100", "hi"), "wrong")).ShouldBe((401, "x-telegram-bot-api-secret-token did not match any registered endpoint"));

        (await BotLab.PostAsync(client, lab.Message("200", "hi"))).Status.ShouldBe(200);
        await Eventually.HoldsAsync(() => lab.Telegram.Sent("200").Length == 1);
        lab.Telegram.Calls.Count.ShouldBe(1);
    }

    [Fact]
    [Trait("fact", "messaging:9.3")]
    [Trait("fact", "messaging:9.4")]
    [Trait("fact", "messaging:9.5")]
    public async Task A_message_gets_the_card_its_button_the_next_one_and_another_chat_its_own()
    {
        await using var lab = await BotLab.CreateAsync();
        await using var worker = await lab.BootAsync();
        using var client = Client(worker);

        var (status, text) = await BotLab.PostAsync(client, lab.Message("100", "hi"));
        (status, text).ShouldBe((200, """{"ok":true,"chat_id":"100"}"""));
        await Eventually.HoldsAsync(() => lab.Telegram.Sent("100").Length == 1);
        var (path, body) = lab.Telegram.Calls.Single();
        path.ShouldBe("/bot111:fake/sendMessage");
        body.GetProperty("chat_id").GetString().ShouldBe("100");
        body.GetProperty("text").GetString()!.ShouldContain(BotLab.Welcome);
        var button = body.GetProperty("reply_markup").GetProperty("inline_keyboard")[0][0];
        button.GetProperty("callback_data").GetString().ShouldBe("""{"action":"about_card"}""");
        button.GetProperty("text").GetString().ShouldBe("About");

        (await BotLab.PostAsync(client, lab.Pressed("100", "about_card"))).Status.ShouldBe(200);
        await Eventually.HoldsAsync(() => lab.Telegram.Sent("100").Length == 2);
        lab.Telegram.Sent("100")[1].ShouldContain(BotLab.About);

        (await BotLab.PostAsync(client, lab.Message("200", "hi"))).Status.ShouldBe(200);
        await Eventually.HoldsAsync(() => lab.Telegram.Sent("200").Length == 1);
        lab.Telegram.Sent("200")[0].ShouldContain(BotLab.Welcome);
    }

    [Fact]
    [Trait("fact", "messaging:9.6")]
    public async Task Half_a_configuration_is_reported_and_nothing_is_sent()
    {
        await using var lab = await BotLab.CreateAsync();
        lab.SetOverrides(("api_base_url", lab.Telegram.Address.ToString().TrimEnd('/')));
        lab.Worker.Save();
        await using var worker = await lab.BootAsync();
        using var client = Client(worker);

        (await BotLab.PostAsync(client, lab.Message("100", "hi"))).Status.ShouldBe(200);

        await Eventually.HoldsAsync(() => lab.Worker.Logs.Lines.Any(line => line.Level == LogLevel.Error && line.Text.Contains("missing field `public_base_url`", StringComparison.Ordinal)));
        lab.Telegram.Calls.ShouldBeEmpty();
    }

    [Fact]
    [Trait("fact", "messaging:9.7")]
    public async Task Without_a_token_nothing_is_sent_and_the_worker_goes_on()
    {
        await using var lab = await BotLab.CreateAsync();
        lab.Worker.Variables.Remove(BotLab.Variable("secret://local/default/_/messaging-telegram/telegram_bot_token"));
        await using var worker = await lab.BootAsync();
        using var client = Client(worker);

        (await BotLab.PostAsync(client, lab.Message("100", "hi"))).Status.ShouldBe(200);

        await Eventually.HoldsAsync(() => lab.Worker.Logs.Lines.Any(line => line.Level == LogLevel.Error && line.Text.Contains("TELEGRAM_BOT_TOKEN", StringComparison.Ordinal)));
        lab.Telegram.Calls.ShouldBeEmpty();
        (await client.GetStringAsync("/healthz", Token)).ShouldBe("ok");
    }

    [Fact]
    [Trait("fact", "messaging:9.8")]
    public async Task Only_post_is_a_webhook_and_its_body_is_bounded()
    {
        await using var lab = await BotLab.CreateAsync();
        await using var worker = await lab.BootAsync();
        using var client = Client(worker);

        using var got = await client.GetAsync(BotLab.Hook, Token);
        got.StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
        got.Content.Headers.Allow.ShouldBe(["POST"]);
        (await BotLab.PostAsync(client, new string(' ', (1 << 20) + 1))).Status.ShouldBe(413);
        (await BotLab.PostAsync(client, lab.Message("100", "trap"))).ShouldBe((502, "provider invocation failed"));
        (await BotLab.PostAsync(client, lab.Message("100", "hi"), path: BotLab.Hook + "/more")).Status.ShouldBe(200);
        (await BotLab.PostAsync(client, """{"text":"hi"}""", path: "/bot/webhook/other")).Status.ShouldBe(200);
    }

    [Fact]
    [Trait("fact", "messaging:9.12")]
    public async Task An_endpoint_of_another_bundle_does_not_count_and_one_without_a_secret_lets_nobody_in()
    {
        await using var lab = await BotLab.CreateAsync();
        lab.ChangeEndpoint(endpoint => endpoint with { LinkedBundles = [] });
        lab.Worker.Save();
        await using (var worker = await lab.BootAsync())
        {
            using var client = Client(worker);
            (await BotLab.PostAsync(client, lab.Message("100", "hi"), secret: null)).Status.ShouldBe(200);
            await Eventually.HoldsAsync(() => lab.Telegram.Sent("100").Length == 1);
        }

        lab.ChangeEndpoint(endpoint => endpoint with { LinkedBundles = ["bot"], WebhookSecretRef = null });
        lab.Worker.Save();
        await using (var worker = await lab.BootAsync())
        {
            using var client = Client(worker);
            (await BotLab.PostAsync(client, lab.Message("100", "hi"), secret: null)).Status.ShouldBe(401);
        }

        lab.ChangeEndpoint(endpoint => endpoint with { AcceptsUnsignedWebhooks = true });
        lab.Worker.Save();
        await using (var worker = await lab.BootAsync())
        {
            using var client = Client(worker);
            (await BotLab.PostAsync(client, lab.Message("100", "hi"), secret: null)).Status.ShouldBe(200);
        }
    }

    [Fact]
    public async Task An_update_that_comes_twice_is_answered_once()
    {
        await using var lab = await BotLab.CreateAsync();
        await using var worker = await lab.BootAsync();
        using var client = Client(worker);
        var update = lab.Message("100", "hi");

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => BotLab.PostAsync(client, update)));

        answers.ShouldAllBe(answer => answer.Status == 200);
        (await BotLab.PostAsync(client, lab.Pressed("100", "about_card"))).Status.ShouldBe(200);
        await Eventually.HoldsAsync(() => lab.Telegram.Sent("100").Any(text => text.Contains(BotLab.About, StringComparison.Ordinal)));
        lab.Telegram.Sent("100").Length.ShouldBe(2);
    }

    [Fact]
    public async Task Messages_of_a_chat_are_answered_in_order_while_another_chat_waits_for_a_failing_reply()
    {
        await using var lab = await BotLab.CreateAsync(TalkBundle.EchoFlow);
        var failures = 0;
        var healed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lab.Telegram.Answer = body => Task.FromResult(body.GetProperty("chat_id").GetString() == "13" && !healed.Task.IsCompleted && Interlocked.Increment(ref failures) > 0 ? 503 : 200);
        await using var worker = await lab.BootAsync();
        using var client = Client(worker);
        (await BotLab.PostAsync(client, lab.Message("13", "late"))).Status.ShouldBe(200);
        (await BotLab.PostAsync(client, lab.Message("13", "later"))).Status.ShouldBe(200);

        for (var i = 0; i < 20; i++)
        {
            (await BotLab.PostAsync(client, lab.Message("7", $"m{i}"))).Status.ShouldBe(200);
        }

        await Eventually.HoldsAsync(() => lab.Telegram.Sent("7").Length == 20);
        lab.Telegram.Sent("7").ShouldBe(Enumerable.Range(0, 20).Select(i => $"m{i}"));
        await Eventually.HoldsAsync(() => Volatile.Read(ref failures) > 1);
        healed.SetResult();
        await Eventually.HoldsAsync(() => lab.Telegram.Sent("13").Length == 2);
        lab.Telegram.Sent("13").ShouldBe(["late", "later"]);
    }

    [Fact]
    [Trait("fact", "dispatcher:6.17")]
    public async Task A_chat_stays_on_its_revision_and_one_without_the_secret_is_pinned_to_none()
    {
        await using var lab = await BotLab.CreateAsync("""
            id: who
            type: messaging
            schema_version: 2
            tags: [default]
            nodes:
              tell:
                emit.log:
                  text: "{{runtime.revision_id}} of {{runtime.tenant}}, asked by {{entry.tenant.tenant}}"
                routing: out
            """);
        var first = lab.Revision;
        var second = await lab.Worker.StageAsync(lab.Deployment, lab.Bundle, lab.Bundle);
        lab.Worker.Route(lab.Deployment, (first, 10_000), (second, 0));
        lab.Worker.Save();
        await using var worker = await lab.BootAsync();
        using var client = Client(worker);
        async Task<string> AskAsync(string chat)
        {
            var before = lab.Telegram.Sent(chat).Length;
            (await BotLab.PostAsync(client, lab.Message(chat, "who"))).Status.ShouldBe(200);
            await Eventually.HoldsAsync(() => lab.Telegram.Sent(chat).Length > before);
            return lab.Telegram.Sent(chat)[^1];
        }

        (await AskAsync("100")).ShouldBe($"{first} of default, asked by default");
        (await BotLab.PostAsync(client, lab.Message("300", "who"), "wrong")).Status.ShouldBe(401);

        lab.Worker.Route(lab.Deployment, (first, 1), (second, 9_999));
        lab.Worker.SaveAll();
        var stranger = 1000;
        await Eventually.HoldsAsync(async () => (await AskAsync($"{++stranger}")).StartsWith(second.ToString(), StringComparison.Ordinal));

        (await AskAsync("100")).ShouldStartWith(first.ToString());
        (await AskAsync("300")).ShouldStartWith(second.ToString());
    }

    [Theory]
    [InlineData("GET", "/v1/messaging/webchat/default/token", """{"method":"POST","path":"/v3/directline/tokens/generate","tenant":"default"}""")]
    [InlineData("GET", "/v1/messaging/webchat/default/v3/directline/conversations/7/activities?watermark=1", """{"method":"GET","path":"/v3/directline/conversations/7/activities","tenant":"default"}""")]
    public async Task Clients_of_direct_line_reach_the_provider_of_their_tenant(string method, string path, string answered)
    {
        await using var lab = await BotLab.CreateAsync();
        await using var worker = await lab.BootAsync();
        using var client = Client(worker);

        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var answer = await client.SendAsync(request, Token);

        ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(Token)).ShouldBe((201, answered));
        (await client.GetAsync("/v1/messaging/webchat/nobody/token", Token)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task What_was_taken_in_is_answered_by_the_next_worker()
    {
        await using var lab = await BotLab.CreateAsync();
        lab.Telegram.Answer = _ => Task.FromResult(503);
        await using (var worker = await lab.BootAsync())
        {
            using var client = Client(worker);
            (await BotLab.PostAsync(client, lab.Message("100", "hi"))).Status.ShouldBe(200);
            await Eventually.HoldsAsync(() => lab.Worker.Logs.Lines.Any(line => line.Text.Contains("is not answered yet", StringComparison.Ordinal)));
        }

        lab.Telegram.Sent("100").ShouldBeEmpty();
        lab.Telegram.Answer = _ => Task.FromResult(200);
        await using (await lab.BootAsync())
        {
            await Eventually.HoldsAsync(() => lab.Telegram.Sent("100").Length == 1);
        }

        await using (var third = await lab.BootAsync())
        {
            using var client = Client(third);
            (await BotLab.PostAsync(client, lab.Message("200", "hi"))).Status.ShouldBe(200);
            await Eventually.HoldsAsync(() => lab.Telegram.Sent("200").Length == 1);
        }

        lab.Telegram.Sent("100").Length.ShouldBe(1);
    }

    [Fact]
    public async Task Where_nothing_can_be_kept_senders_are_asked_to_come_again()
    {
        await using var lab = await BotLab.CreateAsync();
        await File.WriteAllTextAsync(Path.Combine(lab.Worker.Environment, "messaging"), "not a folder", Token);
        await using var worker = await lab.BootAsync();
        using var client = Client(worker);

        (await BotLab.PostAsync(client, lab.Message("100", "hi"))).ShouldBe((503, "messages cannot be taken in at the moment"));
        lab.Telegram.Calls.ShouldBeEmpty();
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static HttpClient Client(WorkerHost worker) => new() { BaseAddress = new Uri($"http://{worker.Address}") };
}

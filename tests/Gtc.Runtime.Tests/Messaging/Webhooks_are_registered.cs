using Microsoft.Extensions.Logging;

namespace Gtc.Runtime.Tests.Messaging;

public sealed class Webhooks_are_registered
{
    private const string NoAddress = "webhooks are not registered: there is neither a tunnel nor a public_base_url";

    [Fact]
    [Trait("fact", "messaging:9.9")]
    public async Task Without_an_address_there_is_one_line_and_no_call()
    {
        await using var lab = await CreateAsync(null);
        await using var worker = await lab.BootAsync();

        await Eventually.HoldsAsync(() => lab.Worker.Logs.Lines.Any(line => line is (LogLevel.Information, NoAddress)));
        lab.Telegram.Calls.ShouldBeEmpty();
    }

    [Fact]
    [Trait("fact", "messaging:9.10")]
    public async Task Telegram_is_told_the_address_the_secret_and_what_is_wanted()
    {
        await using var lab = await CreateAsync("https://host.example/");
        await using var worker = await lab.BootAsync();

        await Eventually.HoldsAsync(() => lab.Telegram.Calls.Count == 1);
        var (path, body) = lab.Telegram.Calls[0];
        path.ShouldBe("/bot111:fake/setWebhook");
        body.GetProperty("url").GetString().ShouldBe("https://host.example/bot/webhook/telegram");
        body.GetProperty("secret_token").GetString().ShouldBe(BotLab.Secret);
        body.GetProperty("allowed_updates").EnumerateArray().Select(kind => kind.GetString()).ShouldBe(["message", "callback_query", "edited_message"]);
        await Eventually.HoldsAsync(() => lab.Worker.Logs.Lines.Any(line => line.Text ==
            $"webhook registered: provider=messaging.telegram.bot url=https://host.example/bot/webhook/telegram deployment={lab.Deployment} secret_token=yes token_source=endpoint {lab.Endpoint}"));
        lab.Worker.Logs.Lines.ShouldAllBe(line => !line.Text.Contains("111:fake", StringComparison.Ordinal));
    }

    [Fact]
    [Trait("fact", "messaging:9.11")]
    public async Task A_provider_that_declines_is_a_warning_and_the_worker_serves()
    {
        await using var lab = await CreateAsync("http://host.example");
        await using var worker = await lab.BootAsync();

        await Eventually.HoldsAsync(() => lab.Worker.Logs.Lines.Any(line => line.Level == LogLevel.Warning && line.Text.EndsWith("webhook_url must be an https:// URL", StringComparison.Ordinal)));
        lab.Telegram.Calls.ShouldBeEmpty();
        using var client = new HttpClient { BaseAddress = new Uri($"http://{worker.Address}") };
        (await BotLab.PostAsync(client, lab.Message("100", "hi"))).Status.ShouldBe(200);
    }

    [Fact]
    public async Task A_secret_that_cannot_be_read_keeps_the_webhook_from_being_registered_without()
    {
        await using var lab = await CreateAsync("https://host.example");
        lab.ChangeEndpoint(endpoint => endpoint with { WebhookSecretRef = "secret://local/default/_/other/webhook_secret" });
        lab.Worker.Save();
        await using var worker = await lab.BootAsync();

        await Eventually.HoldsAsync(() => lab.Worker.Logs.Lines.Any(line => line.Text.EndsWith($"the secret of endpoint {lab.Endpoint} cannot be read", StringComparison.Ordinal)));
        lab.Telegram.Calls.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_change_registers_anew_and_a_tunnel_goes_before_the_environment_and_that_before_the_variable()
    {
        await using var lab = await CreateAsync(null);
        lab.Worker.Variables["PUBLIC_BASE_URL"] = "https://variable.example";
        await using (await lab.BootAsync())
        {
            await Eventually.HoldsAsync(() => Last(lab) == "https://variable.example/bot/webhook/telegram");

            lab.Worker.Change(document => document with { HostConfig = document.HostConfig with { PublicBaseUrl = "https://environment.example" } });
            lab.Worker.SaveAll();
            await Eventually.HoldsAsync(() => Last(lab) == "https://environment.example/bot/webhook/telegram");
        }

        var program = lab.Worker.PathTo("cloudflared");
        await File.WriteAllTextAsync(program, "#!/bin/sh\nprintf 'INF |  https://quiet-river.trycloudflare.com  |\\n' >&2\nexec sleep 600\n", TestContext.Current.CancellationToken);
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await using (await lab.BootAsync(options => options with { TunnelBinary = program }))
        {
            await Eventually.HoldsAsync(() => Last(lab) == "https://quiet-river.trycloudflare.com/bot/webhook/telegram");
        }
    }

    private static string? Last(BotLab lab) => lab.Telegram.Calls.LastOrDefault(call => call.Path.EndsWith("/setWebhook", StringComparison.Ordinal)) is { Path: not null } call ? call.Body.GetProperty("url").GetString() : null;

    private static async Task<BotLab> CreateAsync(string? address)
    {
        var lab = await BotLab.CreateAsync();
        lab.Worker.Variables[BotLab.Variable("secret://local/default/_/messaging-telegram/telegram_api_base")] = lab.Telegram.Address.ToString().TrimEnd('/');
        lab.Worker.Change(document => document with { HostConfig = document.HostConfig with { PublicBaseUrl = address } });
        lab.Worker.Save();
        return lab;
    }
}

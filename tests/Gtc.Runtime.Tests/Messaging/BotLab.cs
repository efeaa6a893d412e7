using System.Collections.Immutable;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Gtc.Artifacts.Building;
using Gtc.Flows.Tests.Components;
using Gtc.Model;
using Gtc.Runtime.Tests.Messaging.Provider;
using Gtc.Store;

namespace Gtc.Runtime.Tests.Messaging;

/// <summary>A bot at <c>/bot</c>: a bundle with a Telegram provider and a flow of cards, an endpoint with the secret <c>right</c>, and Telegram played by the test.</summary>
internal sealed class BotLab : IAsyncDisposable
{
    public const string Secret = "right";
    public const string Hook = "/bot/webhook/telegram";
    public const string Welcome = "What would you like to explore?";
    public const string About = "About Greentic";

    private static readonly DateTimeOffset Now = new(2026, 11, 20, 14, 2, 3, TimeSpan.Zero);

    private long _update;

    private BotLab(TelegramApi telegram) => Telegram = telegram;

    public WorkerLab Worker { get; } = new();

    public TelegramApi Telegram { get; }

    public DeploymentId Deployment { get; private set; }

    /// <summary>The revision that has all of the dial at first.</summary>
    public RevisionId Revision { get; private set; }

    /// <summary>The bundle's file.</summary>
    public string Bundle { get; private set; } = string.Empty;

    public MessagingEndpointId Endpoint { get; } = new(Ulid.From(Now, [9, 9, 9, 9, 9, 9, 9, 9, 9, 9]));

    /// <summary>An environment that is ready to boot.</summary>
    public static async Task<BotLab> CreateAsync(string? flow = null, string? greeting = null, string routes = "[]")
    {
        var lab = new BotLab(await TelegramApi.StartAsync());
        try
        {
            await lab.PrepareAsync(flow ?? TalkBundle.CardFlow, greeting, routes);
            return lab;
        }
        catch
        {
            await lab.DisposeAsync();
            throw;
        }
    }

    public Task<WorkerHost> BootAsync(Func<WorkerOptions, WorkerOptions>? change = null) => BootedAsync(options => (change ?? (same => same))(options with { Egress = Loopback }));

    public void SetOverrides(params (string Key, string Value)[] settings) => Worker.Change(document => document with
    {
        Bundles = [.. document.Bundles.Select(deployment => deployment with
        {
            ConfigOverrides = settings.Length == 0 ? null : ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, JsonElement>>.Empty.Add(
                "messaging-telegram",
                settings.ToImmutableSortedDictionary(setting => setting.Key, setting => JsonElement.Parse(JsonSerializer.Serialize(setting.Value)))),
        })],
    });

    public void ChangeEndpoint(Func<MessagingEndpoint, MessagingEndpoint> change) =>
        Worker.Change(document => document with { MessagingEndpoints = [.. document.MessagingEndpoints.Select(change)] });

    /// <summary>Sends an update as Telegram does.</summary>
    public static async Task<(int Status, string Text)> PostAsync(HttpClient client, string update, string? secret = Secret, string path = Hook)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(update, Encoding.UTF8, "application/json") };
        if (secret is not null)
        {
            request.Headers.Add("X-Telegram-Bot-Api-Secret-Token", secret);
        }

        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    public string Message(string chat, string text) =>
        $$$"""{"update_id":{{{++_update}}},"message":{"message_id":1,"date":1,"chat":{"id":{{{chat}}},"type":"private"},"from":{"id":{{{chat}}},"is_bot":false,"first_name":"demo"},"text":"{{{text}}}"}}""";

    public string Pressed(string chat, string action) =>
        $$$$"""{"update_id":{{{{++_update}}}},"callback_query":{"id":"cq1","from":{"id":{{{{chat}}}}},"message":{"message_id":1,"chat":{"id":{{{{chat}}}},"type":"private"}},"data":"{\"action\":\"{{{{action}}}}\"}"}}""";

    public async ValueTask DisposeAsync()
    {
        await Telegram.DisposeAsync();
        Worker.Dispose();
    }

    private static Gtc.Flows.EgressPolicy Loopback => Gtc.Flows.EgressPolicy.TryParse("127.0.0.0/8", out var policy) ? policy : throw new InvalidOperationException();

    private async Task<WorkerHost> BootedAsync(Func<WorkerOptions, WorkerOptions> change)
    {
        var booted = await Worker.BootAsync(change);
        booted.Refusal?.Message.ShouldBeNull();
        return booted.Value;
    }

    private async Task PrepareAsync(string flow, string? greeting, string routes)
    {
        Bundle = await BuildAsync(flow, greeting, routes);
        Deployment = Worker.Deploy("bot", "/bot");
        Revision = await Worker.StageAsync(Deployment, Bundle, Bundle);
        Worker.Route(Deployment, (Revision, 10_000));
        var reference = $"secret://local/default/_/messaging-{Endpoint.ToString().ToLowerInvariant()}/webhook_secret";
        Worker.Change(document => document with
        {
            MessagingEndpoints =
            [
                new MessagingEndpoint
                {
                    Schema = Schemas.MessagingEndpoint,
                    EnvId = EnvId.Local,
                    EndpointId = Endpoint,
                    ProviderId = "bot",
                    ProviderType = "messaging.telegram.bot",
                    DisplayName = "Bot",
                    WebhookSecretRef = reference,
                    LinkedBundles = ["bot"],
                    CreatedAt = Now,
                    UpdatedAt = Now,
                    UpdatedBy = "test",
                },
            ],
        });
        SetOverrides(("api_base_url", Telegram.Address.ToString().TrimEnd('/')), ("public_base_url", "https://bot.example"));
        Worker.Variables[Variable(reference)] = Secret;
        Worker.Variables[Variable("secret://local/default/_/messaging-telegram/telegram_bot_token")] = "111:fake";
        Worker.Save();
    }

    /// <summary>The variable that a worker finds a secret in.</summary>
    public static string Variable(string reference) => SecretUri.Parse(reference).Value.EnvironmentVariable;

    private async Task<string> BuildAsync(string flow, string? greeting, string routes)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var source = Directory.CreateDirectory(Worker.PathTo("bot")).FullName;
        var pack = Path.Combine(source, "packs", "quickstart");
        Directory.CreateDirectory(Path.Combine(pack, "flows"));
        Directory.CreateDirectory(Path.Combine(pack, "components"));
        await File.WriteAllTextAsync(Path.Combine(source, "bundle.yaml"), "schema_version: 1\nbundle_id: bot\nbundle_name: bot\n", cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(pack, "pack.yaml"), "pack_id: quickstart\nversion: 0.1.0\nkind: application\npublisher: tests\nname: Quickstart\n", cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(pack, "flows", "on_message.ygtc"), flow, cancellationToken);
        if (greeting is not null)
        {
            await File.WriteAllTextAsync(Path.Combine(pack, "flows", "greet.ygtc"), greeting, cancellationToken);
        }

        await File.WriteAllBytesAsync(Path.Combine(pack, "components", "my.tool.wasm"), TestComponents.Echo(), cancellationToken);
        await File.WriteAllBytesAsync(Path.Combine(source, "packs", "messaging-telegram.gtpack"), await TelegramProvider.PackAsync(routes), cancellationToken);
        var built = await BundleBuilder.BuildAsync(source, Worker.PathTo("bot.gtbundle"), "test", cancellationToken);
        built.Refusal?.Message.ShouldBeNull();
        return built.Value.Path;
    }
}

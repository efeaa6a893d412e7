using System.Net;
using System.Text;
using Gtc.Flows;
using Gtc.Model;
using Gtc.Redis.Tests;

namespace Gtc.Runtime.Tests.Messaging;

public sealed class Endpoints_greet_new_conversations
{
    private const string Greeting =
        """
        id: greet
        type: messaging
        schema_version: 2
        tags: [internal]
        nodes:
          hello:
            emit.log:
              text: Good to see you
            routing: out
        """;

    [Fact]
    public async Task A_new_chat_gets_the_welcome_flow_and_then_the_usual_one()
    {
        await using var lab = await BotLab.CreateAsync(greeting: Greeting);
        Welcome(lab, "bot");
        await using var worker = await lab.BootAsync();
        using var client = Client(worker);

        await BotLab.PostAsync(client, lab.Message("100", "hi"));
        await Eventually.HoldsAsync(() => lab.Telegram.Sent("100").Length == 1);
        await BotLab.PostAsync(client, lab.Message("100", "hi"));
        await Eventually.HoldsAsync(() => lab.Telegram.Sent("100").Length == 2);

        lab.Telegram.Sent("100")[0].ShouldContain("Good to see you");
        lab.Telegram.Sent("100")[1].ShouldContain(BotLab.Welcome);
        (await AskAsync(client, "200", lab.Endpoint.ToString())).Text.ShouldContain("Good to see you");
        (await AskAsync(client, "200", "bot")).Text.ShouldContain(BotLab.Welcome);
    }

    [Fact]
    public async Task In_redis_a_restart_greets_nobody_again()
    {
        using var server = await RedisServer.StartAsync();
        await using var lab = await BotLab.CreateAsync(greeting: Greeting);
        Welcome(lab, "bot");
        foreach (var expected in new[] { "Good to see you", BotLab.Welcome })
        {
            await using var worker = await lab.BootAsync(options => options with { OpenFlowStores = _ => new FlowStores(null, Connect(server)) });
            using var client = Client(worker);
            (await AskAsync(client, "100", "bot")).Text.ShouldContain(expected);
        }
    }

    [Fact]
    public async Task A_welcome_flow_of_another_bundle_greets_nobody_here()
    {
        await using var lab = await BotLab.CreateAsync(greeting: Greeting);
        Welcome(lab, "other");
        await using var worker = await lab.BootAsync();
        using var client = Client(worker);

        (await AskAsync(client, "100", "bot")).Text.ShouldContain(BotLab.Welcome);
    }

    [Fact]
    public async Task A_local_caller_names_an_endpoint_that_there_is_and_that_may_reach_the_bundle()
    {
        await using var lab = await BotLab.CreateAsync(greeting: Greeting);
        var third = new MessagingEndpointId(Ulid.From(DateTimeOffset.UnixEpoch, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]));
        lab.Worker.Change(document => document with
        {
            MessagingEndpoints =
            [
                .. document.MessagingEndpoints,
                document.MessagingEndpoints[0] with { EndpointId = new MessagingEndpointId(Ulid.From(DateTimeOffset.UnixEpoch, new byte[10])), ProviderType = "messaging.other", LinkedBundles = [] },
                document.MessagingEndpoints[0] with { EndpointId = third, ProviderId = "third", LinkedBundles = [] },
            ],
        });
        lab.Worker.Save();
        await using var worker = await lab.BootAsync();
        using var client = Client(worker);

        (await AskAsync(client, "100", lab.Endpoint.ToString().ToLowerInvariant())).Status.ShouldBe(HttpStatusCode.OK);
        (await AskAsync(client, "100", "nobody")).ShouldBe((HttpStatusCode.Unauthorized, "messaging endpoint not recognized in this environment"));
        (await AskAsync(client, "100", "third")).ShouldBe((HttpStatusCode.Forbidden, "this messaging endpoint is not authorized to route to the resolved bundle"));
        (await AskAsync(client, "100", "bot")).ShouldBe(
            (HttpStatusCode.UnprocessableEntity, "messaging endpoint resolution is ambiguous; assert the endpoint via x-greentic-messaging-endpoint-id"));
    }

    private static void Welcome(BotLab lab, string bundle)
    {
        lab.Worker.Deploy("other", "/other");
        lab.ChangeEndpoint(endpoint => endpoint with
        {
            LinkedBundles = ["bot", "other"],
            WelcomeFlow = new WelcomeFlow { BundleId = bundle, PackId = "quickstart", FlowId = "greet" },
        });
        lab.Worker.Save();
    }

    private static async Task<(HttpStatusCode Status, string Text)> AskAsync(HttpClient client, string session, string endpoint)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/bot") { Content = new StringContent("""{"text":"hi"}""", Encoding.UTF8, "application/json") };
        request.Headers.Add("x-greentic-session", session);
        request.Headers.Add("x-greentic-messaging-endpoint-id", endpoint);
        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private static HttpClient Client(WorkerHost worker) => new() { BaseAddress = new Uri($"http://{worker.Address}") };

    private static FlowRedis Connect(RedisServer server) =>
        FlowRedis.Connect($"redis://127.0.0.1:{server.Port}", null, "t:", TimeProvider.System, () => 0, TimeSpan.FromSeconds(60)).Value;
}

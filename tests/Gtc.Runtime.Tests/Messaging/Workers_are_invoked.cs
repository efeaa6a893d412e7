using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Gtc.Flows.Tests.Components;

namespace Gtc.Runtime.Tests.Messaging;

public sealed class Workers_are_invoked : IDisposable
{
    private readonly WorkerLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Fact]
    [Trait("fact", "worker-runtime:8.9")]
    public async Task A_component_answers_and_the_request_is_echoed()
    {
        await _lab.RouteOneAsync(await TalkBundle.BuildAsync(_lab, TestComponents.EchoOf(TestComponents.Runtime)));
        await using var worker = (await _lab.BootAsync()).Value;
        using var client = Client(worker);

        var answer = await AskAsync(client, """
            {"version":"2.1.0","tenant":{"env":"local","tenant":"default","tenant_id":"default","attempt":0,"later":1},"worker_id":"w","payload":{"text":"hi"},
             "correlation_id":"c","session_id":"s","thread_id":"t","unknown":[]}
            """);

        answer.GetProperty("version").GetString().ShouldBe("2.1.0");
        answer.GetProperty("tenant").GetProperty("later").GetInt32().ShouldBe(1);
        answer.GetProperty("worker_id").GetString().ShouldBe("w");
        answer.GetProperty("timestamp_utc").GetDateTimeOffset().Offset.ShouldBe(TimeSpan.Zero);
        answer.GetProperty("correlation_id").GetString().ShouldBe("c");
        answer.GetProperty("session_id").GetString().ShouldBe("s");
        answer.GetProperty("thread_id").GetString().ShouldBe("t");
        var message = answer.GetProperty("messages").EnumerateArray().ShouldHaveSingleItem();
        message.GetProperty("kind").GetString().ShouldBe("activity");
        message.GetProperty("payload").GetProperty("payload").EnumerateArray().Select(part => part.GetByte()).ToArray().ShouldBe("""{"said":"hi"}"""u8.ToArray());
    }

    [Theory]
    [Trait("fact", "messaging:9.14")]
    [InlineData("""{"type":"AdaptiveCard","body":[]}""", "adaptive-card", """{"type":"AdaptiveCard","body":[]}""")]
    [InlineData("""{"renderedCard":{"type":"AdaptiveCard"},"event":null}""", "adaptive-card", """{"type":"AdaptiveCard"}""")]
    [InlineData("""{"status":"pending","response":{"text":"t"}}""", "text", """{"text":"t"}""")]
    [InlineData("""{"text":"t","more":1}""", "text", """{"text":"t","more":1}""")]
    [InlineData("""{"more":1}""", "activity", """{"more":1}""")]
    public async Task The_payload_says_what_kind_a_message_is(string payload, string kind, string shown)
    {
        await _lab.RouteOneAsync(await TalkBundle.EmitAsync(_lab, payload));
        await using var worker = (await _lab.BootAsync()).Value;
        using var client = Client(worker);

        var message = (await AskAsync(client, Request("{}"))).GetProperty("messages")[0];

        message.GetProperty("kind").GetString().ShouldBe(kind);
        JsonElement.DeepEquals(message.GetProperty("payload"), JsonElement.Parse(shown)).ShouldBeTrue(message.GetRawText());
    }

    [Theory]
    [InlineData("""{}""", "{}")]
    [InlineData("""{"text":"t","a":1}""", """{"text":"t","a":1}""")]
    [InlineData("""{"action":"about"}""", """{"metadata":{"action":"about"}}""")]
    [InlineData("""{"text":1}""", """{"metadata":{"text":1}}""")]
    [InlineData("[1]", "[1]")]
    public async Task What_a_card_submits_becomes_metadata(string payload, string entry)
    {
        await _lab.RouteOneAsync(await TalkBundle.EmitAsync(_lab, "\"{{entry}}\""));
        await using var worker = (await _lab.BootAsync()).Value;
        using var client = Client(worker);

        var messages = (await AskAsync(client, Request(payload))).GetProperty("messages");

        var expected = JsonElement.Parse(entry);
        JsonElement.DeepEquals(messages[0].GetProperty("payload"), expected.ValueKind == JsonValueKind.Array ? expected[0] : expected).ShouldBeTrue(messages.GetRawText());
    }

    [Fact]
    public async Task A_flow_waits_for_the_session()
    {
        await _lab.RouteOneAsync(await TalkBundle.BuildAsync(_lab, TestComponents.Echo()));
        await using var worker = (await _lab.BootAsync()).Value;
        using var client = Client(worker);

        async Task<string?> SayAsync(string text, string session) =>
            (await AskAsync(client, Request($$"""{"text":"{{text}}"}""", session))).GetProperty("messages")[0].GetProperty("payload").GetRawText();

        (await SayAsync("hi", "a")).ShouldBe("""{"said":"hi"}""");
        (await SayAsync("about", "b")).ShouldBe("""{"text":"About, after about"}""");
        (await SayAsync("about", "a")).ShouldBe("""{"text":"About, after about"}""");
    }

    [Fact]
    public async Task The_tenant_chooses_the_deployment_and_a_single_one_answers_for_all()
    {
        var bundle = await WorkerLab.BuildAsync("hello-worker", _lab.Root);
        var one = _lab.Deploy("one", "/one");
        var first = await _lab.StageAsync(one, bundle, bundle);
        _lab.Route(one, (first, 10_000));
        _lab.Save();
        await using (var worker = (await _lab.BootAsync()).Value)
        {
            using var client = Client(worker);
            (await GreetedByAsync(client, "nobody")).ShouldContain(first.ToString());
        }

        var two = _lab.Deploy("two", "/two");
        var second = await _lab.StageAsync(two, bundle, bundle);
        _lab.Route(two, (second, 10_000));
        _lab.Change(document => document with
        {
            Bundles = [.. document.Bundles.Select(deployment => deployment.DeploymentId == two
                ? deployment with { RouteBinding = deployment.RouteBinding with { TenantSelector = deployment.RouteBinding.TenantSelector with { Tenant = "acme" } } }
                : deployment)],
        });
        _lab.SaveAll();
        await using (var worker = (await _lab.BootAsync()).Value)
        {
            using var client = Client(worker);
            (await GreetedByAsync(client, "default")).ShouldContain(first.ToString());
            (await GreetedByAsync(client, "acme")).ShouldContain(second.ToString());
            (await SendAsync(client, Request("""{"text":"x"}""", tenant: "nobody"))).ShouldBe((404, "no active deployment resolves for the requested tenant"));
        }
    }

    [Fact]
    public async Task A_session_stays_on_its_revision()
    {
        var bundle = await WorkerLab.BuildAsync("hello-worker", _lab.Root);
        var deployment = _lab.Deploy();
        var (a, b) = (await _lab.StageAsync(deployment, bundle, bundle), await _lab.StageAsync(deployment, bundle, bundle));
        _lab.Route(deployment, (a, 10_000), (b, 0));
        _lab.Save();
        await using var worker = (await _lab.BootAsync()).Value;
        using var client = Client(worker);
        (await GreetedByAsync(client, "default", "mine")).ShouldContain(a.ToString());

        _lab.Route(deployment, (a, 1), (b, 9_999));
        _lab.SaveAll();
        await Eventually.HoldsAsync(async () => (await GreetedByAsync(client, "default", Guid.NewGuid().ToString())).Contains(b.ToString(), StringComparison.Ordinal));

        (await GreetedByAsync(client, "default", "mine")).ShouldContain(a.ToString());
    }

    [Theory]
    [InlineData("", "it is not JSON")]
    [InlineData("[]", "an object was expected, an array was found")]
    [InlineData("{}", "`tenant` must be an object with a text `tenant`")]
    [InlineData("""{"tenant":{"tenant":1}}""", "`tenant` must be an object with a text `tenant`")]
    [InlineData("""{"tenant":{"tenant":"t"},"session_id":1}""", "`session_id` must be a text, a number was found")]
    public async Task A_malformed_body_is_refused_with_the_reason(string body, string reason)
    {
        await using var worker = (await _lab.BootAsync()).Value;
        using var client = Client(worker);

        var (status, text) = await SendAsync(client, body);

        status.ShouldBe(400);
        text.ShouldStartWith($"invalid HostWorkerRequest body: {reason}");
    }

    [Fact]
    [Trait("fact", "worker-runtime:8.10")]
    public async Task Only_post_is_an_invocation_and_bodies_are_bounded()
    {
        await using var worker = (await _lab.BootAsync()).Value;
        using var client = Client(worker);

        using var got = await client.GetAsync("/workers/invoke", Token);
        ((int)got.StatusCode, await got.Content.ReadAsStringAsync(Token)).ShouldBe((405, "worker invoke requires POST"));
        got.Content.Headers.Allow.ShouldBe(["POST"]);
        (await SendAsync(client, new string(' ', (1 << 20) + 1))).ShouldBe((413, "request body exceeds the size limit"));
        (await SendAsync(client, Request("{}"))).Status.ShouldBe(404);
    }

    [Fact]
    [Trait("fact", "worker-runtime:8.11")]
    public async Task Strangers_may_not_invoke()
    {
        _lab.Variables["GREENTIC_REVISION_ID"] = (await _lab.RouteOneAsync(await WorkerLab.BuildAsync("hello-worker", _lab.Root))).ToString();
        _lab.Variables["GREENTIC_SUPERVISED"] = "1";
        await using var worker = (await _lab.BootAsync()).Value;
        using var client = Client(worker);

        (await SendAsync(client, Request("{}"))).ShouldBe((403, "worker invoke is restricted to loopback callers"));
    }

    [Theory]
    [InlineData("http://evil.example", 403)]
    [InlineData("null", 403)]
    [InlineData("http://localhost:8080", 200)]
    [InlineData("http://127.0.0.1:8080", 200)]
    [InlineData("http://[::1]:8080", 200)]
    public async Task A_page_of_another_site_may_not_speak_for_the_machine_that_it_is_shown_on(string origin, int status)
    {
        await _lab.RouteOneAsync(await WorkerLab.BuildAsync("hello-worker", _lab.Root));
        await using var worker = (await _lab.BootAsync()).Value;
        using var client = Client(worker);
        client.DefaultRequestHeaders.Add("Origin", origin);

        (await SendAsync(client, Request("""{"text":"x"}"""))).Status.ShouldBe(status);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static HttpClient Client(WorkerHost worker) => new() { BaseAddress = new Uri($"http://{worker.Address}") };

    private static string Request(string payload, string session = "s", string tenant = "default") =>
        $$"""{"tenant":{"env":"local","tenant":"{{tenant}}","tenant_id":"{{tenant}}","attempt":0},"payload":{{payload}},"session_id":"{{session}}"}""";

    private static async Task<JsonElement> AskAsync(HttpClient client, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await client.PostAsync("/workers/invoke", content, Token);
        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync(Token));
        return await response.Content.ReadFromJsonAsync<JsonElement>(Token);
    }

    private static async Task<string> GreetedByAsync(HttpClient client, string tenant, string session = "s") =>
        (await AskAsync(client, Request("""{"text":"Ada"}""", session, tenant))).GetProperty("messages")[0].GetProperty("payload").GetProperty("text").GetString()!;

    private static async Task<(int Status, string Text)> SendAsync(HttpClient client, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await client.PostAsync("/workers/invoke", content, Token);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(Token));
    }
}

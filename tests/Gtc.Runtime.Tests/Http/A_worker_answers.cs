using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Gtc.Model;
using Gtc.Routing;

namespace Gtc.Runtime.Tests.Http;

public sealed class A_worker_answers : IDisposable
{
    private readonly WorkerLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Fact]
    [Trait("fact", "worker-runtime:8.1")]
    public async Task An_empty_local_environment_serves_probes_only()
    {
        await using var worker = (await _lab.BootAsync()).Value;
        _lab.Banners.ToString().ShouldContain($"no bundles attached to env `local` — serving probes only on http://{worker.Address} (attach a bundle with `gtc op bundles add`). Press Ctrl+C to stop.");
        using var client = Client(worker);
        foreach (var probe in new[] { "/livez", "/readyz", "/healthz", "/health" })
        {
            (await client.GetStringAsync(probe, Token)).ShouldBe("ok");
        }

        var status = await client.GetFromJsonAsync<JsonElement>("/status", Token);
        status.GetProperty("schema").GetString().ShouldBe("greentic.status.v1");
        status.GetProperty("env_id").GetString().ShouldBe("local");
        status.GetProperty("listen_addr").GetString().ShouldBe(worker.Address.ToString());
        foreach (var count in new[] { "bundles_active", "deployments_routed", "revisions_active" })
        {
            status.GetProperty(count).GetInt32().ShouldBe(0);
        }

        var answer = await PostAsync(client, "{}");
        ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(Token)).ShouldBe((404, "no deployment is bound to this host and path"));
    }

    [Fact]
    [Trait("fact", "worker-runtime:8.2")]
    [Trait("fact", "flows-and-components:8.1")]
    public async Task The_real_fixture_answers_that_its_flow_has_no_start()
    {
        await _lab.RouteOneAsync(Fixtures.Path("perf-smoke-bundle.gtbundle"));
        await using var worker = (await _lab.BootAsync()).Value;
        _lab.Banners.ToString().ShouldContain("serving 1 revision(s) for env `local` across 1 deployment(s) on http://");
        using var client = Client(worker);
        var answer = await PostAsync(client, """{"text":"hi"}""");
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
        var replies = await answer.Content.ReadFromJsonAsync<JsonElement>(Token);
        replies.GetArrayLength().ShouldBe(1);
        replies[0].GetProperty("kind").GetRawText().ShouldBe("""{"kind":"custom","action":"response"}""");
        var metadata = replies[0].GetProperty("payload").GetProperty("metadata");
        metadata.GetProperty("error_kind").GetString().ShouldBe("flow_execution_failed");
        metadata.GetProperty("error_message").GetString().ShouldBe("flow main has no start node");
        metadata.GetProperty("flow_id").GetString().ShouldBe("main");
        var status = await client.GetFromJsonAsync<JsonElement>("/status", Token);
        (status.GetProperty("bundles_active").GetInt32(), status.GetProperty("deployments_routed").GetInt32(), status.GetProperty("revisions_active").GetInt32()).ShouldBe((1, 1, 1));
    }

    [Fact]
    public async Task A_sample_greets_and_says_which_revision_it_is()
    {
        var revision = await _lab.RouteOneAsync(await WorkerLab.BuildAsync("hello-worker", _lab.Root));
        await using var worker = (await _lab.BootAsync()).Value;
        using var client = Client(worker);
        var replies = await (await PostAsync(client, """{"text":"Ada"}""")).Content.ReadFromJsonAsync<JsonElement>(Token);
        replies[0].GetProperty("payload").GetProperty("text").GetString().ShouldBe($"Hello, Ada. I am revision {revision}.");
    }

    [Fact]
    [Trait("fact", "worker-runtime:8.3")]
    public async Task Only_post_is_answered_by_a_flow()
    {
        await _lab.RouteOneAsync(await WorkerLab.BuildAsync("hello-worker", _lab.Root));
        await using var worker = (await _lab.BootAsync()).Value;
        using var client = Client(worker);
        var answer = await client.GetAsync("/", Token);
        ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(Token)).ShouldBe((405, "only POST is supported for the generic revision ingress"));
        answer.Content.Headers.Allow.ShouldBe(["POST"]);
        (await client.GetAsync("/talk", Token)).StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
    }

    [Theory]
    [Trait("fact", "worker-runtime:8.4")]
    [InlineData("not json")]
    [InlineData("{\"text\":")]
    [InlineData("[1,]")]
    public async Task A_body_that_is_not_json_is_refused(string body)
    {
        await _lab.RouteOneAsync(await WorkerLab.BuildAsync("hello-worker", _lab.Root));
        await using var worker = (await _lab.BootAsync()).Value;
        using var client = Client(worker);
        var answer = await PostAsync(client, body);
        ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(Token)).ShouldBe((400, "request body must be JSON"));
    }

    [Theory]
    [Trait("fact", "worker-runtime:8.5")]
    [InlineData(1_048_576, false, 400)]
    [InlineData(1_048_577, false, 413)]
    [InlineData(1_048_577, true, 413)]
    public async Task A_body_over_one_mebibyte_is_refused_declared_or_chunked(int bytes, bool chunked, int status)
    {
        await _lab.RouteOneAsync(await WorkerLab.BuildAsync("hello-worker", _lab.Root));
        await using var worker = (await _lab.BootAsync()).Value;
        using var client = Client(worker);
        using var body = new ByteArrayContent(new byte[bytes]);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/") { Content = body };
        request.Headers.TransferEncodingChunked = chunked;
        var answer = await client.SendAsync(request, Token);
        ((int)answer.StatusCode).ShouldBe(status);
        if (status == 413)
        {
            (await answer.Content.ReadAsStringAsync(Token)).ShouldBe("request body exceeds the size limit");
        }
    }

    [Fact]
    public async Task Requests_reach_the_deployment_of_the_longest_prefix()
    {
        var hello = await WorkerLab.BuildAsync("hello-worker", _lab.Root);
        var root = _lab.Deploy("root-bot");
        var first = await _lab.StageAsync(root, hello, hello);
        _lab.Route(root, (first, 10_000));
        var nested = _lab.Deploy("nested-bot", "/bot");
        var second = await _lab.StageAsync(nested, hello, hello);
        _lab.Route(nested, (second, 10_000));
        _lab.Save();
        await using var worker = (await _lab.BootAsync()).Value;
        using var client = Client(worker);
        (await GreetAsync(client, "/")).ShouldContain(first.ToString());
        (await GreetAsync(client, "/bot/x")).ShouldContain(second.ToString());
        (await GreetAsync(client, "/bots")).ShouldContain(first.ToString());
        _lab.Banners.ToString().ShouldContain("serving 2 revision(s) for env `local` across 2 deployment(s)");
    }

    [Fact]
    public async Task The_draw_decides_between_revisions()
    {
        var hello = await WorkerLab.BuildAsync("hello-worker", _lab.Root);
        var deployment = _lab.Deploy();
        var a = await _lab.StageAsync(deployment, hello, hello);
        var b = await _lab.StageAsync(deployment, hello, hello);
        _lab.Route(deployment, (a, 9000), (b, 1000));
        _lab.Save();
        var number = 0ul;
        await using var worker = (await _lab.BootAsync(options => options with { Random = () => number })).Value;
        using var client = Strangers(worker);
        var slots = new CallerSlot(deployment);
        for (; number < 50; number++)
        {
            (await GreetAsync(client, "/")).ShouldContain((slots.Of(Encoding.ASCII.GetBytes(number.ToString("x16", CultureInfo.InvariantCulture))) < 9000 ? a : b).ToString());
        }
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static HttpClient Client(WorkerHost worker) => new() { BaseAddress = new Uri($"http://{worker.Address}") };

    /// <summary>A client that keeps no cookies: each request is a caller's first.</summary>
    private static HttpClient Strangers(WorkerHost worker) => new(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = new Uri($"http://{worker.Address}") };

    private static Task<HttpResponseMessage> PostAsync(HttpClient client, string body, string path = "/") =>
        client.PostAsync(path, new StringContent(body, Encoding.UTF8, "application/json"), Token);

    private static async Task<string> GreetAsync(HttpClient client, string path) =>
        await (await PostAsync(client, """{"text":"Ada"}""", path)).Content.ReadAsStringAsync(Token);
}

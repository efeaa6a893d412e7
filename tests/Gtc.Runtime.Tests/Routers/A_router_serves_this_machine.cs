using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Gtc.Model;
using Gtc.Routing;

namespace Gtc.Runtime.Tests.Routers;

/// <summary>The console and <c>/workers/invoke</c> of a router, in front of workers that believe nobody on their own.</summary>
public sealed class A_router_serves_this_machine : IDisposable
{
    private readonly RouterLab _lab = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task Each_conversation_is_answered_by_one_revision_and_all_revisions_answer_some()
    {
        var (a, b) = await _lab.TwoAsync(5_000, 5_000);
        await using var first = await _lab.WorkerAsync(a, isSupervised: true);
        await using var second = await _lab.WorkerAsync(b, isSupervised: true);
        await using var router = await _lab.RouterAsync();
        using var client = RouterLab.ClientOf(router);

        var seen = new HashSet<string>();
        for (var conversation = 0; conversation < 48; conversation++)
        {
            var answers = new HashSet<string> { await InvokeAsync(client, $"s{conversation}"), await InvokeAsync(client, $"s{conversation}") };
            seen.Add(answers.ShouldHaveSingleItem());
        }

        seen.Count.ShouldBe(2);
        seen.ShouldAllBe(text => text.StartsWith("Hello, Ada. I am revision ", StringComparison.Ordinal));
        await Eventually.HoldsAsync(async () => (await RouterLab.StatusAsync(client)).GetProperty("revisions").EnumerateArray().Sum(row => row.GetProperty("requests").GetInt64()) == 96);
    }

    [Fact]
    public async Task The_page_is_the_routers_and_only_where_the_console_is_on()
    {
        var a = await OneAsync();
        await using var worker = await _lab.WorkerAsync(a, isSupervised: true);
        await using (var router = await _lab.RouterAsync())
        {
            using var client = RouterLab.ClientOf(router);
            using var page = await client.GetAsync("/chat", Token);
            page.StatusCode.ShouldBe(HttpStatusCode.OK);
            page.Content.Headers.ContentType!.MediaType.ShouldBe("text/html");
            page.Headers.GetValues("X-Frame-Options").ShouldBe(["DENY"]);
            using var script = await client.GetAsync("/adaptivecards.min.js", Token);
            script.Content.Headers.ContentType!.MediaType.ShouldBe("application/javascript");
        }

        _lab.Worker.Change(document => document with { HostConfig = document.HostConfig with { GuiEnabled = false } });
        _lab.Worker.Save();
        await using (var router = await _lab.RouterAsync())
        {
            using var client = RouterLab.ClientOf(router);
            (await client.GetAsync("/chat", Token)).StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
        }
    }

    [Fact]
    public async Task In_a_cluster_it_does_so_where_it_shares_a_key_for_that_with_its_workers()
    {
        var a = await OneAsync();
        _lab.Worker.Variables["KUBERNETES_SERVICE_HOST"] = "10.0.0.1";
        await using (await _lab.WorkerAsync(a, isSupervised: true))
        await using (var router = await _lab.RouterAsync())
        {
            using var client = RouterLab.ClientOf(router);
            using var refused = await client.PostAsync("/workers/invoke", Body("s"), Token);
            refused.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
            (await refused.Content.ReadAsStringAsync(Token)).ShouldBe(
                "worker invoke is restricted to loopback callers: answer console_through_routers of the deployer, then kubectl port-forward service/gtc-router 8080 and call 127.0.0.1:8080");
            (await client.GetAsync("/chat", Token)).StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
        }

        var key = _lab.Worker.PathTo("console.key");
        await File.WriteAllBytesAsync(key, RevisionHeaderToken.KeyForLocalCallers(new byte[32]), Token);
        _lab.Worker.Variables["GREENTIC_CONSOLE_KEY_FILE"] = key;
        await using (var worker = await _lab.WorkerAsync(a, isSupervised: true))
        await using (var router = await _lab.RouterAsync())
        {
            using var client = RouterLab.ClientOf(router);
            (await InvokeAsync(client, "s")).ShouldBe($"Hello, Ada. I am revision {a}.");
            (await client.GetAsync("/chat", Token)).StatusCode.ShouldBe(HttpStatusCode.OK);
            using var direct = new HttpClient { BaseAddress = new Uri($"http://{worker.Address}") };
            (await StatusAsync(direct, null)).ShouldBe(403);
            (await StatusAsync(direct, RevisionHeaderToken.ForLocalCallers(new byte[32], EnvId.Local).Write(default, TimeProvider.System.GetUtcNow().AddMinutes(1)))).ShouldBe(403, "the environment's own key is another one");
        }

        await File.WriteAllTextAsync(key, "short", Token);
        (await _lab.Worker.BootAsync()).Refusal!.Message.ShouldContain("has 5 bytes, 32 were expected");
    }

    [Fact]
    public async Task Workers_behind_it_believe_it_alone()
    {
        var a = await OneAsync();
        await using var worker = await _lab.WorkerAsync(a, isSupervised: true);
        await using var router = await _lab.RouterAsync();
        using var direct = new HttpClient { BaseAddress = new Uri($"http://{worker.Address}") };
        var key = await File.ReadAllBytesAsync(Path.Combine(_lab.Worker.Environment, "revision-signing.key"), Token);
        var now = TimeProvider.System.GetUtcNow();

        (await StatusAsync(direct, null)).ShouldBe(403);
        (await StatusAsync(direct, "1.x")).ShouldBe(403);
        (await StatusAsync(direct, new RevisionHeaderToken(key, EnvId.Local).Write(default, now.AddMinutes(1)))).ShouldBe(403, "a token that names revisions is no token of a router");
        (await StatusAsync(direct, RevisionHeaderToken.ForLocalCallers(key, EnvId.Local).Write(default, now.AddMinutes(-1)))).ShouldBe(403);
        (await StatusAsync(direct, RevisionHeaderToken.ForLocalCallers(key, EnvId.Local).Write(default, now.AddMinutes(1)))).ShouldBe(200);
    }

    [Fact]
    public async Task What_a_worker_would_refuse_the_router_refuses()
    {
        var a = await OneAsync();
        await using var worker = await _lab.WorkerAsync(a, isSupervised: true);
        await using var router = await _lab.RouterAsync();
        using var client = RouterLab.ClientOf(router);

        (await client.GetAsync("/workers/invoke", Token)).StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
        (await client.PostAsync("/workers/invoke", new StringContent("nothing"), Token)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await client.PostAsync("/workers/invoke", new StringContent(new string(' ', (1 << 20) + 1)), Token)).StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        using var foreign = new HttpRequestMessage(HttpMethod.Post, "/workers/invoke") { Content = Body("s") };
        foreign.Headers.Add("Origin", "https://evil.example");
        (await client.SendAsync(foreign, Token)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    private async Task<RevisionId> OneAsync()
    {
        var (a, b) = await _lab.TwoAsync(10_000, 0);
        _lab.Addresses[b] = "127.0.0.1:1";
        return a;
    }

    private static StringContent Body(string session) => new(
        $$$"""{"tenant":{"env":"local","tenant":"default","tenant_id":"default","attempt":0},"session_id":"{{{session}}}","payload":{"text":"Ada"}}""", Encoding.UTF8, "application/json");

    private static async Task<string> InvokeAsync(HttpClient client, string session)
    {
        using var answer = await client.PostAsync("/workers/invoke", Body(session), Token);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync(Token));
        return (await answer.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("messages")[0].GetProperty("payload").GetProperty("text").GetString()!;
    }

    private static async Task<int> StatusAsync(HttpClient client, string? token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/workers/invoke") { Content = Body("s") };
        if (token is not null)
        {
            request.Headers.Add(RevisionHeaderToken.LocalCallerField, token);
        }

        using var answer = await client.SendAsync(request, Token);
        return (int)answer.StatusCode;
    }
}

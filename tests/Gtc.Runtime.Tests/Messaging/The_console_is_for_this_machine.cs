using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Gtc.Runtime.Tests.Messaging;

public sealed partial class The_console_is_for_this_machine : IDisposable
{
    private readonly WorkerLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Fact]
    [Trait("fact", "messaging:9.13")]
    [Trait("fact", "worker-runtime:8.19")]
    public async Task The_page_asks_the_worker_and_nobody_else()
    {
        await _lab.RouteOneAsync(await WorkerLab.BuildAsync("hello-worker", _lab.Root));
        await using var worker = (await _lab.BootAsync()).Value;
        using var client = Client(worker.Address);
        _lab.Banners.ToString().ShouldContain($"webchat console enabled — open http://{worker.Address}/chat");

        using var answer = await client.GetAsync("/chat", Token);
        var page = await answer.Content.ReadAsStringAsync(Token);

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Content.Headers.ContentType!.ToString().ShouldBe("text/html; charset=utf-8");
        answer.Headers.GetValues("X-Frame-Options").ShouldBe(["DENY"]);
        page.ShouldContain("data-invoke=\"/workers/invoke\"");
        page.ShouldContain("<option>default</option>");
        page.ShouldNotContain("{{");
        var policy = answer.Headers.GetValues("Content-Security-Policy").Single();
        policy.ShouldContain("frame-ancestors 'none'");
        policy.ShouldStartWith("default-src 'none'");
        foreach (var inline in Inline().Matches(page).Select(match => match.Groups[2].Value))
        {
            policy.ShouldContain($"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(inline)))}'");
        }

        (await client.GetStringAsync("/adaptivecards.min.js", Token)).ShouldNotContain("innerHTML");
        using var posted = await client.PostAsync("/chat", null, Token);
        ((int)posted.StatusCode, await posted.Content.ReadAsStringAsync(Token)).ShouldBe((405, "the webchat console is served over GET"));
    }

    [Fact]
    [Trait("fact", "worker-runtime:8.19")]
    public async Task Switched_off_it_is_a_path_like_any_other()
    {
        await _lab.RouteOneAsync(await WorkerLab.BuildAsync("hello-worker", _lab.Root));
        _lab.Change(document => document with { HostConfig = document.HostConfig with { GuiEnabled = false } });
        _lab.SaveAll();
        await using var worker = (await _lab.BootAsync()).Value;
        using var client = Client(worker.Address);

        using var answer = await client.GetAsync("/chat", Token);

        answer.StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
        _lab.Banners.ToString().ShouldNotContain("webchat console");
    }

    [Fact]
    public async Task While_a_tunnel_leads_here_only_the_second_listener_believes()
    {
        await _lab.RouteOneAsync(await WorkerLab.BuildAsync("hello-worker", _lab.Root));
        await using var worker = (await _lab.BootAsync(options => options with { TunnelBinary = "/nowhere/cloudflared" })).Value;
        using var client = new WorkerClient(worker);
        var admin = IPEndPoint.Parse((await client.StatusAsync()).GetProperty("admin_addr").GetString()!);
        admin.Address.ShouldBe(IPAddress.Loopback);
        admin.Port.ShouldBeGreaterThan(worker.Address.Port);
        using var main = Client(worker.Address);
        using var second = Client(admin);
        _lab.Banners.ToString().ShouldContain(
            $"webchat console enabled on the loopback admin listener — open http://{admin}/chat (port-forward it on K8s); the public listener on http://{worker.Address} serves provider webhooks only while a tunnel is up");
        _lab.Logs.Lines.ShouldContain(line => line.Text == $"revision ingress admin/console listening on http://{admin}");

        (await main.GetAsync("/chat", Token)).StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
        (await second.GetAsync("/chat", Token)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await InvokeAsync(main)).ShouldBe(HttpStatusCode.Forbidden);
        (await InvokeAsync(second)).ShouldBe(HttpStatusCode.OK);
        (await second.GetStringAsync("/healthz", Token)).ShouldBe("ok");
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static HttpClient Client(IPEndPoint address) => new() { BaseAddress = new Uri($"http://{address}") };

    private static async Task<HttpStatusCode> InvokeAsync(HttpClient client)
    {
        using var body = new StringContent("""{"tenant":{"tenant":"default"},"payload":{"text":"x"}}""");
        using var answer = await client.PostAsync("/workers/invoke", body, Token);
        return answer.StatusCode;
    }

    [GeneratedRegex("<(script|style)>(.*?)</", RegexOptions.Singleline)]
    private static partial Regex Inline();
}

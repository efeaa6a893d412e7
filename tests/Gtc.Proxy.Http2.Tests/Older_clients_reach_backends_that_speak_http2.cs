using System.Text;
using Gtc.Proxy.Tests;
using Microsoft.AspNetCore.Http;

namespace Gtc.Proxy.Http2.Tests;

public class Older_clients_reach_backends_that_speak_http2
{
    [Fact]
    public async Task On_a_connection_that_stays_open()
    {
        await using var worker = await EchoAsync();
        await using var router = new Router(worker.Backend) { AddedField = "Set-Cookie: a=b" };
        await using var client = await RawPeer.ConnectAsync(router.Server.EndPoint);
        for (var request = 0; request < 3; request++)
        {
            await client.SendAsync($"POST /{request} HTTP/1.1\r\nHost: example.test\r\nContent-Length: 4\r\n\r\nbody");
            var (head, body) = await client.ReadAnswerAsync();
            head.ShouldStartWith("HTTP/1.1 200 OK\r\n");
            head.ShouldContain("Set-Cookie: a=b\r\n");
            Content(body).ShouldBe($"POST /{request} HTTP/2 example.test 127.0.0.1 1.1 gtc: body");
        }

        router.Asked.ShouldBe(3);
        (await Poll.UntilAsync(() => router.Reports.Count == 3)).ShouldBeTrue();
        router.Reports.ShouldAllBe(report => report.IsComplete);
    }

    [Fact]
    public async Task Also_when_the_request_comes_in_pieces_and_others_behind_it()
    {
        await using var worker = await EchoAsync();
        await using var router = new Router(worker.Backend);
        await using var client = await RawPeer.ConnectAsync(router.Server.EndPoint);
        await client.SendAsync("GET /own HTTP/1.1\r\nHost: a\r\n\r\nPOST /1 HTTP/1.1\r\nHo");
        (await client.ReadAnswerAsync()).Body.ShouldBe("own answer");
        await client.SendAsync("st: a\r\nContent-Length: 6\r\n\r\nbo");
        await client.SendAsync("dy!!GET /2 HTTP/1.1\r\nHost: a\r\n\r\n");
        Content((await client.ReadAnswerAsync()).Body).ShouldEndWith(": body!!");
        Content((await client.ReadAnswerAsync()).Body).ShouldStartWith("GET /2 ");
    }

    [Theory]
    [InlineData("1.1", "")]
    [InlineData("1.0", "")]
    [InlineData("1.1", "Connection: close\r\n")]
    public async Task After_one_that_speaks_http_1_refused(string version, string field)
    {
        await using var worker = await EchoAsync();
        await using var router = new Router(await Worker.NobodyAsync(BackendProtocol.Http1), worker.Backend);
        await using var client = await RawPeer.ConnectAsync(router.Server.EndPoint);
        await client.SendAsync($"POST /x HTTP/{version}\r\nHost: a\r\n{field}X-Forwarded-For: 10.0.0.1\r\nContent-Length: 4\r\n\r\nbody");
        var isKept = version == "1.1" && field.Length == 0;
        var answer = isKept ? string.Concat((await client.ReadAnswerAsync()).Body) : await client.ReadToEndAsync();
        Content(answer).ShouldContain("POST /x HTTP/2 a 127.0.0.1 1.1 gtc: body");
        (await Poll.UntilAsync(() => router.Reports.Count == 1)).ShouldBeTrue();
        router.Reports.Single().IsComplete.ShouldBeTrue();
    }

    [Fact]
    public async Task A_websocket_to_one_is_refused_and_says_why()
    {
        await using var worker = await EchoAsync();
        await using var router = new Router(worker.Backend);
        await using var client = await RawPeer.ConnectAsync(router.Server.EndPoint);
        await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n");
        var (head, body) = await client.ReadAnswerAsync();
        head.ShouldStartWith("HTTP/1.1 501 ");
        body.ShouldContain("HTTP/1.1");
    }

    [Fact]
    public async Task Where_a_connection_may_go_to_both_kinds_a_websocket_needs_one_of_its_own()
    {
        await using var worker = await EchoAsync();
        await using var plain = ScriptedBackend.Ok("plain");
        await using var router = new Router(worker.Backend);
        await using var client = await RawPeer.ConnectAsync(router.Server.EndPoint);
        await client.SendAsync("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n");
        Content((await client.ReadAnswerAsync()).Body).ShouldStartWith("GET /1 HTTP/2");
        router.Turn(plain.Backend);
        await client.SendAsync("GET /2 HTTP/1.1\r\nHost: a\r\n\r\n");
        Content((await client.ReadAnswerAsync()).Body).ShouldBe("plain");
        plain.Heads.Single().ShouldContain("Via: 1.1 gtc\r\n");
        await client.SendAsync("GET /3 HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n");
        var (head, body) = await client.ReadAnswerAsync();
        head.ShouldStartWith("HTTP/1.1 501 ");
        body.ShouldContain("a connection of their own");
    }

    [Fact]
    public async Task A_proxy_without_that_side_says_so()
    {
        await using var worker = await EchoAsync();
        var policy = new Router(worker.Backend);
        await using var server = ProxyServer.Start(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0), new ProxyOptions(), policy);
        await using var client = await RawPeer.ConnectAsync(server.EndPoint);
        await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        (await client.ReadAnswerAsync()).Head.ShouldStartWith("HTTP/1.1 501 ");
        await using var modern = await RawPeer.ConnectAsync(server.EndPoint);
        await modern.SendAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
        (await modern.ReadToEndAsync()).ShouldStartWith("HTTP/1.1 505 ");
        await policy.DisposeAsync();
    }

    [Fact]
    public async Task The_preface_counts_only_at_the_very_beginning()
    {
        await using var router = new Router();
        await using var client = await RawPeer.ConnectAsync(router.Server.EndPoint);
        await client.SendAsync("GET /own HTTP/1.1\r\nHost: a\r\n\r\n");
        await client.ReadAnswerAsync();
        await client.SendAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
        (await client.ReadToEndAsync()).ShouldStartWith("HTTP/1.1 505 ");
    }

    private static Task<Worker> EchoAsync() => Worker.StartAsync(BackendProtocol.Http2, async context =>
    {
        var request = context.Request;
        using var body = new StreamReader(request.Body, Encoding.Latin1);
        var text = $"{request.Method} {request.Path} {request.Protocol} {request.Host} {request.Headers["X-Forwarded-For"]} {request.Headers.Via}: {await body.ReadToEndAsync()}";
        await context.Response.WriteAsync(text);
    });

    /// <summary>A body of one chunk, or one without chunks.</summary>
    private static string Content(string body) => body.Split("\r\n") is [_, var content, "0", ..] ? content : body;
}

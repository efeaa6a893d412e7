using System.Net;
using System.Text;
using Gtc.Proxy.Tests;
using Microsoft.AspNetCore.Http;

namespace Gtc.Proxy.Http2.Tests;

public class Clients_speak_http2
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(BackendProtocol.Http1)]
    [InlineData(BackendProtocol.Http2)]
    public async Task Bodies_pass_both_ways(BackendProtocol protocol)
    {
        await using var worker = await Worker.StartAsync(protocol, async context =>
        {
            context.Response.ContentType = context.Request.ContentType;
            await context.Request.Body.CopyToAsync(context.Response.Body);
        });
        await using var router = new Router(worker.Backend);
        using var client = router.Client();
        var bytes = new byte[3 * 1024 * 1024];
        new Random(7).NextBytes(bytes);
        using var content = new Spoken("application/x-test");
        await content.SayAsync(bytes);
        content.End();
        using var answer = await client.PostAsync("/echo", content, Stop);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Version.ShouldBe(HttpVersion.Version20);
        answer.Content.Headers.ContentType!.ToString().ShouldBe("application/x-test");
        (await answer.Content.ReadAsByteArrayAsync(Stop)).AsSpan().SequenceEqual(bytes).ShouldBeTrue();
        (await Poll.UntilAsync(() => router.Reports.SingleOrDefault() is { IsComplete: true, Status: 200, BytesIn: 3 * 1024 * 1024, BytesOut: 3 * 1024 * 1024 })).ShouldBeTrue();
        worker.Backend.InFlight.ShouldBe(0);
        router.Faults.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(BackendProtocol.Http1, false, "127.0.0.1", "http")]
    [InlineData(BackendProtocol.Http2, false, "127.0.0.1", "http")]
    [InlineData(BackendProtocol.Http1, true, "203.0.113.7, 127.0.0.1", "https")]
    [InlineData(BackendProtocol.Http2, true, "203.0.113.7, 127.0.0.1", "https")]
    public async Task Fields_pass_as_over_http_1(BackendProtocol protocol, bool isTrusting, string forwardedFor, string proto)
    {
        IHeaderDictionary? seen = null;
        string? target = null;
        await using var worker = await Worker.StartAsync(protocol, context =>
        {
            target = context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget;
            context.Response.Headers["X-Kept"] = "1";
            context.Response.Headers.Append("Set-Cookie", "a=1");
            context.Response.Headers.Append("Set-Cookie", "b=2");
            if (protocol == BackendProtocol.Http1)
            {
                context.Response.Headers.Connection = "X-Internal";
                context.Response.Headers["X-Internal"] = "1";
                context.Response.Headers["Keep-Alive"] = "timeout=5";
            }

            seen = new HeaderDictionary(context.Request.Headers.ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.OrdinalIgnoreCase));
            context.Response.StatusCode = 203;
            return Task.CompletedTask;
        });
        await using var router = new Router(worker.Backend) { IsTrusting = isTrusting, AddedField = "Set-Cookie: c=3" };
        using var client = router.Client();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"{router.Address}a/%2e%2e/b;x?c=%20d", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true })) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Headers.Host = "example.test:81";
        request.Headers.Add("X-Forwarded-For", "203.0.113.7");
        request.Headers.Add("X-Forwarded-Proto", "https");
        request.Headers.Add("Proxy-Authorization", "x");
        request.Headers.Add("TE", "trailers");
        request.Headers.Add("Cookie", "k=v; l=w");
        using var answer = await client.SendAsync(request, Stop);
        ((int)answer.StatusCode).ShouldBe(203);
        answer.Headers.GetValues("Set-Cookie").ShouldBe(["a=1", "b=2", "c=3"]);
        answer.Headers.Contains("X-Internal").ShouldBeFalse();
        answer.Headers.Contains("Keep-Alive").ShouldBeFalse();
        answer.Headers.Contains("X-Kept").ShouldBeTrue();
        target.ShouldBe("/a/%2e%2e/b;x?c=%20d");
        seen.ShouldNotBeNull();
        seen.Host.ToString().ShouldBe("example.test:81");
        seen["X-Forwarded-For"].ToString().ShouldBe(forwardedFor);
        seen["X-Forwarded-Proto"].ToString().ShouldBe(proto);
        seen["X-Forwarded-Host"].ToString().ShouldBe(isTrusting ? "" : "example.test:81");
        seen["Via"].ToString().ShouldBe("2 gtc");
        seen["TE"].ToString().ShouldBe("trailers");
        seen.Cookie.ToString().ShouldBe("k=v; l=w");
        seen.ContainsKey("Proxy-Authorization").ShouldBeFalse();
    }

    [Theory]
    [InlineData(BackendProtocol.Http1)]
    [InlineData(BackendProtocol.Http2)]
    public async Task A_hundred_streams_of_one_connection_run_beside_each_other(BackendProtocol protocol)
    {
        const int Streams = 100;
        var arrived = 0;
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var worker = await Worker.StartAsync(protocol, async context =>
        {
            if (Interlocked.Increment(ref arrived) == Streams)
            {
                all.SetResult();
            }

            await all.Task.WaitAsync(context.RequestAborted);
            await context.Response.WriteAsync(context.Request.Path.Value!);
        });
        await using var router = new Router(worker.Backend);
        using var client = router.Client();
        var answers = await Task.WhenAll(Enumerable.Range(0, Streams).Select(number => client.GetStringAsync($"/{number}", Stop)));
        answers.ShouldBe(Enumerable.Range(0, Streams).Select(number => $"/{number}"));
        (await router.Server.CountClientsAsync(Stop)).ShouldBe(1);
    }

    [Fact]
    public async Task A_call_of_grpc_talks_in_both_directions_and_ends_with_its_trailers()
    {
        await using var worker = await Worker.StartAsync(BackendProtocol.Http2, async context =>
        {
            context.Response.ContentType = "application/grpc";
            context.Response.DeclareTrailer("grpc-status");
            await context.Response.Body.FlushAsync();
            var buffer = new byte[64];
            while (await context.Request.Body.ReadAsync(buffer) is > 0 and var read)
            {
                await context.Response.Body.WriteAsync(Encoding.ASCII.GetBytes(Encoding.ASCII.GetString(buffer, 0, read).ToUpperInvariant()));
            }

            context.Response.AppendTrailer("grpc-status", "0");
            context.Response.AppendTrailer("grpc-message", "done");
        });
        await using var router = new Router(worker.Backend);
        using var client = router.Client();
        using var content = new Spoken("application/grpc");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/talk") { Content = content, Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Headers.Add("TE", "trailers");
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Stop);
        answer.Content.Headers.ContentType!.ToString().ShouldBe("application/grpc");
        await using var heard = await answer.Content.ReadAsStreamAsync(Stop);
        var buffer = new byte[64];
        foreach (var word in new[] { "one", "two", "three" })
        {
            await content.SayAsync(Encoding.ASCII.GetBytes(word));
            (await heard.ReadAsync(buffer, Stop)).ShouldBe(word.Length);
            Encoding.ASCII.GetString(buffer, 0, word.Length).ShouldBe(word.ToUpperInvariant());
        }

        content.End();
        (await heard.ReadAsync(buffer, Stop)).ShouldBe(0);
        answer.TrailingHeaders.GetValues("grpc-status").ShouldBe(["0"]);
        answer.TrailingHeaders.GetValues("grpc-message").ShouldBe(["done"]);
        (await Poll.UntilAsync(() => router.Reports.SingleOrDefault() is { IsComplete: true })).ShouldBeTrue();
    }

    [Theory]
    [InlineData(BackendProtocol.Http1)]
    [InlineData(BackendProtocol.Http2)]
    public async Task An_answer_may_come_before_the_body_is_read(BackendProtocol protocol)
    {
        await using var worker = await Worker.StartAsync(protocol, async context =>
        {
            context.Response.StatusCode = 413;
            await context.Response.WriteAsync("too much");
        });
        await using var router = new Router(worker.Backend);
        using var client = router.Client();
        using var content = new Spoken("application/x-test");
        await content.SayAsync(new byte[8 * 1024 * 1024]);
        content.End();
        using var answer = await client.PostAsync("/", content, Stop);
        answer.StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        (await answer.Content.ReadAsStringAsync(Stop)).ShouldBe("too much");
        (await Poll.UntilAsync(() => router.Reports.SingleOrDefault() is { IsComplete: true, Status: 413 })).ShouldBeTrue();
        router.Faults.ShouldBeEmpty();
    }

    [Fact]
    public async Task Trailers_of_an_older_backend_arrive()
    {
        await using var backend = ScriptedBackend.Answering("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 9\r\n\r\n");
        await using var router = new Router(backend.Backend);
        using var client = router.Client();
        using var answer = await client.GetAsync("/", Stop);
        (await answer.Content.ReadAsStringAsync(Stop)).ShouldBe("abc");
        answer.TrailingHeaders.GetValues("X-Sum").ShouldBe(["9"]);
        backend.Heads.Single().ShouldBe($"GET / HTTP/1.1\r\nHost: {router.Server.EndPoint}\r\nX-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: {router.Server.EndPoint}\r\nVia: 2 gtc\r\n\r\n");
    }

    [Fact]
    public async Task A_turn_of_the_dial_counts_for_the_next_stream_and_leaves_the_others()
    {
        var may = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        RequestDelegate Named(string name) => async context =>
        {
            await context.Response.WriteAsync(name);
            await context.Response.Body.FlushAsync();
            await may.Task.WaitAsync(context.RequestAborted);
            await context.Response.WriteAsync(name);
        };
        await using var old = await Worker.StartAsync(BackendProtocol.Http1, Named("old"));
        await using var next = await Worker.StartAsync(BackendProtocol.Http2, Named("new"));
        await using var router = new Router(old.Backend);
        using var client = router.Client();
        using var before = await client.GetAsync("/", HttpCompletionOption.ResponseHeadersRead, Stop);
        router.Turn(next.Backend);
        router.Server.Forget(old.Backend);
        using var after = await client.GetAsync("/", HttpCompletionOption.ResponseHeadersRead, Stop);
        may.SetResult();
        (await before.Content.ReadAsStringAsync(Stop)).ShouldBe("oldold");
        (await after.Content.ReadAsStringAsync(Stop)).ShouldBe("newnew");
    }

    [Fact]
    public async Task The_proxy_answers_itself_where_its_policy_says_so()
    {
        await using var router = new Router();
        using var client = router.Client();
        using var answer = await client.GetAsync("/own", Stop);
        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await answer.Content.ReadAsStringAsync(Stop)).ShouldBe("own answer");
    }

    [Fact]
    public async Task Curl_is_served()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/curl"), "curl is not installed");
        await using var worker = await Worker.StartAsync(BackendProtocol.Http2, context => context.Response.WriteAsync($"hello over {context.Request.Protocol}"));
        await using var router = new Router(worker.Backend);
        using var curl = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("/usr/bin/curl", ["-sS", "--noproxy", "*", "--http2-prior-knowledge", "-w", " and %{http_version}", router.Address.ToString()]) { RedirectStandardOutput = true })!;
        var text = await curl.StandardOutput.ReadToEndAsync(Stop);
        await curl.WaitForExitAsync(Stop);
        text.ShouldBe("hello over HTTP/2 and 2");
    }
}

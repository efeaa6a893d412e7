namespace Gtc.Proxy.Tests;

public class Requests_are_forwarded
{
    [Fact]
    public async Task The_backend_gets_the_request_and_the_client_its_answer_on_connections_that_stay_open()
    {
        await using var backend = ScriptedBackend.Ok("hello");
        await using var proxy = new TestProxy(backend.Backend);
        await using var client = await proxy.ConnectAsync();
        for (var request = 0; request < 3; request++)
        {
            await client.SendAsync($"GET /a?b={request} HTTP/1.1\r\nHost: example.test\r\nAccept: */*\r\n\r\n");
            (await client.ReadAnswerAsync()).ShouldBe(("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "hello"));
        }

        backend.Heads.Count.ShouldBe(3);
        backend.Heads.First().ShouldBe("GET /a?b=0 HTTP/1.1\r\nHost: example.test\r\nAccept: */*\r\nX-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: example.test\r\nVia: 1.1 gtc\r\n\r\n");
        await proxy.SettleAsync();
        proxy.Reports.Count.ShouldBe(3);
        proxy.Reports.ShouldAllBe(report => report.IsComplete && report.Status == 200 && report.BytesOut == 5);
        backend.Backend.InFlight.ShouldBe(0);
    }

    [Fact]
    public async Task Fields_of_one_hop_stay_on_it()
    {
        await using var backend = ScriptedBackend.Answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive, X-Internal\r\nX-Internal: 1\r\nKeep-Alive: timeout=5\r\nX-Kept: 2\r\n\r\n");
        await using var proxy = new TestProxy(backend.Backend) { AddedField = "Set-Cookie: a=b" };
        await using var client = await proxy.ConnectAsync();
        await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, X-Mine\r\nX-Mine: 1\r\nKeep-Alive: 5\r\nTE: gzip\r\nProxy-Authorization: x\r\nProxy-Connection: y\r\nUpgrade: h2c\r\nX-Other: 2\r\n\r\n");
        (await client.ReadAnswerAsync()).Head.ShouldBe("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-Kept: 2\r\nSet-Cookie: a=b\r\n\r\n");
        backend.Heads.Single().ShouldBe("GET / HTTP/1.1\r\nHost: a\r\nX-Other: 2\r\nX-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: a\r\nVia: 1.1 gtc\r\n\r\n");
    }

    [Theory]
    [InlineData(false, "X-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: a\r\n")]
    [InlineData(true, "X-Forwarded-Proto: https\r\nX-Forwarded-For: 203.0.113.7, 127.0.0.1\r\n")]
    public async Task Forwarding_fields_are_believed_from_trusted_peers_only(bool isTrusting, string expected)
    {
        await using var backend = ScriptedBackend.Ok("");
        await using var proxy = new TestProxy(backend.Backend) { IsTrusting = isTrusting };
        await using var client = await proxy.ConnectAsync();
        await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 203.0.113.7\r\nX-Forwarded-Proto: https\r\n\r\n");
        await client.ReadAnswerAsync();
        backend.Heads.Single().ShouldBe($"GET / HTTP/1.1\r\nHost: a\r\n{expected}Via: 1.1 gtc\r\n\r\n");
    }

    [Fact]
    public async Task Bodies_pass_in_both_directions_with_their_framing_and_trailers()
    {
        const string Chunked = "4;note=x\r\nWiki\r\n5\r\npedia\r\n0\r\nX-Sum: 9\r\n\r\n";
        string? received = null;
        await using var backend = new ScriptedBackend(async (peer, _) =>
        {
            var head = (await peer.ReadHeadAsync())!;
            received = await peer.ReadAsync(Chunked.Length);
            await peer.SendAsync($"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n{Chunked}");
            await peer.ReadHeadAsync();
        });
        await using var proxy = new TestProxy(backend.Backend);
        await using var client = await proxy.ConnectAsync();
        await client.SendAsync("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
        foreach (var piece in Chunked)
        {
            await client.SendAsync(piece.ToString());
        }

        (await client.ReadHeadAsync()).ShouldBe("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n");
        (await client.ReadAsync(Chunked.Length)).ShouldBe(Chunked);
        received.ShouldBe(Chunked);
    }

    [Fact]
    public async Task Large_bodies_pass_slow_peers_without_loss()
    {
        const int Length = 8 * 1024 * 1024;
        var bytes = new byte[Length];
        new Random(7).NextBytes(bytes);
        await using var backend = new ScriptedBackend(async (peer, _) =>
        {
            await peer.ReadHeadAsync();
            var body = await peer.ReadAsync(Length);
            await peer.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {Length}\r\n\r\n{body}");
            await peer.ReadHeadAsync();
        });
        await using var proxy = new TestProxy(backend.Backend);
        await using var client = await proxy.ConnectAsync();
        await client.SendAsync($"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: {Length}\r\n\r\n");
        await client.SendAsync(bytes);
        await client.ReadHeadAsync();
        System.Text.Encoding.Latin1.GetBytes(await client.ReadAsync(Length)).AsSpan().SequenceEqual(bytes).ShouldBeTrue();
        await using var again = await proxy.ConnectAsync();
        (await Poll.UntilAsync(() => proxy.Reports.SingleOrDefault() is { IsComplete: true, BytesIn: Length, BytesOut: Length })).ShouldBeTrue();
    }

    [Fact]
    public async Task Pipelined_requests_are_answered_in_order()
    {
        await using var backend = new ScriptedBackend(async (peer, _) =>
        {
            while (await peer.ReadHeadAsync() is { } head)
            {
                var path = head.Split(' ')[1];
                await peer.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {path.Length}\r\n\r\n{path}");
            }
        });
        await using var proxy = new TestProxy(backend.Backend);
        await using var client = await proxy.ConnectAsync();
        await client.SendAsync("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /own HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\nGET /own HTTP/1.1\r\nHost: a\r\n\r\nGET /3 HTTP/1.1\r\nHo");
        (await client.ReadAnswerAsync()).Body.ShouldBe("/1");
        (await client.ReadAnswerAsync()).Body.ShouldBe("own answer");
        (await client.ReadAnswerAsync()).Body.ShouldBe("/2");
        (await client.ReadAnswerAsync()).Body.ShouldBe("own answer");
        await client.SendAsync("st: a\r\nConnection: close\r\n\r\n");
        var (head, body) = await client.ReadAnswerAsync();
        body.ShouldBe("/3");
        head.ShouldContain("Connection: close");
        (await client.ReadToEndAsync()).ShouldBe("");
    }

    [Fact]
    public async Task Interim_answers_are_passed_on_and_a_body_may_wait_for_them()
    {
        await using var backend = new ScriptedBackend(async (peer, _) =>
        {
            var head = await peer.ReadHeadAsync();
            head!.ShouldContain("Expect: 100-continue");
            await peer.SendAsync("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n");
            var body = await peer.ReadAsync(4);
            await peer.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n{body}");
            await peer.ReadHeadAsync();
        });
        await using var proxy = new TestProxy(backend.Backend);
        await using var client = await proxy.ConnectAsync();
        await client.SendAsync("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
        (await client.ReadHeadAsync()).ShouldBe("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
        (await client.ReadHeadAsync()).ShouldBe("HTTP/1.1 100 Continue\r\n\r\n");
        await client.SendAsync("body");
        (await client.ReadAnswerAsync()).Body.ShouldBe("body");
    }

    [Fact]
    public async Task An_older_client_gets_no_chunks_and_an_answer_without_a_length_ends_with_its_connection()
    {
        await using var backend = ScriptedBackend.Answering("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
        await using var proxy = new TestProxy(backend.Backend);
        await using var client = await proxy.ConnectAsync();
        await client.SendAsync("GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n");
        (await client.ReadToEndAsync()).ShouldBe("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabcde");

        await using var plain = new ScriptedBackend(async (peer, _) =>
        {
            await peer.ReadHeadAsync();
            await peer.SendAsync("HTTP/1.0 200 OK\r\n\r\nuntil the end");
        });
        await using var second = new TestProxy(plain.Backend);
        await using var modern = await second.ConnectAsync();
        await modern.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        (await modern.ReadToEndAsync()).ShouldBe("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nuntil the end");
    }

    [Fact]
    public async Task Answers_without_a_body_have_none_whatever_their_fields_say()
    {
        await using var backend = new ScriptedBackend(async (peer, _) =>
        {
            await peer.ReadHeadAsync();
            await peer.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n");
            await peer.ReadHeadAsync();
            await peer.SendAsync("HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\n\r\n");
            await peer.ReadHeadAsync();
            await peer.SendAsync("HTTP/1.1 204 No Content\r\n\r\n");
            await peer.ReadHeadAsync();
        });
        await using var proxy = new TestProxy(backend.Backend);
        await using var client = await proxy.ConnectAsync();
        await client.SendAsync("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
        (await client.ReadHeadAsync()).ShouldBe("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n");
        await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        (await client.ReadHeadAsync()).ShouldStartWith("HTTP/1.1 304");
        await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        (await client.ReadHeadAsync()).ShouldStartWith("HTTP/1.1 204");
    }

    [Fact]
    public async Task An_absolute_target_names_the_host()
    {
        await using var backend = ScriptedBackend.Ok("");
        await using var proxy = new TestProxy(backend.Backend);
        await using var client = await proxy.ConnectAsync();
        await client.SendAsync("GET http://real.test?q HTTP/1.1\r\nHost: other.test\r\n\r\n");
        await client.ReadAnswerAsync();
        backend.Heads.Single().ShouldStartWith("GET /?q HTTP/1.1\r\nHost: real.test\r\nX-Forwarded-For");
    }
}

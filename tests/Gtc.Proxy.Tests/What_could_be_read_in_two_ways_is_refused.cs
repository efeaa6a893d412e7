namespace Gtc.Proxy.Tests;

/// <summary>Each request is followed by a second one; a proxy that is fooled would let it through under the first one's cover.</summary>
public class What_could_be_read_in_two_ways_is_refused
{
    private const string Second = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";

    [Theory]
    [InlineData(400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    [InlineData(400, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n")]
    [InlineData(501, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n")]
    [InlineData(501, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    [InlineData(501, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n")]
    [InlineData(501, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n")]
    [InlineData(501, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n")]
    [InlineData(501, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n\r\n0\r\n\r\n")]
    [InlineData(400, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n")]
    [InlineData(400, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\u000bchunked\r\n\r\n0\r\n\r\n")]
    [InlineData(400, "POST / HTTP/1.1\r\nHost: a\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    [InlineData(400, "POST / HTTP/1.1\r\nHost: a\r\nX: b\r\n\tTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    [InlineData(400, "POST / HTTP/1.1\r\nHost: a\r\nX: a\rTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    [InlineData(400, "POST / HTTP/1.1\r\nHost: a\r\nX: b\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    [InlineData(400, "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    [InlineData(400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: 5\r\n\r\n")]
    [InlineData(400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n")]
    [InlineData(400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0, 5\r\n\r\n")]
    [InlineData(400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n")]
    [InlineData(400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n")]
    [InlineData(400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x5\r\n\r\n")]
    [InlineData(400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1 2\r\n\r\n")]
    [InlineData(400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n")]
    [InlineData(400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n")]
    [InlineData(400, "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")]
    [InlineData(400, "GET / HTTP/1.1\r\nHost: a b\r\n\r\n")]
    [InlineData(400, "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n")]
    [InlineData(400, "GET / HTTP/1.1\r\nX: a\r\n\r\n")]
    [InlineData(400, "GET / HTTP/1.1\r\nHost: a\r\nX\u0000Y: 1\r\n\r\n")]
    [InlineData(400, "GET / HTTP/1.1\r\nHost: a\r\nX: 1\u0000\r\n\r\n")]
    [InlineData(400, "GET /\u0000 HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData(400, "GET /\u00e9 HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData(400, "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData(400, "GET  / HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData(400, "GET / x HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData(400, "GET /\tHTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData(400, "GET / HTTP/1.1 \r\nHost: a\r\n\r\n")]
    [InlineData(400, "G\u0001T / HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData(400, "GET relative HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData(400, "GET * HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData(400, "GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData(400, "GET / http/1.1\r\nHost: a\r\n\r\n")]
    [InlineData(400, "GET /\r\n\r\n")]
    [InlineData(400, "GET / HTTP/1.1\nHost: a\n\n")]
    [InlineData(400, "GET / HTTP/1.1\r\nHost: a\r\n\n")]
    [InlineData(400, "GET / HTTP/1.1\r\nHost: a\r\nNoColon\r\n\r\n")]
    [InlineData(400, "GET / HTTP/1.1\r\nHost: a\r\n: empty\r\n\r\n")]
    [InlineData(505, "GET / HTTP/3.0\r\nHost: a\r\n\r\n")]
    [InlineData(505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")]
    [InlineData(405, "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData(417, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: something\r\n\r\n")]
    public async Task A_head(int status, string request)
    {
        await using var backend = ScriptedBackend.Ok("reached");
        await using var proxy = new TestProxy(backend.Backend);
        await using var client = await proxy.ConnectAsync();
        await client.SendAsync(request + Second);
        var (head, _) = await client.ReadAnswerAsync();
        head.ShouldStartWith($"HTTP/1.1 {status} ");
        head.ShouldContain("Connection: close\r\n");
        (await client.ReadToEndAsync()).ShouldBe("");
        backend.Heads.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("0x4\r\nWiki\r\n0\r\n\r\n")]
    [InlineData("4 \r\nWiki\r\n0\r\n\r\n")]
    [InlineData(" 4\r\nWiki\r\n0\r\n\r\n")]
    [InlineData("-4\r\nWiki\r\n0\r\n\r\n")]
    [InlineData("\r\nWiki\r\n0\r\n\r\n")]
    [InlineData("4\nWiki\r\n0\r\n\r\n")]
    [InlineData("4;a\nb\r\nWiki\r\n0\r\n\r\n")]
    [InlineData("4\r\nWikiX\r\n0\r\n\r\n")]
    [InlineData("4\r\nWiki\n0\r\n\r\n")]
    [InlineData("fffffffffffffffff\r\nWiki\r\n0\r\n\r\n")]
    [InlineData("0\r\nX: a\n\r\n\r\n")]
    [InlineData("0\r\n\rX")]
    public async Task A_chunk(string body)
    {
        await using var backend = new ScriptedBackend(async (peer, _) => await peer.ReadToEndAsync());
        await using var proxy = new TestProxy(backend.Backend);
        await using var client = await proxy.ConnectAsync();
        await client.SendAsync("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + body + Second);
        (await client.ReadHeadAsync())!.ShouldStartWith("HTTP/1.1 400 ");
        (await Poll.UntilAsync(() => proxy.Reports.Count == 1)).ShouldBeTrue();
        proxy.Reports.Single().IsComplete.ShouldBeFalse();
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nX: a\r\n folded\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\nContent-Length: 0\n\n")]
    [InlineData("HTTP/1.1 99 Low\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 2000\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/2 200 OK\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("ICY 200 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n")]
    public async Task An_answer(string answer)
    {
        await using var backend = new ScriptedBackend(async (peer, _) =>
        {
            await peer.ReadHeadAsync();
            await peer.SendAsync(answer);
            await peer.ReadToEndAsync();
        });
        await using var proxy = new TestProxy(backend.Backend);
        await using var client = await proxy.ConnectAsync();
        await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        var (head, text) = await client.ReadAnswerAsync();
        head.ShouldStartWith("HTTP/1.1 502 ");
        text.ShouldContain("well-formed");
    }

    [Fact]
    public async Task Oversized_heads()
    {
        await using var backend = ScriptedBackend.Ok("");
        await using var proxy = new TestProxy(backend.Backend);
        (await AnswerToAsync(proxy, $"GET /{new string('a', 9000)} HTTP/1.1\r\nHost: a\r\n\r\n")).ShouldStartWith("HTTP/1.1 414 ");
        (await AnswerToAsync(proxy, $"GET /{new string('a', 40000)}")).ShouldStartWith("HTTP/1.1 414 ");
        (await AnswerToAsync(proxy, $"GET / HTTP/1.1\r\nHost: a\r\nX: {new string('b', 40000)}\r\n\r\n")).ShouldStartWith("HTTP/1.1 431 ");
        (await AnswerToAsync(proxy, $"GET / HTTP/1.1\r\nHost: a\r\n{string.Concat(Enumerable.Repeat("X: 1\r\n", 100))}\r\n")).ShouldStartWith("HTTP/1.1 431 ");
        backend.Heads.ShouldBeEmpty();
        (await AnswerToAsync(proxy, $"GET / HTTP/1.1\r\nHost: a\r\nX: {new string('b', 32000)}\r\n\r\n")).ShouldStartWith("HTTP/1.1 200 ");
    }

    private static async Task<string> AnswerToAsync(TestProxy proxy, string request)
    {
        await using var client = await proxy.ConnectAsync();
        await client.SendAsync(request);
        return (await client.ReadAnswerAsync()).Head;
    }
}

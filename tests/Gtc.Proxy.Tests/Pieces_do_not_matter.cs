using System.Text;

namespace Gtc.Proxy.Tests;

/// <summary>Messages that are cut, mutated and truncated, from fixed seeds: how bytes are grouped changes nothing, and nothing malformed goes on.</summary>
public class Pieces_do_not_matter
{
    private const string Answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private static readonly string[] Requests =
    [
        "GET /a?b=c HTTP/1.1\r\nHost: example.test\r\nAccept: */*\r\nConnection: close\r\n\r\n",
        "POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello",
        "PUT /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close, X-B\r\nX-B: 1\r\n\r\n3;e=1\r\nabc\r\n0\r\nT: 1\r\n\r\n",
        "GET http://b.test/x HTTP/1.1\r\nHost: ignored\r\nX-Forwarded-For: 1.2.3.4\r\nTE: trailers\r\nConnection: TE, close\r\n\r\n",
        "\r\nHEAD / HTTP/1.0\r\nHost: a\r\n\r\n",
    ];

    private static readonly string[] Answers =
    [
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A: 1\r\n\r\nhello",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\nT: 1\r\n\r\n",
        "HTTP/1.0 404 Not Found\r\nX-A: 1\r\n\r\nuntil the end",
        "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n",
    ];

    public static TheoryData<int> EveryRequest => [.. Enumerable.Range(0, Requests.Length)];

    public static TheoryData<int> EveryAnswer => [.. Enumerable.Range(0, Answers.Length)];

    [Theory]
    [MemberData(nameof(EveryRequest))]
    public async Task A_request_in_two_pieces_is_the_same_request(int which)
    {
        var whole = Latin(Requests[which]);
        var expected = await SendAsync(whole, [whole.Length]);
        expected.Client.ShouldStartWith("HTTP/1.1 200 OK");
        for (var cut = 1; cut < whole.Length; cut++)
        {
            (await SendAsync(whole, [cut, whole.Length - cut])).ShouldBe(expected, $"cut at {cut}");
        }

        (await SendAsync(whole, [.. Enumerable.Repeat(1, whole.Length)])).ShouldBe(expected);
    }

    [Theory]
    [MemberData(nameof(EveryAnswer))]
    public async Task An_answer_in_two_pieces_is_the_same_answer(int which)
    {
        var whole = Latin(Answers[which]);
        var expected = await AnswerAsync(whole, [whole.Length]);
        expected.ShouldContain("HTTP/1.1 ");
        for (var cut = 1; cut < whole.Length; cut++)
        {
            (await AnswerAsync(whole, [cut, whole.Length - cut])).ShouldBe(expected, $"cut at {cut}");
        }

        (await AnswerAsync(whole, [.. Enumerable.Repeat(1, whole.Length)])).ShouldBe(expected);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task A_mutated_request_has_one_outcome_and_no_malformed_head_goes_on(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 150; round++)
        {
            var bytes = Mutated(Latin(Requests[random.Next(Requests.Length)]), random);
            var whole = await SendAsync(bytes, [bytes.Length]);
            var pieces = await SendAsync(bytes, Pieces(bytes.Length, random));
            pieces.ShouldBe(whole, Encoding.Latin1.GetString(bytes));
            AssertWellFormed(whole.Backend);
            AssertWellFormed(whole.Client);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task A_mutated_answer_never_reaches_the_client_malformed(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 150; round++)
        {
            var bytes = Mutated(Latin(Answers[random.Next(Answers.Length)]), random);
            AssertWellFormed(await AnswerAsync(bytes, Pieces(bytes.Length, random)));
        }
    }

    /// <summary>Sends pieces, ends, and says what client and backend were given. An error that tells itself apart only by how far a body came is none.</summary>
    private static async Task<(string Client, string Backend)> SendAsync(byte[] bytes, int[] pieces)
    {
        await using var backend = ScriptedBackend.Answering(Answer);
        await using var proxy = new TestProxy(new ProxyOptions { HoldTimeout = TimeSpan.Zero }, backend.Backend);
        await using var client = await proxy.ConnectAsync();
        var answer = "";
        try
        {
            await SendPiecesAsync(client, bytes, pieces);
            client.EndSending();
        }
        catch (System.Net.Sockets.SocketException)
        {
            // Refused before its end.
        }

        answer = await client.ReadUntilLostAsync();
        (await Poll.UntilAsync(() => backend.Backend.InFlight == 0)).ShouldBeTrue();
        proxy.Faults.ShouldBeEmpty();
        var isAnswered = answer.StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal);
        return (answer, isAnswered ? string.Concat(backend.Heads).Replace(backend.EndPoint.ToString(), "backend", StringComparison.Ordinal) : "");
    }

    private static async Task<string> AnswerAsync(byte[] bytes, int[] pieces)
    {
        await using var backend = new ScriptedBackend(async (peer, _) =>
        {
            await peer.ReadHeadAsync();
            await SendPiecesAsync(peer, bytes, pieces);
        });
        await using var proxy = new TestProxy(new ProxyOptions { HoldTimeout = TimeSpan.Zero }, backend.Backend);
        await using var client = await proxy.ConnectAsync();
        await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        var answer = await client.ReadUntilLostAsync();
        (await Poll.UntilAsync(() => backend.Backend.InFlight == 0)).ShouldBeTrue();
        proxy.Faults.ShouldBeEmpty();
        return answer;
    }

    private static async Task SendPiecesAsync(RawPeer peer, byte[] bytes, int[] pieces)
    {
        var at = 0;
        foreach (var length in pieces)
        {
            await peer.SendAsync(bytes.AsMemory(at, length));
            at += length;
            await Task.Yield();
        }
    }

    private static byte[] Mutated(byte[] source, Random random)
    {
        var bytes = source.ToList();
        for (var times = random.Next(1, 4); times > 0; times--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(6))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.Insert(at, "\r\n\0 \t:;,"u8[random.Next(8)]);
                    break;
                case 2 when bytes.Count > 1:
                    bytes.RemoveAt(at);
                    break;
                case 3:
                    bytes.RemoveRange(Math.Max(1, at), bytes.Count - Math.Max(1, at));
                    break;
                case 4:
                    bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(1, 30), bytes.Count - at)));
                    break;
                default:
                    bytes.InsertRange(at, "Content-Length: 3\r\n"u8.ToArray());
                    break;
            }
        }

        return [.. bytes];
    }

    private static int[] Pieces(int length, Random random)
    {
        var pieces = new List<int>();
        while (length > 0)
        {
            pieces.Add(Math.Min(length, random.Next(1, 12)));
            length -= pieces[^1];
        }

        return [.. pieces];
    }

    private static void AssertWellFormed(string text)
    {
        var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (end < 0)
        {
            return;
        }

        var lines = text[..end].Split("\r\n");
        lines.ShouldAllBe(line => line.All(character => character >= ' ' || character == '\t'), text);
        lines.Skip(1).ShouldAllBe(line => line.IndexOf(':') > 0 && !line.StartsWith(' ') && !line.StartsWith('\t'), text);
        var lengths = lines.Count(line => line.StartsWith("content-length:", StringComparison.OrdinalIgnoreCase));
        var codings = lines.Count(line => line.StartsWith("transfer-encoding:", StringComparison.OrdinalIgnoreCase));
        (lengths + codings).ShouldBeLessThanOrEqualTo(1, text);
    }

    private static byte[] Latin(string text) => Encoding.Latin1.GetBytes(text);
}

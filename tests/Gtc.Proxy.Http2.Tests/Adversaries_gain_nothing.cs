using System.Net;
using System.Net.Sockets;
using System.Text;
using Gtc.Proxy.Tests;
using Microsoft.AspNetCore.Http;

namespace Gtc.Proxy.Http2.Tests;

public class Adversaries_gain_nothing
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Streams_that_are_opened_and_reset_in_a_burst_end_the_connection()
    {
        var most = 0L;
        Worker? asked = null;
        await using var worker = await Worker.StartAsync(BackendProtocol.Http2, async context =>
        {
            most = Math.Max(most, asked!.Backend.InFlight);
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        });
        asked = worker;
        await using var router = new Router(worker.Backend);
        await using var client = await RawPeer.ConnectAsync(router.Server.EndPoint);
        await client.SendAsync(Frames.Preface);
        var hearing = client.ReadUntilLostAsync();

        // Far more than the buffers between the two hold, so that a server with much else to do is not outrun.
        const int Most = 5_000_000;
        var sent = 0;
        try
        {
            for (; sent < Most; sent++)
            {
                await client.SendAsync(Frames.Of(Frames.Headers, Frames.EndStream | Frames.EndHeaders, (2 * sent) + 1, Frames.Get("a")));
                await client.SendAsync(Frames.Of(Frames.Reset, 0, (2 * sent) + 1, [0, 0, 0, 8]));
            }
        }
        catch (SocketException)
        {
            // Cut, as it should be.
        }

        _ = await hearing;
        sent.ShouldBeLessThan(Most);
        most.ShouldBeLessThanOrEqualTo(256);
        (await Poll.UntilAsync(() => worker.Backend.InFlight == 0)).ShouldBeTrue();
        using var other = router.Client();
        using var answer = await other.GetAsync("/own", Stop);
        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_head_that_unfolds_into_a_large_one_is_refused()
    {
        await using var router = new Router();
        await using var client = await RawPeer.ConnectAsync(router.Server.EndPoint);
        await client.SendAsync(Frames.Preface);

        // A field of 3,000 bytes goes into the table once and is then named by one byte each time (RFC 7541 §6.1).
        byte[] large = [0x40, 0x01, (byte)'x', 0x7f, 0xb9, 0x16, .. Enumerable.Repeat((byte)'v', 3000)];
        await client.SendAsync(Frames.Of(Frames.Headers, Frames.EndStream | Frames.EndHeaders, 1, [.. Frames.Get("a"), .. large, .. Enumerable.Repeat((byte)0xbe, 5000)]));
        var text = Encoding.Latin1.GetBytes(await client.ReadUntilLostAsync());
        Frames.Types(text).ShouldContain(Frames.GoAway);
        router.Asked.ShouldBe(0);
    }

    [Theory]
    [InlineData("/own", 12, 3000, 431)]
    [InlineData("/own", 101, 1, 431)]
    [InlineData("long target", 1, 1, 414)]
    public async Task Heads_have_the_same_bounds_as_over_http_1(string path, int fields, int length, int expected)
    {
        await using var router = new Router();
        using var client = router.Client();
        using var request = new HttpRequestMessage(HttpMethod.Get, path == "/own" ? path : $"/{new string('t', 9000)}") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        for (var number = 0; number < fields; number++)
        {
            request.Headers.Add($"X-{number}", new string('v', length));
        }

        try
        {
            using var answer = await client.SendAsync(request, Stop);
            ((int)answer.StatusCode).ShouldBe(expected);
        }
        catch (HttpRequestException)
        {
            // Kestrel ends a connection whose heads are beyond its bound; that must be for the size alone.
            expected.ShouldBe(431);
        }

        router.Asked.ShouldBe(0);
    }

    [Fact]
    public async Task Tunnels_are_not_offered()
    {
        await using var router = new Router();
        using var client = router.Client();
        using var request = new HttpRequestMessage(HttpMethod.Connect, "/own") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Headers.Protocol = "websocket";
        await Should.ThrowAsync<HttpRequestException>(async () => (await client.SendAsync(request, Stop)).EnsureSuccessStatusCode());
        router.Asked.ShouldBe(0);
    }

    [Theory]
    [InlineData(BackendProtocol.Http1)]
    [InlineData(BackendProtocol.Http2)]
    public async Task A_reader_that_is_slow_makes_the_backend_wait_and_nothing_grow(BackendProtocol protocol)
    {
        var produced = 0L;
        await using var worker = await Worker.StartAsync(protocol, async context =>
        {
            var piece = new byte[16 * 1024];
            while (!context.RequestAborted.IsCancellationRequested && produced < 1L << 30)
            {
                await context.Response.Body.WriteAsync(piece, context.RequestAborted);
                Interlocked.Add(ref produced, piece.Length);
            }
        });
        await using var router = new Router(worker.Backend);
        using var client = router.Client();
        using var answer = await client.GetAsync("/", HttpCompletionOption.ResponseHeadersRead, Stop);
        var before = await SettledAsync(() => Interlocked.Read(ref produced));

        // Both windows, what Kestrel keeps for writing, and over HTTP/1.1 what the kernel keeps between the two.
        before.ShouldBeLessThan(protocol == BackendProtocol.Http2 ? 1024 * 1024 : 16 * 1024 * 1024);
        await using var body = await answer.Content.ReadAsStreamAsync(Stop);
        var buffer = new byte[64 * 1024];
        for (var read = 0L; read < 64 * 1024 * 1024;)
        {
            read += await body.ReadAsync(buffer, Stop);
        }

        // It flows again when it is read again.
        Interlocked.Read(ref produced).ShouldBeGreaterThanOrEqualTo(64 * 1024 * 1024);
    }

    [Theory]
    [InlineData(BackendProtocol.Http1)]
    [InlineData(BackendProtocol.Http2)]
    public async Task A_backend_that_reads_slowly_makes_the_client_wait_and_nothing_grow(BackendProtocol protocol)
    {
        var may = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var worker = await Worker.StartAsync(protocol, async context =>
        {
            await may.Task.WaitAsync(context.RequestAborted);
            await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
        });
        await using var router = new Router(worker.Backend);
        using var client = router.Client();
        var sent = 0L;
        using var content = new Endless(count => Interlocked.Exchange(ref sent, count), 64 * 1024 * 1024);
        var asking = client.PostAsync("/", content, Stop);
        (await SettledAsync(() => Interlocked.Read(ref sent))).ShouldBeLessThan(protocol == BackendProtocol.Http2 ? 4 * 1024 * 1024 : 16 * 1024 * 1024);
        may.SetResult();
        using var answer = await asking;
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await Poll.UntilAsync(() => router.Reports.SingleOrDefault() is { IsComplete: true, BytesIn: 64 * 1024 * 1024 })).ShouldBeTrue();
    }

    /// <summary>A count once it has stood still for half a second.</summary>
    private static async Task<long> SettledAsync(Func<long> count)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(500));
        var last = -1L;
        while (count() != last || last == 0)
        {
            last = count();
            await timer.WaitForNextTickAsync(Stop);
        }

        return last;
    }

    private sealed class Endless(Action<long> progress, long length) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            var piece = new byte[16 * 1024];
            for (var sent = 0L; sent < length; sent += piece.Length)
            {
                await stream.WriteAsync(piece);
                progress(sent + piece.Length);
            }
        }

        protected override bool TryComputeLength(out long computed)
        {
            computed = 0;
            return false;
        }
    }
}

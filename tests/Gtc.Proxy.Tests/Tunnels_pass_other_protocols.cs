namespace Gtc.Proxy.Tests;

public class Tunnels_pass_other_protocols
{
    private const string Upgrade = "GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n\r\n";
    private const string Switched = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
    private const string CloseFrame = "\u0088\u0002\u0003\u00f4";

    [Fact]
    public async Task Bytes_pass_both_ways_until_both_have_ended()
    {
        string? head = null;
        await using var backend = new ScriptedBackend(async (peer, _) =>
        {
            head = await peer.ReadHeadAsync();
            await peer.SendAsync(Switched + "\u0081\u0002hi");
            while (await peer.ReadAsync(1) is { Length: 1 } next)
            {
                await peer.SendAsync($"\u0081\u0001{next}");
            }

            await peer.SendAsync("\u0088\u0000");
        });
        await using var proxy = new TestProxy(backend.Backend);
        await using var client = await proxy.ConnectAsync();
        await client.SendAsync(Upgrade + "a");
        (await client.ReadHeadAsync()).ShouldBe("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n");
        head.ShouldNotBeNull();
        head.ShouldContain("Upgrade: websocket\r\n");
        head.ShouldContain("Connection: upgrade\r\n");
        (await client.ReadAsync(7)).ShouldBe("\u0081\u0002hi\u0081\u0001a");
        await client.SendAsync("b");
        (await client.ReadAsync(3)).ShouldBe("\u0081\u0001b");
        client.EndSending();
        (await client.ReadToEndAsync()).ShouldBe("\u0088\u0000");
        (await Poll.UntilAsync(() => proxy.Reports.SingleOrDefault() is { IsComplete: true, Status: 101, BytesIn: 2 })).ShouldBeTrue();
        backend.Backend.InFlight.ShouldBe(0);
    }

    [Fact]
    public async Task A_drained_socket_is_closed_between_two_frames_with_a_close_frame()
    {
        var goesOn = new TaskCompletionSource();
        await using var backend = new ScriptedBackend(async (peer, _) =>
        {
            await peer.ReadHeadAsync();
            await peer.SendAsync(Switched + "\u0081\u0004ha");
            await goesOn.Task;
            await peer.SendAsync("lf\u0081\u0004lost");
            await peer.ReadToEndAsync();
        });
        await using var proxy = new TestProxy(backend.Backend);
        await using var client = await proxy.ConnectAsync();
        await client.SendAsync(Upgrade);
        await client.ReadHeadAsync();
        (await client.ReadAsync(4)).ShouldBe("\u0081\u0004ha");
        proxy.Server.CloseTunnels(backend.Backend);
        (await proxy.Server.CountClientsAsync(TestContext.Current.CancellationToken)).ShouldBe(1);
        goesOn.SetResult();
        (await client.ReadAsync(6)).ShouldBe($"lf{CloseFrame}");
        await client.SendAsync("\u0088\u0080abcd");
        client.EndSending();
        (await client.ReadToEndAsync()).ShouldBe("");
        (await Poll.UntilAsync(() => proxy.Reports.SingleOrDefault() is { IsComplete: true })).ShouldBeTrue();
    }

    [Fact]
    public async Task A_socket_whose_backend_vanishes_is_told_to_come_again()
    {
        await using var backend = new ScriptedBackend(async (peer, _) =>
        {
            await peer.ReadHeadAsync();
            await peer.SendAsync(Switched + "\u0081\u0002hi");
            await peer.ReadAsync(1);
        });
        await using var proxy = new TestProxy(backend.Backend);
        await using var client = await proxy.ConnectAsync();
        await client.SendAsync(Upgrade);
        await client.ReadHeadAsync();
        (await client.ReadAsync(4)).ShouldBe("\u0081\u0002hi");
        await client.SendAsync("x");
        (await client.ReadToEndAsync()).ShouldBe(CloseFrame);
    }

    [Fact]
    public async Task A_refused_upgrade_is_an_ordinary_answer()
    {
        await using var backend = ScriptedBackend.Answering("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
        await using var proxy = new TestProxy(backend.Backend);
        await using var client = await proxy.ConnectAsync();
        await client.SendAsync(Upgrade);
        (await client.ReadAnswerAsync()).Body.ShouldBe("no");
        await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        (await client.ReadAnswerAsync()).Body.ShouldBe("no");
    }
}

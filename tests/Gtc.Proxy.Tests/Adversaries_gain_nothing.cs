using System.Net.Sockets;

namespace Gtc.Proxy.Tests;

public class Adversaries_gain_nothing
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    [Theory]
    [InlineData(1024, "200")]
    [InlineData(1025, "400")]
    [InlineData(25_000, "400")]
    public async Task A_host_of_any_length_is_forwarded_or_refused_and_takes_nobody_else_down(int length, string status)
    {
        await using var backend = ScriptedBackend.Ok("");
        await using var proxy = new TestProxy(backend.Backend);
        await using var client = await proxy.ConnectAsync();
        await client.SendAsync($"GET / HTTP/1.1\r\nHost: {new string('a', length)}\r\n\r\n");
        (await client.ReadHeadAsync())!.ShouldStartWith($"HTTP/1.1 {status} ");
        await using var other = await proxy.ConnectAsync();
        await other.SendAsync(Get);
        (await other.ReadHeadAsync())!.ShouldStartWith("HTTP/1.1 200 ");
        proxy.Faults.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("/throws")]
    [InlineData("/throws-at-the-end")]
    public async Task A_policy_that_throws_costs_its_own_connection_only(string path)
    {
        await using var backend = ScriptedBackend.Ok("fine");
        await using var proxy = new TestProxy(backend.Backend);
        await using var bystander = await proxy.ConnectAsync();
        await using var client = await proxy.ConnectAsync();
        await client.SendAsync($"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n");
        (await Poll.UntilAsync(() => proxy.Faults.Count == 1)).ShouldBeTrue();
        await Should.ThrowAsync<SocketException>(client.ReadToEndAsync);
        await bystander.SendAsync(Get);
        (await bystander.ReadAnswerAsync()).Body.ShouldBe("fine");
        await proxy.SettleAsync();
        backend.Backend.InFlight.ShouldBe(0);
    }

    [Fact]
    public async Task Interim_answers_without_end_are_cut_off()
    {
        await using var backend = new ScriptedBackend(async (peer, _) =>
        {
            await peer.ReadHeadAsync();
            while (true)
            {
                await peer.SendAsync("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
            }
        });
        await using var proxy = new TestProxy(backend.Backend);
        await using var client = await proxy.ConnectAsync();
        await client.SendAsync(Get);
        var hints = 0;
        string? head;
        while ((head = await client.ReadHeadAsync())!.StartsWith("HTTP/1.1 103 ", StringComparison.Ordinal))
        {
            hints++;
        }

        hints.ShouldBe(32);
        head!.ShouldStartWith("HTTP/1.1 502 ");
        await proxy.SettleAsync();
        backend.Backend.InFlight.ShouldBe(0);
    }

    [Fact]
    public async Task A_body_that_trickles_is_refused_and_the_backend_is_not_blamed()
    {
        await using var backend = new ScriptedBackend(async (peer, _) => await peer.ReadToEndAsync());
        await using var proxy = new TestProxy(new ProxyOptions { BodyGrace = TimeSpan.FromMilliseconds(200) }, backend.Backend);
        await using var client = await proxy.ConnectAsync();
        await client.SendAsync("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n");
        var trickle = client.TrickleAsync("x");
        (await client.ReadHeadAsync())!.ShouldStartWith("HTTP/1.1 408 ");
        await trickle;
        backend.Backend.FailuresInARow.ShouldBe(0);
        (await Poll.UntilAsync(() => backend.Backend.InFlight == 0)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_body_that_never_comes_is_the_clients_fault()
    {
        await using var backend = new ScriptedBackend(async (peer, _) => await peer.ReadToEndAsync());
        await using var proxy = new TestProxy(new ProxyOptions { UpstreamTimeout = TimeSpan.FromMilliseconds(150) }, backend.Backend);
        await using var client = await proxy.ConnectAsync();
        await client.SendAsync("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n");
        (await client.ReadHeadAsync())!.ShouldStartWith("HTTP/1.1 408 ");
        backend.Backend.FailuresInARow.ShouldBe(0);
    }

    [Fact]
    public async Task A_chunk_that_is_broken_in_its_last_byte_is_refused_at_once()
    {
        await using var backend = new ScriptedBackend(async (peer, _) => await peer.ReadToEndAsync());
        await using var proxy = new TestProxy(backend.Backend);
        await using var client = await proxy.ConnectAsync();
        await client.SendAsync("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nZ");
        (await client.ReadHeadAsync())!.ShouldStartWith("HTTP/1.1 400 ");
        backend.Backend.FailuresInARow.ShouldBe(0);
    }

    [Fact]
    public async Task A_refused_peer_that_floods_is_let_go_in_bounded_time_while_others_are_served()
    {
        await using var backend = ScriptedBackend.Ok("fine");
        await using var proxy = new TestProxy(new ProxyOptions { LingerTimeout = TimeSpan.FromMilliseconds(300) }, backend.Backend);
        await using var flood = await proxy.ConnectAsync();
        await flood.SendAsync("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n");
        var flooding = Task.Run(async () =>
        {
            var junk = new byte[1024 * 1024];
            while (true)
            {
                await flood.SendAsync(junk);
            }
        }, TestContext.Current.CancellationToken);
        await using var client = await proxy.ConnectAsync();
        await client.SendAsync(Get);
        (await client.ReadAnswerAsync()).Body.ShouldBe("fine");
        await Should.ThrowAsync<SocketException>(flooding.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task An_upgrade_to_http2_is_not_passed_on()
    {
        await using var backend = ScriptedBackend.Ok("one");
        await using var proxy = new TestProxy(backend.Backend);
        await using var client = await proxy.ConnectAsync();
        await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n");
        (await client.ReadAnswerAsync()).Body.ShouldBe("one");
        backend.Heads.Single().ShouldNotContain("pgrade");
        backend.Heads.Single().ShouldNotContain("HTTP2");
    }

    [Theory]
    [InlineData("HTTP/1.1 200 O\rK\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 200 O\u0000K\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX: a\rb\r\n\r\n")]
    public async Task A_malformed_answer_is_not_passed_on(string answer)
    {
        await using var backend = ScriptedBackend.Answering(answer);
        await using var proxy = new TestProxy(backend.Backend);
        await using var client = await proxy.ConnectAsync();
        await client.SendAsync(Get);
        (await client.ReadHeadAsync())!.ShouldStartWith("HTTP/1.1 502 ");
    }
}

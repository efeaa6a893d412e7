using System.Net;
using System.Net.Sockets;

namespace Gtc.Proxy.Tests;

public sealed class Failures_are_told_apart : IDisposable
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    private readonly List<Socket> _held = [];

    public void Dispose() => _held.ForEach(socket => socket.Dispose());

    [Theory]
    [InlineData(Get)]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody")]
    public async Task A_request_that_reached_nobody_is_tried_elsewhere(string request)
    {
        var dead = Dead();
        await using var backend = ScriptedBackend.Ok("from the other");
        await using var proxy = new TestProxy(dead, backend.Backend);
        await using var client = await proxy.ConnectAsync();
        await client.SendAsync(request);
        (await client.ReadAnswerAsync()).Body.ShouldBe("from the other");
        dead.FailuresInARow.ShouldBe(1);
        dead.InFlight.ShouldBe(0);
    }

    [Fact]
    public async Task A_safe_request_whose_backend_died_without_an_answer_is_tried_elsewhere_and_others_are_not()
    {
        await using var dying = new ScriptedBackend(async (peer, _) =>
        {
            await peer.ReadHeadAsync();
            peer.Reset();
        });
        await using var backend = ScriptedBackend.Ok("from the other");
        await using var proxy = new TestProxy(dying.Backend, backend.Backend);
        await using var client = await proxy.ConnectAsync();
        await client.SendAsync(Get);
        (await client.ReadAnswerAsync()).Body.ShouldBe("from the other");
        await client.SendAsync("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody");
        (await client.ReadAnswerAsync()).Head.ShouldStartWith("HTTP/1.1 502 ");
        backend.Heads.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Nobody_left_is_a_bad_gateway_and_the_connection_stays()
    {
        await using var proxy = new TestProxy(new ProxyOptions { HoldTimeout = TimeSpan.Zero }, Dead(), Dead());
        await using var client = await proxy.ConnectAsync();
        await client.SendAsync(Get);
        (await client.ReadAnswerAsync()).Head.ShouldStartWith("HTTP/1.1 502 Bad Gateway\r\n");
        await client.SendAsync("GET /own HTTP/1.1\r\nHost: a\r\n\r\n");
        (await client.ReadAnswerAsync()).Body.ShouldBe("own answer");
        proxy.Reports.Single().Status.ShouldBe(502);
    }

    [Fact]
    public async Task A_backend_that_fails_again_and_again_is_left_alone_for_a_while()
    {
        var dead = Dead();
        await using var proxy = new TestProxy(new ProxyOptions { HoldTimeout = TimeSpan.Zero, FailuresUntilEjected = 2, Ejection = TimeSpan.FromMinutes(1) }, dead);
        await using var client = await proxy.ConnectAsync();
        await client.SendAsync(Get);
        await client.ReadAnswerAsync();
        dead.IsEjected(Environment.TickCount64).ShouldBeFalse();
        await client.SendAsync(Get);
        await client.ReadAnswerAsync();
        dead.IsEjected(Environment.TickCount64).ShouldBeTrue();
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", false)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n", false)]
    [InlineData("HTTP/1.1 200 OK\r\n\r\nhalf", true)]
    public async Task An_answer_that_is_cut_is_cut_for_the_client_too(string part, bool resets)
    {
        await using var dying = new ScriptedBackend(async (peer, _) =>
        {
            await peer.ReadHeadAsync();
            await peer.SendAsync(part);
            if (resets)
            {
                await peer.ReadHeadAsync();
                peer.Reset();
            }
        });
        await using var proxy = new TestProxy(dying.Backend);
        await using var client = await proxy.ConnectAsync();
        await client.SendAsync(Get);
        if (resets)
        {
            // Only then the backend resets: by now the part has passed.
            await client.ReadHeadAsync();
            (await client.ReadAsync(4)).ShouldBe("half");
            dying.Backend.InFlight.ShouldBe(1);
            return;
        }

        await Should.ThrowAsync<System.Net.Sockets.SocketException>(client.ReadToEndAsync);
        (await Poll.UntilAsync(() => proxy.Reports.Count == 1)).ShouldBeTrue();
        proxy.Reports.Single().IsComplete.ShouldBeFalse();
    }

    [Fact]
    public async Task A_backend_that_closed_an_idle_connection_costs_no_request()
    {
        await using var closing = new ScriptedBackend(async (peer, _) =>
        {
            await peer.ReadHeadAsync();
            await peer.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        });
        await using var proxy = new TestProxy(closing.Backend);
        await using var client = await proxy.ConnectAsync();
        for (var request = 0; request < 50; request++)
        {
            await client.SendAsync(Get);
            (await client.ReadAnswerAsync()).Body.ShouldBe("ok");
        }
    }

    [Fact]
    public async Task A_head_that_trickles_runs_out_of_time_although_bytes_come()
    {
        await using var backend = ScriptedBackend.Ok("");
        await using var proxy = new TestProxy(new ProxyOptions { HeaderTimeout = TimeSpan.FromMilliseconds(300) }, backend.Backend);
        await using var client = await proxy.ConnectAsync();
        await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n");
        var trickle = client.TrickleAsync("X");
        (await client.ReadHeadAsync())!.ShouldStartWith("HTTP/1.1 408 ");
        await trickle;
        backend.Heads.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_backend_that_does_not_answer_in_time_is_a_gateway_timeout()
    {
        await using var silent = new ScriptedBackend(async (peer, _) => await peer.ReadToEndAsync());
        await using var proxy = new TestProxy(new ProxyOptions { UpstreamTimeout = TimeSpan.FromMilliseconds(200) }, silent.Backend);
        await using var client = await proxy.ConnectAsync();
        await client.SendAsync(Get);
        (await client.ReadAnswerAsync()).Head.ShouldStartWith("HTTP/1.1 504 ");
    }

    [Fact]
    public async Task A_client_that_sends_no_more_still_gets_its_answer()
    {
        await using var backend = ScriptedBackend.Ok("late");
        await using var proxy = new TestProxy(backend.Backend);
        await using var client = await proxy.ConnectAsync();
        await client.SendAsync(Get);
        client.EndSending();
        (await client.ReadToEndAsync()).ShouldEndWith("late");
    }

    [Fact]
    public async Task A_client_that_leaves_in_the_middle_of_its_body_takes_its_request_with_it()
    {
        string? seen = null;
        await using var backend = new ScriptedBackend(async (peer, _) =>
        {
            await peer.ReadHeadAsync();
            try
            {
                seen = await peer.ReadToEndAsync();
            }
            catch (System.Net.Sockets.SocketException)
            {
                seen = "reset";
            }
        });
        await using var proxy = new TestProxy(backend.Backend);
        await using var client = await proxy.ConnectAsync();
        await client.SendAsync("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf");
        client.EndSending();
        (await Poll.UntilAsync(() => proxy.Reports.Count == 1 && seen is not null)).ShouldBeTrue();
        proxy.Reports.Single().IsComplete.ShouldBeFalse();
        seen.ShouldBe("reset");
    }

    [Fact]
    public async Task An_answer_that_comes_before_the_body_ends_the_connection_behind_it()
    {
        await using var backend = new ScriptedBackend(async (peer, _) =>
        {
            await peer.ReadHeadAsync();
            await peer.SendAsync("HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nbig");
            await peer.ReadToEndAsync();
        });
        await using var proxy = new TestProxy(backend.Backend);
        await using var client = await proxy.ConnectAsync();
        await client.SendAsync("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nstart");
        var (head, body) = await client.ReadAnswerAsync();
        head.ShouldBe("HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\n");
        body.ShouldBe("big");
    }

    [Fact]
    public async Task Stopping_lets_what_is_under_way_end()
    {
        var mayAnswer = new TaskCompletionSource();
        await using var backend = new ScriptedBackend(async (peer, _) =>
        {
            await peer.ReadHeadAsync();
            await mayAnswer.Task;
            await peer.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlast");
            await peer.ReadHeadAsync();
        });
        await using var proxy = new TestProxy(backend.Backend);
        await using var idle = await proxy.ConnectAsync();
        await using var client = await proxy.ConnectAsync();
        await client.SendAsync(Get);
        (await Poll.UntilAsync(() => backend.Backend.InFlight == 1)).ShouldBeTrue();
        var stopping = proxy.Server.StopAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        (await idle.ReadToEndAsync()).ShouldBe("");
        mayAnswer.SetResult();
        (await client.ReadToEndAsync()).ShouldBe("HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nlast");
        await stopping;
    }

    /// <summary>A port that nobody listens on, and that nobody else is given while the test runs: it is held by a socket that does not listen.</summary>
    private Backend Dead()
    {
        var held = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _held.Add(held);
        held.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return new Backend("dead", (IPEndPoint)held.LocalEndPoint!);
    }
}

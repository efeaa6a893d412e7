namespace Gtc.Proxy.Tests;

public class Connections_are_kept_or_ended_rightly
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private const string Post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx";

    [Fact]
    public async Task A_backend_that_ends_with_its_answer_costs_no_request_that_cannot_be_repeated()
    {
        using var ended = new SemaphoreSlim(0);
        await using var closing = new ScriptedBackend(async (peer, _) =>
        {
            await peer.ReadBodyAsync((await peer.ReadHeadAsync())!);
            await peer.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            peer.EndSending();
            ended.Release();
            await peer.ReadToEndAsync();
        });
        await using var proxy = new TestProxy(closing.Backend);
        await using var client = await proxy.ConnectAsync();
        for (var request = 0; request < 50; request++)
        {
            await client.SendAsync(Post);
            (await client.ReadAnswerAsync()).Body.ShouldBe("ok");
            await ended.WaitAsync(TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task A_request_is_held_while_the_only_backend_restarts()
    {
        var first = ScriptedBackend.Ok("before");
        var endPoint = first.EndPoint;
        await using var proxy = new TestProxy(new ProxyOptions { HoldTimeout = TimeSpan.FromSeconds(20) }, first.Backend);
        await using var client = await proxy.ConnectAsync();
        await client.SendAsync(Get);
        (await client.ReadAnswerAsync()).Body.ShouldBe("before");
        await first.DisposeAsync();
        await client.SendAsync(Post);
        (await Poll.UntilAsync(() => first.Backend.FailuresInARow > 0)).ShouldBeTrue();
        await using var second = ScriptedBackend.Ok("after", endPoint.Port);
        (await client.ReadAnswerAsync()).Body.ShouldBe("after");
        await proxy.SettleAsync();
        first.Backend.InFlight.ShouldBe(0);
        proxy.Reports.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_client_that_leaves_while_its_request_is_held_is_forgotten()
    {
        var gone = ScriptedBackend.Ok("");
        await gone.DisposeAsync();
        await using var proxy = new TestProxy(new ProxyOptions { HoldTimeout = TimeSpan.FromSeconds(60) }, gone.Backend);
        await using (var client = await proxy.ConnectAsync())
        {
            await client.SendAsync(Get);
            (await Poll.UntilAsync(() => gone.Backend.InFlight == 1)).ShouldBeTrue();
            client.Reset();
        }

        (await Poll.UntilAsync(() => gone.Backend.InFlight == 0 && proxy.Reports.Count == 1)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_request_that_ends_its_backend_again_and_again_is_given_up()
    {
        var seen = 0;
        await using var dying = new ScriptedBackend(async (peer, _) =>
        {
            await peer.ReadHeadAsync();
            Interlocked.Increment(ref seen);
            peer.Reset();
        });
        await using var proxy = new TestProxy(new ProxyOptions { HoldTimeout = TimeSpan.FromSeconds(60) }, dying.Backend);
        await using var client = await proxy.ConnectAsync();
        await client.SendAsync(Get);
        (await client.ReadAnswerAsync()).Head.ShouldStartWith("HTTP/1.1 502 ");
        seen.ShouldBe(3);
    }

    [Fact]
    public async Task A_forgotten_backends_connection_that_was_in_use_is_not_kept()
    {
        var mayAnswer = new TaskCompletionSource();
        var ended = new TaskCompletionSource();
        await using var backend = new ScriptedBackend(async (peer, _) =>
        {
            await peer.ReadHeadAsync();
            await mayAnswer.Task;
            await peer.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            await peer.ReadToEndAsync();
            ended.SetResult();
        });
        await using var proxy = new TestProxy(backend.Backend);
        await using var client = await proxy.ConnectAsync();
        await client.SendAsync(Get);
        (await Poll.UntilAsync(() => backend.Backend.InFlight == 1)).ShouldBeTrue();
        proxy.Server.Forget(backend.Backend);
        mayAnswer.SetResult();
        (await client.ReadAnswerAsync()).Body.ShouldBe("ok");
        await ended.Task.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task The_last_answer_reaches_a_slow_client_whole()
    {
        const int Length = 12 * 1024 * 1024;
        await using var backend = new ScriptedBackend(async (peer, _) =>
        {
            await peer.ReadHeadAsync();
            await peer.SendAsync("HTTP/1.1 200 OK\r\n\r\n");
            await peer.SendAsync(new byte[Length]);
        });
        await using var proxy = new TestProxy(new ProxyOptions { LingerTimeout = TimeSpan.FromMilliseconds(50) }, backend.Backend);
        await using var client = await proxy.ConnectAsync();
        await client.SendAsync(Get);
        (await Poll.UntilAsync(() => backend.Backend.InFlight == 1)).ShouldBeTrue();
        (await client.ReadHeadAsync())!.ShouldContain("Connection: close");
        using var slowly = new PeriodicTimer(TimeSpan.FromMilliseconds(150));
        for (var pause = 0; pause < 4; pause++)
        {
            await slowly.WaitForNextTickAsync(TestContext.Current.CancellationToken);
            await client.DropAsync(1024 * 1024);
        }

        (await client.DropAsync(Length)).ShouldBeGreaterThan(Length - (5 * 1024 * 1024));
        (await Poll.UntilAsync(() => proxy.Reports.SingleOrDefault() is { IsComplete: true, BytesOut: Length })).ShouldBeTrue();
    }

    [Theory]
    [InlineData("GET", "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", "HTTP/1.1 204 No Content\r\n\r\n")]
    [InlineData("GET", "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n", "HTTP/1.1 204 No Content\r\n\r\n")]
    [InlineData("GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n")]
    [InlineData("HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")]
    public async Task Answers_without_a_body_leave_the_connection_in_step(string method, string answer, string expected)
    {
        await using var backend = ScriptedBackend.Answering(answer);
        await using var proxy = new TestProxy(backend.Backend);
        await using var client = await proxy.ConnectAsync();
        for (var request = 0; request < 3; request++)
        {
            await client.SendAsync($"{method} / HTTP/1.1\r\nHost: a\r\n\r\n");
            (await client.ReadHeadAsync()).ShouldBe(expected);
        }
    }

    [Fact]
    public async Task A_body_where_none_may_be_does_not_become_the_next_answer()
    {
        await using var backend = ScriptedBackend.Answering("HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
        await using var proxy = new TestProxy(backend.Backend);
        await using var client = await proxy.ConnectAsync();
        for (var request = 0; request < 5; request++)
        {
            await client.SendAsync(Get);
            (await client.ReadHeadAsync()).ShouldBe("HTTP/1.1 204 No Content\r\n\r\n");
        }
    }

    [Fact]
    public async Task That_the_client_takes_trailers_is_told_to_the_backend()
    {
        await using var backend = ScriptedBackend.Ok("");
        await using var proxy = new TestProxy(backend.Backend);
        await using var client = await proxy.ConnectAsync();
        await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\nTE: gzip, trailers\r\nConnection: TE\r\n\r\n");
        await client.ReadAnswerAsync();
        backend.Heads.Single().ShouldEndWith("Via: 1.1 gtc\r\nTE: trailers\r\nConnection: TE\r\n\r\n");
    }

    [Fact]
    public async Task Several_lines_of_forwarded_for_are_one_list()
    {
        await using var backend = ScriptedBackend.Ok("");
        await using var proxy = new TestProxy(backend.Backend) { IsTrusting = true };
        await using var client = await proxy.ConnectAsync();
        await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 192.0.2.1\r\nX-Forwarded-For: 192.0.2.2\r\n\r\n");
        await client.ReadAnswerAsync();
        backend.Heads.Single().ShouldContain("X-Forwarded-For: 192.0.2.1, 192.0.2.2, 127.0.0.1\r\n");
    }

    [Fact]
    public async Task A_drained_proxy_tells_its_sockets_to_come_again()
    {
        await using var backend = new ScriptedBackend(async (peer, _) =>
        {
            await peer.ReadHeadAsync();
            await peer.SendAsync("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n\u0081\u0002hi");
            await peer.ReadToEndAsync();
        });
        await using var proxy = new TestProxy(backend.Backend);
        await using var client = await proxy.ConnectAsync();
        await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
        await client.ReadHeadAsync();
        (await client.ReadAsync(4)).ShouldBe("\u0081\u0002hi");
        var stopping = proxy.Server.StopAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        (await client.ReadAsync(4)).ShouldBe("\u0088\u0002\u0003\u00f4");
        client.EndSending();
        await stopping.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_client_that_goes_on_sending_still_hears_that_its_backend_is_gone()
    {
        await using var backend = new ScriptedBackend(async (peer, _) =>
        {
            await peer.ReadHeadAsync();
            await peer.SendAsync("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
            await peer.ReadAsync(1);
            peer.Reset();
        });
        await using var proxy = new TestProxy(backend.Backend);
        await using var client = await proxy.ConnectAsync();
        await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
        await client.ReadHeadAsync();
        var sending = client.TrickleAsync("x");
        (await client.ReadAsync(4)).ShouldBe("\u0088\u0002\u0003\u00f4");
        await sending;
        await proxy.SettleAsync();
        backend.Backend.InFlight.ShouldBe(0);
    }
}

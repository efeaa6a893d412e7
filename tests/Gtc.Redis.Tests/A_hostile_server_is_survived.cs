using System.Text;

namespace Gtc.Redis.Tests;

public class A_hostile_server_is_survived
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("garbage\r\n", "broke the protocol")]
    [InlineData("$99999999999\r\n", "longer than")]
    [InlineData("*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n", "deeper than 16")]
    [InlineData(":1\r\n:2\r\n", null)]
    public async Task What_breaks_the_protocol_ends_the_connection_and_the_call(string reply, string? reason)
    {
        await using var server = FakeServer.Saying(reply);
        await using var client = new RedisClient(server.Options, TimeProvider.System, () => 1);
        await client.ConnectedAsync(Cancel);
        var answer = await client.PingAsync(Cancel);
        if (reason is null)
        {
            // The first reply is the call's; the second is nobody's and ends the connection.
            answer.Reply!.Number.ShouldBe(1);
        }
        else
        {
            answer.Failure.ShouldBe(RedisFailure.Lost);
            answer.Reason!.ShouldContain(reason);
        }

        while (client.Connects < 2)
        {
            await client.ConnectedAsync(Cancel);
            await client.PingAsync(Cancel);
        }
    }

    [Fact]
    public async Task A_half_reply_and_silence_time_out_and_a_hang_ends_the_connection()
    {
        await using var server = new FakeServer(async (number, stream, token) =>
        {
            var buffer = new byte[4096];
            while (await stream.ReadAsync(buffer, token) > 0)
            {
                await stream.WriteAsync(number == 0 ? "$100\r\nabc"u8.ToArray() : "+PONG\r\n"u8.ToArray(), token);
            }
        });
        await using var client = new RedisClient(
            server.Options with { CallTimeout = TimeSpan.FromMilliseconds(30), HangTimeout = TimeSpan.FromSeconds(2) }, TimeProvider.System, () => 1);
        await client.ConnectedAsync(Cancel);
        (await client.PingAsync(Cancel)).Failure.ShouldBe(RedisFailure.TimedOut);
        while (client.Connects < 2)
        {
            await client.ConnectedAsync(Cancel);
            (await client.PingAsync(Cancel)).Failure.ShouldBeOneOf(RedisFailure.TimedOut, RedisFailure.Lost, RedisFailure.NotConnected, RedisFailure.None);
        }

        (await client.PingAsync(Cancel)).Failure.ShouldBeOneOf(RedisFailure.None, RedisFailure.TimedOut);
    }

    [Fact]
    public async Task Each_call_of_a_server_that_hangs_waits_no_longer_than_its_own_time()
    {
        await using var server = new FakeServer((_, _, token) => Task.Delay(Timeout.Infinite, token));
        await using var client = new RedisClient(
            server.Options with { CallTimeout = TimeSpan.FromMilliseconds(20), HangTimeout = TimeSpan.FromMinutes(10) }, TimeProvider.System, () => 1);
        await client.ConnectedAsync(Cancel);
        for (var call = 0; call < 5; call++)
        {
            (await client.PingAsync(Cancel).AsTask().WaitAsync(TimeSpan.FromMinutes(1), Cancel)).Failure.ShouldBe(RedisFailure.TimedOut);
        }
    }

    [Fact]
    public async Task A_late_reply_is_not_given_to_the_next_call()
    {
        var late = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = new FakeServer(async (_, stream, token) =>
        {
            var buffer = new byte[4096];
            _ = await stream.ReadAsync(buffer, token);
            await late.Task.WaitAsync(token);
            await stream.WriteAsync("+first\r\n"u8.ToArray(), token);
            _ = await stream.ReadAsync(buffer, token);
            await stream.WriteAsync("+second\r\n"u8.ToArray(), token);
            _ = await stream.ReadAsync(buffer, token);
        });
        await using var client = new RedisClient(server.Options with { CallTimeout = TimeSpan.FromSeconds(2), HangTimeout = TimeSpan.FromMinutes(1) }, TimeProvider.System, () => 1);
        await client.ConnectedAsync(Cancel);
        (await client.CallAsync(["ONE"], Cancel)).Failure.ShouldBe(RedisFailure.TimedOut);
        late.SetResult();
        var second = await client.CallAsync(["TWO"], Cancel);
        second.Reply!.Text.ShouldBe("second");
    }

    [Fact]
    public async Task A_caller_leaves_and_the_others_keep_their_replies()
    {
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = new FakeServer(async (_, stream, token) =>
        {
            await answer.Task.WaitAsync(token);
            await stream.WriteAsync("+first\r\n+second\r\n"u8.ToArray(), token);
            _ = await stream.ReadAsync(new byte[4096], token);
            await Task.Delay(Timeout.Infinite, token);
        });
        await using var client = new RedisClient(server.Options, TimeProvider.System, () => 1);
        await client.ConnectedAsync(Cancel);
        using var leaving = new CancellationTokenSource();
        var first = client.CallAsync(["ONE"], leaving.Token);
        var second = client.CallAsync(["TWO"], Cancel);
        await leaving.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(async () => await first);
        answer.SetResult();
        (await second).Reply!.Text.ShouldBe("second");
        await Should.ThrowAsync<OperationCanceledException>(async () => await client.PingAsync(leaving.Token));
    }

    [Fact]
    public async Task What_waits_is_bounded()
    {
        await using var server = new FakeServer((_, _, token) => Task.Delay(Timeout.Infinite, token));
        await using var client = new RedisClient(server.Options with { MaxWaiting = 2, MaxUnsentBytes = 1000 }, TimeProvider.System, () => 1);
        await client.ConnectedAsync(Cancel);
        (await client.CallAsync(["SET", "k", new string('x', 2000)], Cancel)).Failure.ShouldBe(RedisFailure.Busy);
        var one = client.PingAsync(Cancel);
        var two = client.PingAsync(Cancel);
        (await client.PingAsync(Cancel)).Failure.ShouldBe(RedisFailure.Busy);
        await client.DisposeAsync();
        (await one).Failure.ShouldBe(RedisFailure.Lost);
        (await two).Failure.ShouldBe(RedisFailure.Lost);
    }

    [Fact]
    public async Task A_server_that_is_not_there_fails_calls_at_once()
    {
        await using var client = new RedisClient(new RedisOptions { Port = RedisServer.FreePort() }, TimeProvider.System, () => 1);
        (await client.PingAsync(Cancel)).Failure.ShouldBe(RedisFailure.NotConnected);
        client.IsConnected.ShouldBeFalse();
    }

    [Fact]
    public async Task An_echo_is_no_Redis()
    {
        await using var server = new FakeServer(async (_, stream, token) => await stream.CopyToAsync(stream, token), answersLogIn: false);
        var waits = new ArmedTime();
        await using var client = new RedisClient(server.Options with { FirstBackoff = TimeSpan.FromMilliseconds(40) }, waits, () => 0);
        await waits.Delayed.WaitAsync(TimeSpan.FromMinutes(1), Cancel);
        (await client.PingAsync(Cancel)).Reason!.ShouldContain("no Redis");
    }

    [Fact]
    public async Task A_server_without_RESP3_is_spoken_to_in_RESP2()
    {
        await using var server = new FakeServer(async (_, stream, token) =>
        {
            var buffer = new byte[4096];
            while (await stream.ReadAsync(buffer, token) is > 0 and var read)
            {
                var isHello = Encoding.ASCII.GetString(buffer, 0, read).Contains("HELLO", StringComparison.Ordinal);
                await stream.WriteAsync(isHello ? "-ERR unknown command `HELLO`\r\n"u8.ToArray() : "+PONG\r\n"u8.ToArray(), token);
            }
        }, answersLogIn: false);
        await using var client = new RedisClient(server.Options, TimeProvider.System, () => 1);
        await client.ConnectedAsync(Cancel).WaitAsync(TimeSpan.FromMinutes(1), Cancel);
        (await client.PingAsync(Cancel)).Reply!.Text.ShouldBe("PONG");
    }
}

namespace Gtc.Nats.Tests;

/// <summary>Runs alone: it looks at the memory and the files of the whole process.</summary>
[Collection(nameof(Alone))]
public sealed class Reconnects_leave_nothing_behind
{
    private static CancellationToken Token => Clients.Token;

    [Fact]
    public async Task After_a_thousand()
    {
        var connects = 0;
        await using var server = new FakeServer(async (number, stream, token) =>
        {
            await FakeServer.LetInAsync(stream, token);
            if (number < 1000)
            {
                return;
            }

            await FakeServer.UntilEndAsync(stream, token);
        });
        var enough = new TaskCompletionSource();
        await using var connection = NatsConnection.Start(server.Options, TimeProvider.System).Ok();
        connection.StatusChanged += status => _ = status is { State: NatsState.Connected, Connects: > 1000 } && enough.TrySetResult();
        await using var subscription = await connection.SubscribeAsync("s", Token).Ok();
        var before = 0L;
        while (!enough.Task.IsCompleted)
        {
            await connection.RequestAsync("nobody", default, headers: null, TimeSpan.FromMilliseconds(50), Token);
            if (connects == 0 && connection.Status.Connects > 100)
            {
                connects = connection.Status.Connects;
                before = GC.GetTotalMemory(forceFullCollection: true);
            }
        }

        await connection.WaitUntilConnectedAsync(Token).Ok();
        (GC.GetTotalMemory(forceFullCollection: true) - before).ShouldBeLessThan(1024 * 1024);
        Directory.GetFiles("/proc/self/fd").Length.ShouldBeLessThan(400);
    }
}

[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;

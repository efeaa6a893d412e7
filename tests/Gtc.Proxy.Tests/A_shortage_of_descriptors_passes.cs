using System.Globalization;
using System.Net.Sockets;

namespace Gtc.Proxy.Tests;

/// <summary>The shortage is the whole process's, so nothing may run beside.</summary>
[CollectionDefinition(nameof(A_shortage_of_descriptors_passes), DisableParallelization = true)]
[Collection(nameof(A_shortage_of_descriptors_passes))]
public class A_shortage_of_descriptors_passes
{
    [Fact]
    public async Task Without_a_descriptor_left_the_processor_is_not_burnt_and_waiting_clients_are_served_later()
    {
        await using var backend = ScriptedBackend.Ok("late");
        await using var proxy = new TestProxy(backend.Backend);
        await using var first = await proxy.ConnectAsync();
        await first.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        (await first.ReadAnswerAsync()).Body.ShouldBe("late");
        using var waiting = new Socket(SocketType.Stream, ProtocolType.Tcp);
        var before = LoopTicks();
        using (OpenFiles.Exhaust())
        {
            await waiting.ConnectAsync(proxy.Server.EndPoint, TestContext.Current.CancellationToken);
            await first.SendAsync("GET /own HTTP/1.1\r\nHost: a\r\n\r\n");
            (await first.ReadAnswerAsync()).Body.ShouldBe("own answer");
            using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(600));
            await pause.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }

        var used = LoopTicks() - before;

        await using var peer = new RawPeer(waiting, TestContext.Current.CancellationToken);
        await peer.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        (await peer.ReadAnswerAsync()).Body.ShouldBe("late");

        // A loop that asks on would use all of the pause: 60 ticks of 10 ms.
        used.ShouldBeLessThan(30);
    }

    /// <summary>The processor time of the proxy's own threads in ticks of 10 ms; what else the process does is not theirs (proc(5), stat).</summary>
    private static long LoopTicks()
    {
        var loops = Directory.GetDirectories("/proc/self/task").Where(task => File.ReadAllText($"{task}/comm").StartsWith("proxy", StringComparison.Ordinal)).ToList();
        loops.ShouldNotBeEmpty();
        return loops.Select(task => File.ReadAllText($"{task}/stat"))
            .Select(stat => stat[(stat.LastIndexOf(')') + 2)..].Split(' '))
            .Sum(fields => long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture));
    }
}

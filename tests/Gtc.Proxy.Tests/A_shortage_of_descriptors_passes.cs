using System.Diagnostics;
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
        long used;
        using (OpenFiles.Exhaust())
        {
            await waiting.ConnectAsync(proxy.Server.EndPoint, TestContext.Current.CancellationToken);
            var before = Process.GetCurrentProcess().TotalProcessorTime;
            await first.SendAsync("GET /own HTTP/1.1\r\nHost: a\r\n\r\n");
            (await first.ReadAnswerAsync()).Body.ShouldBe("own answer");
            using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(600));
            await pause.WaitForNextTickAsync(TestContext.Current.CancellationToken);
            used = (long)(Process.GetCurrentProcess().TotalProcessorTime - before).TotalMilliseconds;
        }

        await using var peer = new RawPeer(waiting, TestContext.Current.CancellationToken);
        await peer.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        (await peer.ReadAnswerAsync()).Body.ShouldBe("late");
        used.ShouldBeLessThan(400);
    }
}

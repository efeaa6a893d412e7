using System.Net.Sockets;
using System.Text;
using Gtc.Fleet.Agent.Device;

namespace Gtc.Fleet.Agent.Tests.Device;

public sealed class Systemd_is_told
{
    [Fact]
    public async Task When_it_asked()
    {
        var folder = Directory.CreateTempSubdirectory("gtc-notify-").FullName;
        var path = Path.Combine(folder, "s");
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        var manager = new ServiceManager(name => name switch
        {
            "NOTIFY_SOCKET" => path,
            "WATCHDOG_USEC" => "20000",
            _ => null,
        });

        manager.Ready();
        (await ReadAsync(socket)).ShouldBe("READY=1");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var living = manager.KeepAliveAsync(TimeProvider.System, stop.Token);
        (await ReadAsync(socket)).ShouldBe("WATCHDOG=1");
        (await ReadAsync(socket)).ShouldBe("WATCHDOG=1");
        await stop.CancelAsync();
        await living;
        Directory.Delete(folder, recursive: true);
        manager.Stopping();
    }

    [Fact]
    public async Task Nobody_is_told_when_nobody_asked()
    {
        var manager = new ServiceManager(_ => null);
        manager.Ready();
        manager.Stopping();
        await manager.KeepAliveAsync(TimeProvider.System, TestContext.Current.CancellationToken);
    }

    private static async Task<string> ReadAsync(Socket socket)
    {
        var buffer = new byte[100];
        return Encoding.ASCII.GetString(buffer, 0, await socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken));
    }
}

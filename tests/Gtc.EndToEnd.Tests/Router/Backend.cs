using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Gtc.EndToEnd.Tests.Router;

/// <summary>A server process that is killed and started again at the same address; see tests/Gtc.Proxy.Backend.</summary>
internal sealed class Backend(string name) : IAsyncDisposable
{
    private static int _lastPort;

    private readonly int _port = FreePort();
    private Process? _process;

    /// <summary>The process ids that were killed, as its answers name them.</summary>
    public static ConcurrentDictionary<string, bool> Killed { get; } = new();

    public string Address => $"127.0.0.1:{_port}";

    public async Task StartAsync()
    {
        var bin = Path.Combine(Repository.Root, "tests", "Gtc.Proxy.Backend", "bin", new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name, new DirectoryInfo(AppContext.BaseDirectory).Name);
        _process = Process.Start(Path.Combine(bin, "Gtc.Proxy.Backend"), [name, _port.ToString(CultureInfo.InvariantCulture)]);
        await RunningRouter.UntilAsync(async () =>
        {
            using var probe = new TcpClient();
            try
            {
                await probe.ConnectAsync(IPAddress.Loopback, _port, TestContext.Current.CancellationToken);
                return true;
            }
            catch (SocketException)
            {
                return false;
            }
        });
    }

    public async Task KillAsync()
    {
        if (_process is { } process)
        {
            Killed[process.Id.ToString(CultureInfo.InvariantCulture)] = true;
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
            process.Dispose();
            _process = null;
        }
    }

    public async ValueTask DisposeAsync() => await KillAsync();

    /// <summary>Below the ports that the kernel gives to outgoing connections: those could take it, or even meet themselves there, while the server is down.</summary>
    private static int FreePort()
    {
        for (var port = 20_000 + (Environment.ProcessId % 10_000); ; port++)
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            try
            {
                listener.Start();
            }
            catch (SocketException)
            {
                continue;
            }

            if (Interlocked.Exchange(ref _lastPort, port) != port)
            {
                return port;
            }
        }
    }
}

using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Gtc.Redis.Tests;

/// <summary>A redis-server of a test's own: a free port, a fresh folder, nothing written to disk.</summary>
internal sealed class RedisServer : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gtc-redis-").FullName;
    private readonly string[] _more;
    private Process? _process;

    private RedisServer(int port, string[] more)
    {
        Port = port;
        _more = more;
    }

    public int Port { get; }

    public string Socket => Path.Combine(_folder, "s");

    public RedisOptions Options => new() { Port = Port, CallTimeout = TimeSpan.FromSeconds(20) };

    /// <summary>Starts a server, or skips the test where none is installed.</summary>
    public static async Task<RedisServer> StartAsync(params string[] more)
    {
        var server = new RedisServer(FreePort(), more);
        try
        {
            await server.StartAsync();
            return server;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            server.Dispose();
            Assert.Skip("redis-server is not installed; eng/install-test-servers installs it");
            throw;
        }
    }

    public static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    /// <summary>Starts it again on the same port, empty.</summary>
    public async Task StartAsync()
    {
        _process = Process.Start(new ProcessStartInfo(
            "redis-server",
            ["--port", $"{Port}", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", _folder, "--unixsocket", Socket, "--daemonize", "no", .. _more])
        {
            RedirectStandardOutput = true,
        })!;
        while (await _process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            if (line.Contains("Ready to accept connections", StringComparison.Ordinal))
            {
                // Nobody reads on: what it logs from here is little.
                return;
            }
        }

        throw new InvalidOperationException("redis-server ended before it was ready");
    }

    /// <summary>Kills it as a crash would.</summary>
    public void Kill()
    {
        _process!.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _process = null;
    }

    public void Dispose()
    {
        if (_process is not null)
        {
            Kill();
        }

        Directory.Delete(_folder, recursive: true);
    }
}

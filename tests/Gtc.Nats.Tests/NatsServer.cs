using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Gtc.Nats.Tests;

/// <summary>
/// A nats-server of a test's own: a free port, a fresh store, a configuration of its own. It ends with its process id, never by name.
/// The file stands alone, so that other test projects can link it.
/// </summary>
internal sealed class NatsServer : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(30);

    private readonly string _folder = Directory.CreateTempSubdirectory("gtc-nats-").FullName;
    private readonly string _more;
    private readonly string _jetStream;
    private Process? _process;

    private NatsServer(string more, string jetStream)
    {
        Port = FreePort();
        _more = more;
        _jetStream = jetStream;
    }

    public int Port { get; }

    public string Url => $"nats://127.0.0.1:{Port}";

    /// <summary>Where it keeps its streams, its configuration and its log.</summary>
    public string Folder => _folder;

    public int ProcessId => _process!.Id;

    /// <summary>What it logged so far.</summary>
    public string Log
    {
        get
        {
            using var file = new FileStream(Path.Combine(_folder, "log"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(file);
            return reader.ReadToEnd();
        }
    }

    /// <summary>Where the program is, or null.</summary>
    public static string? Program { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Append("/usr/sbin")
        .Select(folder => Path.Combine(folder, "nats-server")).FirstOrDefault(File.Exists);

    /// <summary>Starts a server with JetStream, or skips the test where none is installed.</summary>
    /// <param name="more">Lines of configuration besides port, store and log.</param>
    /// <param name="jetStream">Members of the jetstream block besides <c>store_dir</c>; null for none at all.</param>
    public static async Task<NatsServer> StartAsync(string more = "", string? jetStream = "")
    {
        if (Program is null)
        {
            Assert.Skip("nats-server is not installed; eng/install-test-servers installs it");
        }

        var server = new NatsServer(more, jetStream is null ? "" : $"jetstream {{ store_dir: \"{{0}}\"\n {jetStream} }}");
        await server.StartAsync();
        return server;
    }

    public static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    /// <summary>Starts it again on the same port with what it had stored.</summary>
    public async Task StartAsync()
    {
        var config = Path.Combine(_folder, "server.conf");
        await File.WriteAllTextAsync(
            config,
            string.Create(CultureInfo.InvariantCulture, $"listen: \"127.0.0.1:{Port}\"\nserver_name: \"test-{Port}\"\nlog_file: \"{_folder}/log\"\npid_file: \"{_folder}/pid\"\n")
                + $"{_jetStream.Replace("{0}", Path.Combine(_folder, "store"), StringComparison.Ordinal)}\n{_more}\n");
        _process = Process.Start(new ProcessStartInfo(Program!, ["-c", config]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        await AnswersAsync();
    }

    /// <summary>Kills it as a crash would.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    /// <summary>Lets it end in order.</summary>
    public async Task StopAsync()
    {
        await SignalAsync("INT");
        await _process!.WaitForExitAsync();
        _process.Dispose();
    }

    /// <summary>Stops the process where it stands (<c>STOP</c>), lets it go on (<c>CONT</c>), makes it a lame duck (<c>USR2</c>).</summary>
    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", ["-s", signal, ProcessId.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await KillAsync();
        }
        catch (InvalidOperationException)
        {
            // It had ended.
        }

        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>A line that begins with INFO, not a mere connection: what else listens there is no server.</summary>
    private async Task AnswersAsync()
    {
        using var patience = new CancellationTokenSource(StartTimeout);
        while (true)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, Port, patience.Token);
                var greeting = new byte[4];
                await client.GetStream().ReadExactlyAsync(greeting, patience.Token);
                if (greeting.AsSpan().SequenceEqual("INFO"u8))
                {
                    return;
                }
            }
            catch (Exception error) when (error is SocketException or IOException)
            {
                if (_process!.HasExited)
                {
                    throw new InvalidOperationException($"nats-server ended before it was ready: {Log}");
                }

                await Task.Delay(5, patience.Token);
            }
        }
    }
}

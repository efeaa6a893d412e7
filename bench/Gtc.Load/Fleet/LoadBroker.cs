using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Gtc.Load.Fleet;

/// <summary>A real <c>nats-server</c> on loopback with JetStream on disk; it can be killed and started again on the same port and store.</summary>
internal sealed class LoadBroker(string folder) : IAsyncDisposable
{
    private readonly int _port = FreePort();
    private readonly int _monitor = FreePort();
    private readonly HttpClient _http = new();
    private Process? _process;

    public string Url => string.Create(CultureInfo.InvariantCulture, $"nats://127.0.0.1:{_port}");

    public int ProcessId => _process!.Id;

    /// <summary>Starts it and waits until it greets.</summary>
    public async Task StartAsync()
    {
        Directory.CreateDirectory(folder);
        var configuration = Path.Combine(folder, "broker.conf");
        await File.WriteAllTextAsync(configuration, string.Create(CultureInfo.InvariantCulture, $$"""
            listen: "127.0.0.1:{{_port}}"
            http: "127.0.0.1:{{_monitor}}"
            max_connections: 200000
            jetstream { store_dir: "{{folder}}/store", max_mem: 2GB, max_file: 32GB }
            """));
        var start = new ProcessStartInfo("nats-server", ["-c", configuration, "-l", Path.Combine(folder, "broker.log")]);
        _process = Process.Start(start) ?? throw new InvalidOperationException("nats-server was not started; eng/install-test-servers installs it.");
        var deadline = Stopwatch.StartNew();
        while (!await GreetsAsync())
        {
            if (_process.HasExited || deadline.Elapsed > TimeSpan.FromMinutes(1))
            {
                throw new InvalidOperationException($"nats-server did not come up; its log is {folder}/broker.log");
            }

            await Task.Delay(20);
        }
    }

    /// <summary>How many bytes it has sent to the connections that are not the devices'.</summary>
    public async Task<long> BytesSentToOthersAsync()
    {
        using var answer = JsonDocument.Parse(await _http.GetStringAsync(new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_monitor}/connz?limit=100000"))));
        return answer.RootElement.GetProperty("connections").EnumerateArray()
            .Where(connection => !connection.TryGetProperty("name", out var name) || name.GetString() != SimulatedDevices.ConnectionName)
            .Sum(connection => connection.GetProperty("out_bytes").GetInt64());
    }

    /// <summary>Ends it at once, as a power cut of its pod does.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (_process is not null)
        {
            await KillAsync();
        }
    }

    private async Task<bool> GreetsAsync()
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, _port);
            using var reader = new StreamReader(client.GetStream());
            return (await reader.ReadLineAsync())?.StartsWith("INFO ", StringComparison.Ordinal) == true;
        }
        catch (Exception error) when (error is SocketException or IOException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

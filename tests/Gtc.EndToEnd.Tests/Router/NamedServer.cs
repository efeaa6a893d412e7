using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Gtc.EndToEnd.Tests.Router;

/// <summary>A server in this process that answers every request with its name, and notes the heads.</summary>
internal sealed class NamedServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stops = new();
    private readonly Task _accepting;
    private readonly string _name;

    public NamedServer(string name)
    {
        _name = name;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Address => _listener.LocalEndpoint.ToString()!;

    public ConcurrentQueue<string> Heads { get; } = new();

    /// <summary>What /healthz is answered with.</summary>
    public string Health { get; set; } = "200 OK";

    /// <summary>When set, answers wait for it.</summary>
    public Task? Answers { get; set; }

    public async ValueTask DisposeAsync()
    {
        await _stops.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stops.Dispose();
    }

    private async Task AcceptAsync()
    {
        var running = new List<Task>();
        try
        {
            while (true)
            {
                running.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stops.Token)));
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(running);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var _ = client;
        using var reader = new StreamReader(client.GetStream(), Encoding.ASCII);
        try
        {
            while (await ReadHeadAsync(reader) is { Length: > 0 } head)
            {
                var isProbe = head.StartsWith("GET /healthz", StringComparison.Ordinal);
                if (!isProbe)
                {
                    Heads.Enqueue(head);
                    await (Answers ?? Task.CompletedTask).WaitAsync(_stops.Token);
                }

                await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {(isProbe ? Health : "200 OK")}\r\nContent-Length: {_name.Length}\r\n\r\n{_name}"), _stops.Token);
            }
        }
        catch (Exception error) when (error is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The router ended the connection, or the test did.
        }
    }

    private async Task<string> ReadHeadAsync(StreamReader reader)
    {
        var head = new StringBuilder();
        while (await reader.ReadLineAsync(_stops.Token) is { } line)
        {
            head.Append(line).Append('\n');
            if (line.Length == 0)
            {
                return head.ToString();
            }
        }

        return "";
    }
}

using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Gtc.Nats.Tests;

/// <summary>A server that says what a test wants, connection by connection.</summary>
internal sealed class FakeServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _closing = new();
    private readonly Func<int, NetworkStream, CancellationToken, Task> _serve;
    private readonly Task _running;

    /// <param name="serve">Serves the connection with a number, from 0.</param>
    public FakeServer(Func<int, NetworkStream, CancellationToken, Task> serve)
    {
        _serve = serve;
        _listener.Start();
        _running = RunAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public NatsOptions Options => new()
    {
        Urls = [$"127.0.0.1:{Port}"],
        ConnectTimeout = TimeSpan.FromSeconds(20),
        FirstBackoff = TimeSpan.FromMilliseconds(1),
        LongestBackoff = TimeSpan.FromMilliseconds(5),
    };

    /// <summary>Lets a client in.</summary>
    public static async Task LetInAsync(NetworkStream stream, CancellationToken token, string more = "")
    {
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"INFO {{\"server_id\":\"fake\",\"headers\":true,\"max_payload\":1048576{more}}}\r\n"), token);
        await UntilAsync(stream, "PING\r\n", token);
        await stream.WriteAsync("PONG\r\n"u8.ToArray(), token);
    }

    /// <summary>Reads until a text has come.</summary>
    public static async Task<string> UntilAsync(NetworkStream stream, string text, CancellationToken token)
    {
        var read = new StringBuilder();
        var buffer = new byte[4096];
        while (!read.ToString().Contains(text, StringComparison.Ordinal))
        {
            var count = await stream.ReadAsync(buffer, token);
            if (count == 0)
            {
                throw new IOException($"the client left before it said {text}");
            }

            read.Append(Encoding.Latin1.GetString(buffer, 0, count));
        }

        return read.ToString();
    }

    /// <summary>Reads on until the client leaves.</summary>
    public static async Task UntilEndAsync(NetworkStream stream, CancellationToken token) => await stream.CopyToAsync(Stream.Null, token);

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _running;
        _listener.Dispose();
        _closing.Dispose();
    }

    private async Task RunAsync()
    {
        for (var number = 0; ; number++)
        {
            try
            {
                using var client = await _listener.AcceptTcpClientAsync(_closing.Token);
                await _serve(number, client.GetStream(), _closing.Token);
            }
            catch (Exception error) when (error is IOException or SocketException)
            {
                // The client left.
            }
            catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
        }
    }
}

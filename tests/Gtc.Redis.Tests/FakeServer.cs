using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Gtc.Redis.Tests;

/// <summary>A server that answers the log in rightly and then whatever a test says.</summary>
internal sealed class FakeServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _closing = new();
    private readonly Func<int, NetworkStream, CancellationToken, Task> _serve;
    private readonly Task _running;

    private readonly bool _answersLogIn;

    /// <param name="serve">Serves the connection with a number, from 0, after its log in.</param>
    /// <param name="answersLogIn">Whether the log in is answered before.</param>
    public FakeServer(Func<int, NetworkStream, CancellationToken, Task> serve, bool answersLogIn = true)
    {
        _answersLogIn = answersLogIn;
        _serve = serve;
        _listener.Start();
        _running = RunAsync();
    }

    public RedisOptions Options => new()
    {
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port,
        CallTimeout = TimeSpan.FromSeconds(20),
        FirstBackoff = TimeSpan.FromMilliseconds(5),
        LongestBackoff = TimeSpan.FromMilliseconds(20),
    };

    /// <summary>Answers every command with the same bytes.</summary>
    public static FakeServer Saying(string reply) => new(async (_, stream, token) =>
    {
        var buffer = new byte[4096];
        while (await stream.ReadAsync(buffer, token) > 0)
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes(reply), token);
        }
    });

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
                var stream = client.GetStream();
                if (_answersLogIn)
                {
                    _ = await stream.ReadAsync(new byte[4096], _closing.Token);
                    await stream.WriteAsync("%0\r\n"u8.ToArray(), _closing.Token);
                }

                await _serve(number, stream, _closing.Token);
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

using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Gtc.Runtime.Tests;

/// <summary>Answers every request with the head of a body and then says nothing more.</summary>
internal sealed class StallingServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly List<TcpClient> _clients = [];
    private Task _accepting = Task.CompletedTask;

    public Uri Address => new($"http://{_listener.LocalEndpoint}/bundle.gtbundle");

    public static Task<StallingServer> StartAsync(byte[] head, int declaredLength)
    {
        var server = new StallingServer();
        server._listener.Start();
        server._accepting = server.AcceptAsync(head, declaredLength);
        return Task.FromResult(server);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _clients.ForEach(client => client.Dispose());
        _stop.Dispose();
    }

    private async Task AcceptAsync(byte[] head, int declaredLength)
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                _clients.Add(client);
                await StallAsync(client, head, declaredLength);
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException)
        {
            // The test is over.
        }
    }

    private async Task StallAsync(TcpClient client, byte[] head, int declaredLength)
    {
        try
        {
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {declaredLength}\r\n\r\n"), _stop.Token);
            await client.GetStream().WriteAsync(head, _stop.Token);
        }
        catch (IOException)
        {
            // Whoever asked has given up before it was answered.
        }
    }
}

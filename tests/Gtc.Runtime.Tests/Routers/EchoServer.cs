using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;

namespace Gtc.Runtime.Tests.Routers;

/// <summary>A worker of other people: it answers probes, echoes on WebSockets, and says its name to everything else.</summary>
internal sealed class EchoServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private readonly string _name;

    public EchoServer(string name)
    {
        _name = name;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Address => _listener.LocalEndpoint.ToString()!;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var running = new List<Task>();
        try
        {
            while (true)
            {
                running.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
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
        try
        {
            var stream = client.GetStream();
            while (await HeadAsync(stream) is { Length: > 0 } head)
            {
                if (head.Contains("upgrade: websocket", StringComparison.OrdinalIgnoreCase))
                {
                    await EchoAsync(stream, head);
                    return;
                }

                await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {_name.Length}\r\n\r\n{_name}"), _stop.Token);
            }
        }
        catch (Exception error) when (error is IOException or OperationCanceledException or WebSocketException)
        {
            // The peer left, or the test is over.
        }
    }

    private async Task EchoAsync(NetworkStream stream, string head)
    {
        const string Key = "Sec-WebSocket-Key:";
        var key = head.Split("\r\n").First(line => line.StartsWith(Key, StringComparison.OrdinalIgnoreCase))[Key.Length..].Trim();
#pragma warning disable CA5350 // RFC 6455 §4.2.2 asks for SHA-1; nothing is protected by it.
        var accept = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"), _stop.Token);
        using var socket = WebSocket.CreateFromStream(stream, new WebSocketCreationOptions { IsServer = true });
        var buffer = new byte[1024];
        while (await socket.ReceiveAsync(buffer, _stop.Token) is { MessageType: not WebSocketMessageType.Close } received)
        {
            await socket.SendAsync(buffer.AsMemory(0, received.Count), received.MessageType, received.EndOfMessage, _stop.Token);
        }

        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, _stop.Token);
    }

    private async Task<string> HeadAsync(NetworkStream stream)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await stream.ReadAsync(one, _stop.Token) == 0)
            {
                return string.Empty;
            }

            head.Append((char)one[0]);
        }

        return head.ToString();
    }
}

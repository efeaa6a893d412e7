using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Gtc.Nats.Tests;

/// <summary>Stands between client and server and decides for each message from the server whether it gets through.</summary>
internal sealed class FrameProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _closing = new();
    private readonly int _serverPort;
    private readonly Func<string, string, bool> _passes;
    private readonly Task _running;
    private volatile TcpClient? _client;

    /// <param name="server">The server.</param>
    /// <param name="passes">Says of a message's subject and reply subject whether it gets through. Called in order.</param>
    public FrameProxy(NatsServer server, Func<string, string, bool> passes)
    {
        _serverPort = server.Port;
        _passes = passes;
        _listener.Start();
        _running = RunAsync();
    }

    public string Url => $"127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    /// <summary>Cuts the connection under way.</summary>
    public void Cut() => _client?.Dispose();

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        Cut();
        await _running;
        _listener.Dispose();
        _closing.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_closing.IsCancellationRequested)
        {
            try
            {
                using var client = await _listener.AcceptTcpClientAsync(_closing.Token);
                using var server = new TcpClient { NoDelay = true };
                client.NoDelay = true;
                _client = client;
                await server.ConnectAsync(IPAddress.Loopback, _serverPort, _closing.Token);
                var up = client.GetStream().CopyToAsync(server.GetStream(), _closing.Token);
                var down = FilterAsync(server.GetStream(), client.GetStream());
                await Task.WhenAny(up, down);
                client.Close();
                server.Close();
                await Task.WhenAll(up, down).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception error) when (error is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // One side left.
            }
        }
    }

    private async Task FilterAsync(NetworkStream from, NetworkStream to)
    {
        var input = PipeReader.Create(from);
        var reader = new FrameReader();
        while (true)
        {
            var read = await input.ReadAsync(_closing.Token);
            var rest = read.Buffer;
            var through = new ArrayBufferWriter<byte>();
            while (TryPass(reader, ref rest, through))
            {
            }

            await to.WriteAsync(through.WrittenMemory, _closing.Token);
            input.AdvanceTo(rest.Start, rest.End);
            if (read.IsCompleted)
            {
                return;
            }
        }
    }

    private bool TryPass(FrameReader reader, ref ReadOnlySequence<byte> rest, ArrayBufferWriter<byte> through)
    {
        var before = rest;
        if (!reader.TryRead(ref rest, out var frame))
        {
            return false;
        }

        if (frame.Kind != FrameKind.Message || _passes(Encoding.ASCII.GetString(frame.Subject), Encoding.ASCII.GetString(frame.ReplyTo)))
        {
            foreach (var piece in before.Slice(0, rest.Start))
            {
                through.Write(piece.Span);
            }
        }

        return true;
    }
}

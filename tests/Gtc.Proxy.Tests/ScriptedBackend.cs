using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Gtc.Proxy.Tests;

/// <summary>A backend that does exactly what a test says with each of its connections.</summary>
internal sealed class ScriptedBackend : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stops = new();
    private readonly Func<RawPeer, int, Task> _script;
    private readonly Task _accepting;

    /// <param name="script">Called for each connection with its number, counted from 0.</param>
    /// <param name="port">Where to listen; any free port for 0.</param>
    public ScriptedBackend(Func<RawPeer, int, Task> script, int port = 0)
    {
        _listener = new TcpListener(IPAddress.Loopback, port);
        _script = script;
        _listener.Start();
        EndPoint = (IPEndPoint)_listener.LocalEndpoint;
        Backend = new Backend("scripted", EndPoint);
        _accepting = AcceptAsync();
    }

    public IPEndPoint EndPoint { get; }

    public Backend Backend { get; }

    public ConcurrentQueue<string> Heads { get; } = new();

    /// <summary>Answers every request with the same bytes, and notes the heads.</summary>
    public static ScriptedBackend Answering(string answer, int port = 0)
    {
        ScriptedBackend? backend = null;
        backend = new ScriptedBackend(async (peer, _) =>
        {
            while (await peer.ReadHeadAsync() is { } head)
            {
                backend!.Heads.Enqueue(head);
                await peer.ReadBodyAsync(head);
                await peer.SendAsync(answer);
            }
        }, port);
        return backend;
    }

    public static ScriptedBackend Ok(string text, int port = 0) => Answering($"HTTP/1.1 200 OK\r\nContent-Length: {text.Length}\r\n\r\n{text}", port);

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
            for (var number = 0; ; number++)
            {
                var socket = await _listener.AcceptSocketAsync(_stops.Token);
                running.Add(ServeAsync(socket, number));
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            await Task.WhenAll(running);
        }
    }

    private async Task ServeAsync(Socket socket, int number)
    {
        await using var peer = new RawPeer(socket, _stops.Token);
        try
        {
            await _script(peer, number);
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or IOException or ObjectDisposedException)
        {
            // The other side ended, as tests make it do.
        }
    }
}

/// <summary>One end of a connection, byte by byte.</summary>
internal sealed partial class RawPeer(Socket socket, CancellationToken cancellationToken) : IAsyncDisposable
{
    private readonly List<byte> _kept = [];

    public static async Task<RawPeer> ConnectAsync(IPEndPoint endPoint)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(endPoint, TestContext.Current.CancellationToken);
        return new RawPeer(socket, TestContext.Current.CancellationToken);
    }

    public async Task SendAsync(string text) => await SendAsync(Encoding.Latin1.GetBytes(text));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await socket.SendAsync(bytes, cancellationToken)..];
        }
    }

    /// <summary>The next head with its empty line; null at the end.</summary>
    public async Task<string?> ReadHeadAsync()
    {
        while (true)
        {
            var text = Encoding.Latin1.GetString([.. _kept]);
            var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (end >= 0)
            {
                _kept.RemoveRange(0, end + 4);
                return text[..(end + 4)];
            }

            if (!await FillAsync())
            {
                return null;
            }
        }
    }

    public async Task<string> ReadAsync(int length)
    {
        while (_kept.Count < length && await FillAsync())
        {
        }

        var taken = Math.Min(length, _kept.Count);
        var text = Encoding.Latin1.GetString([.. _kept.Take(taken)]);
        _kept.RemoveRange(0, taken);
        return text;
    }

    public async Task<string> ReadToEndAsync()
    {
        while (await FillAsync())
        {
        }

        return await ReadAsync(_kept.Count);
    }

    /// <summary>What comes before the end or a reset.</summary>
    public async Task<string> ReadUntilLostAsync()
    {
        try
        {
            return await ReadToEndAsync();
        }
        catch (SocketException)
        {
            return await ReadAsync(_kept.Count);
        }
    }

    /// <summary>The body that belongs to a head, chunks and all.</summary>
    public async Task<string> ReadBodyAsync(string head)
    {
        if (Chunked().IsMatch(head))
        {
            var body = new StringBuilder();
            while (await ReadLineAsync(body) is { Length: > 2 } line && Convert.ToInt32(line.Split(';', '\r')[0], 16) is > 0 and var length)
            {
                body.Append(await ReadAsync(length + 2));
            }

            while (await ReadLineAsync(body) is { Length: > 2 })
            {
            }

            return body.ToString();
        }

        return Length().Match(head) is { Success: true } match ? await ReadAsync(int.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture)) : "";
    }

    [GeneratedRegex("^transfer-encoding:", RegexOptions.IgnoreCase | RegexOptions.Multiline)]
    private static partial Regex Chunked();

    [GeneratedRegex("^content-length:[ \t]*([0-9]+)", RegexOptions.IgnoreCase | RegexOptions.Multiline)]
    private static partial Regex Length();

    /// <summary>A line with its end, also put behind a text; shorter at the end of everything.</summary>
    private async Task<string> ReadLineAsync(StringBuilder text)
    {
        var line = "";
        while (!line.EndsWith('\n') && await ReadAsync(1) is { Length: 1 } next)
        {
            line += next;
        }

        text.Append(line);
        return line;
    }

    /// <summary>A whole answer: head and body.</summary>
    public async Task<(string Head, string Body)> ReadAnswerAsync()
    {
        var head = await ReadHeadAsync();
        head.ShouldNotBeNull();
        return (head, await ReadBodyAsync(head));
    }

    /// <summary>Whether the other side has ended, whatever comes before.</summary>
    public async Task<bool> IsEndedAsync()
    {
        await ReadToEndAsync();
        return true;
    }

    /// <summary>Reads and forgets up to so many bytes.</summary>
    /// <returns>How many there were before the end.</returns>
    public async Task<int> DropAsync(int length)
    {
        var buffer = new byte[64 * 1024];
        var dropped = Math.Min(_kept.Count, length);
        _kept.RemoveRange(0, dropped);
        while (dropped < length && await socket.ReceiveAsync(buffer.AsMemory(0, Math.Min(buffer.Length, length - dropped)), cancellationToken) is > 0 and var read)
        {
            dropped += read;
        }

        return dropped;
    }

    /// <summary>Sends a little again and again until the other side has had enough.</summary>
    public async Task TrickleAsync(string text)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                await SendAsync(text);
            }
        }
        catch (SocketException)
        {
            // Refused, as it should be.
        }
    }

    public void EndSending() => socket.Shutdown(SocketShutdown.Send);

    public void Reset()
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Dispose();
    }

    public ValueTask DisposeAsync()
    {
        socket.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>False at the end; a reset throws.</summary>
    private async Task<bool> FillAsync()
    {
        var buffer = new byte[16 * 1024];
        var read = await socket.ReceiveAsync(buffer, cancellationToken);
        _kept.AddRange(buffer.AsSpan(0, read));
        return read > 0;
    }
}

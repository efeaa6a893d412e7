using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Gtc.Podman.Tests;

/// <summary>A server on a Unix socket that answers each request with bytes of a script, in order, and keeps what it was asked.</summary>
internal sealed class ScriptedPodman : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gtc-podman-").FullName;
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource _stop = new();
    private readonly Queue<Func<Stream, CancellationToken, Task>> _answers = new();
    private readonly Task _serving;

    public ScriptedPodman()
    {
        SocketPath = Path.Combine(_folder, "s");
        _listener.Bind(new UnixDomainSocketEndPoint(SocketPath));
        _listener.Listen();
        _serving = ServeAsync();
    }

    public string SocketPath { get; }

    /// <summary>First lines and heads of the requests, each followed by its body.</summary>
    public List<string> Requests { get; } = [];

    public PodmanClient Client(TimeProvider? time = null) => new(SocketPath, time ?? TimeProvider.System);

    /// <summary>An answer with a body of known length.</summary>
    public ScriptedPodman Answers(HttpStatusCode status, string body = "") =>
        Sends($"HTTP/1.1 {(int)status} x\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\nConnection: close\r\n\r\n{body}");

    /// <summary>A stream that ends with the connection.</summary>
    public ScriptedPodman Streams(string body) => Sends($"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{body}");

    public ScriptedPodman Sends(string raw) => Then(async (stream, stop) => await stream.WriteAsync(Encoding.Latin1.GetBytes(raw), stop));

    /// <summary>An answer that a test writes by itself.</summary>
    public ScriptedPodman Then(Func<Stream, CancellationToken, Task> answer)
    {
        _answers.Enqueue(answer);
        return this;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            using var connection = await _listener.AcceptAsync(_stop.Token);
            await using var stream = new NetworkStream(connection);
            Requests.Add(await ReadRequestAsync(stream));
            if (_answers.TryDequeue(out var answer))
            {
                try
                {
                    await answer(stream, _stop.Token);
                }
                catch (IOException)
                {
                    // The client went first.
                }
            }
        }
    }

    private async Task<string> ReadRequestAsync(NetworkStream stream)
    {
        var text = new StringBuilder();
        var buffer = new byte[4096];
        while (!IsComplete(text.ToString()))
        {
            var read = await stream.ReadAsync(buffer, _stop.Token);
            if (read == 0)
            {
                break;
            }

            text.Append(Encoding.Latin1.GetString(buffer, 0, read));
        }

        return text.ToString();
    }

    private static bool IsComplete(string text)
    {
        var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (end < 0)
        {
            return false;
        }

        var length = text.Split("\r\n").FirstOrDefault(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase));
        return text.Contains("Transfer-Encoding: chunked", StringComparison.OrdinalIgnoreCase)
            ? text.EndsWith("0\r\n\r\n", StringComparison.Ordinal)
            : text.Length - end - 4 >= (length is null ? 0 : int.Parse(length.Split(':')[1], System.Globalization.CultureInfo.InvariantCulture));
    }
}

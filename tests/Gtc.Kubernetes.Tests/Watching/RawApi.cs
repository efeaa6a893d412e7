using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Gtc.Kubernetes.Tests.Watching;

/// <summary>A server whose every byte is the test's: one request for each connection, answered by the next script.</summary>
internal sealed class RawApi : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ends = new();
    private readonly ConcurrentBag<Task> _answers = [];
    private readonly Task _serving;

    public RawApi(Func<string, int, RawAnswer, Task> answer)
    {
        _listener.Start();
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");
        _serving = ServeAsync(answer);
    }

    public Uri Address { get; }

    /// <summary>The first line of each request, without the words that are always the same.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    /// <summary>What each request wanted.</summary>
    public ConcurrentQueue<string> Accepts { get; } = new();

    public KubeClient Client(TimeProvider time) => new(new KubeConfig { Server = Address }, TimeSpan.FromSeconds(20), time);

    public async ValueTask DisposeAsync()
    {
        await _ends.CancelAsync();
        _listener.Stop();
        await _serving;
        await Task.WhenAll(_answers);
        _ends.Dispose();
    }

    private async Task ServeAsync(Func<string, int, RawAnswer, Task> answer)
    {
        for (var number = 0; ; number++)
        {
            try
            {
                var socket = await _listener.AcceptSocketAsync(_ends.Token);
                _answers.Add(AnswerAsync(socket, number, answer));
            }
            catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task AnswerAsync(Socket socket, int number, Func<string, int, RawAnswer, Task> answer)
    {
        await using var stream = new NetworkStream(socket, ownsSocket: true);
        try
        {
            using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
            var asked = (await reader.ReadLineAsync(_ends.Token) ?? "").Replace("GET ", "", StringComparison.Ordinal).Replace(" HTTP/1.1", "", StringComparison.Ordinal);
            while (await reader.ReadLineAsync(_ends.Token) is { Length: > 0 } header)
            {
                if (header.StartsWith("Accept: ", StringComparison.Ordinal))
                {
                    Accepts.Enqueue(header["Accept: ".Length..]);
                }
            }

            Asked.Enqueue(asked);
            await answer(asked, number, new RawAnswer(stream, _ends.Token));
        }
        catch (Exception error) when (error is IOException or OperationCanceledException)
        {
            // The client has gone, or the test is over.
        }
    }
}

/// <summary>One answer in the making. Its end is the end of the connection, unless chunks were begun: then that is a cut.</summary>
internal sealed class RawAnswer(NetworkStream stream, CancellationToken ends)
{
    public CancellationToken Ends => ends;

    public Task WholeAsync(string body, int status = 200, string header = "") =>
        SendAsync($"HTTP/1.1 {status} x\r\nConnection: close\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n{header}\r\n{body}");

    /// <summary>A list of names with versions.</summary>
    public Task ListAsync(string version, string next, params string[] names)
    {
        var items = names.Select(name => $$$"""{"metadata":{"name":"{{{name}}}","namespace":"n","resourceVersion":"1"}}""");
        return WholeAsync($$$"""{"metadata":{"resourceVersion":"{{{version}}}","continue":"{{{next}}}"},"items":[{{{string.Join(',', items)}}}]}""");
    }

    public Task BeginAsync() => SendAsync("HTTP/1.1 200 x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n");

    public Task ChunkAsync(string text) => SendAsync($"{Encoding.UTF8.GetByteCount(text):x}\r\n{text}\r\n");

    public Task EventAsync(string type, string name, string version) =>
        ChunkAsync($$$$"""{"type":"{{{{type}}}}","object":{"metadata":{"name":"{{{{name}}}}","namespace":"n","resourceVersion":"{{{{version}}}}"}}}""" + "\n");

    public Task EndAsync() => SendAsync("0\r\n\r\n");

    /// <summary>Says nothing more until the test is over.</summary>
    public Task HoldAsync() => Task.Delay(Timeout.Infinite, ends);

    private Task SendAsync(string text) => stream.WriteAsync(Encoding.UTF8.GetBytes(text), ends).AsTask();
}

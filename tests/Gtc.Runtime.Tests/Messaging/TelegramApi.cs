using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;

namespace Gtc.Runtime.Tests.Messaging;

/// <summary>Stands for Telegram: takes what bots send over loopback HTTP and keeps it, in order.</summary>
internal sealed class TelegramApi : IAsyncDisposable
{
    private HttpListener _listener = new();
    private readonly ConcurrentQueue<(string Path, JsonElement Body)> _calls = new();
    private readonly Task _serving;

    public TelegramApi()
    {
        Address = Listen();
        _serving = ServeAsync();
    }

    public Uri Address { get; }

    /// <summary>What came in so far.</summary>
    public IReadOnlyList<(string Path, JsonElement Body)> Calls => [.. _calls];

    /// <summary>Which status a call gets; it may wait.</summary>
    public Func<JsonElement, Task<int>> Answer { get; set; } = _ => Task.FromResult(200);

    /// <summary>The texts that were sent to a chat, in order.</summary>
    public string[] Sent(string chat) =>
        [.. Calls.Where(call => call.Path.EndsWith("/sendMessage", StringComparison.Ordinal) && call.Body.GetProperty("chat_id").GetString() == chat).Select(call => call.Body.GetProperty("text").GetString()!)];

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _serving;
        _listener.Close();
    }

    private Uri Listen()
    {
        // The listener takes no port 0, so a free one is looked for.
        while (true)
        {
            using var probe = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
            probe.Start();
            var address = $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}/";
            probe.Stop();
            _listener.Prefixes.Add(address);
            try
            {
                _listener.Start();
                return new Uri(address);
            }
            catch (HttpListenerException)
            {
                // Somebody else was faster. A listener that failed once keeps failing.
                _listener.Close();
                _listener = new HttpListener();
            }
        }
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                _ = AnswerAsync(await _listener.GetContextAsync());
            }
        }
        catch (Exception error) when (error is HttpListenerException or ObjectDisposedException)
        {
            // It was stopped.
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        using var reader = new StreamReader(context.Request.InputStream, Encoding.UTF8);
        var body = JsonElement.Parse(await reader.ReadToEndAsync());
        var status = await Answer(body);
        if (status < 300)
        {
            _calls.Enqueue((context.Request.Url!.AbsolutePath, body));
        }

        context.Response.StatusCode = status;
        await context.Response.OutputStream.WriteAsync("""{"ok":true}"""u8.ToArray());
        context.Response.Close();
    }
}

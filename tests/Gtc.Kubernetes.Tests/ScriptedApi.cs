using System.Collections.Concurrent;
using System.Net;
using System.Text;

namespace Gtc.Kubernetes.Tests;

/// <summary>A server that answers as a test says, and writes down what it was asked.</summary>
internal sealed class ScriptedApi : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Task _serving;

    public ScriptedApi(Func<HttpListenerRequest, int, (int Status, string Body)> answer)
    {
        // The listener cannot take port 0 itself.
        using (var probe = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            Address = new Uri($"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}");
        }

        _listener.Prefixes.Add($"{Address}");
        _listener.Start();
        _serving = ServeAsync(answer);
    }

    public Uri Address { get; }

    public ConcurrentQueue<string> Asked { get; } = new();

    public Dictionary<string, string> AnswerHeaders { get; } = [];

    public KubeClient Client(KubeConfig? config = null) => new(config ?? new KubeConfig { Server = Address }, TimeSpan.FromSeconds(20), TimeProvider.System);

    public async ValueTask DisposeAsync()
    {
        _listener.Close();
        await _serving;
    }

    private async Task ServeAsync(Func<HttpListenerRequest, int, (int Status, string Body)> answer)
    {
        for (var number = 0; ; number++)
        {
            try
            {
                var context = await _listener.GetContextAsync();
                using var reader = new StreamReader(context.Request.InputStream);
                Asked.Enqueue($"{context.Request.HttpMethod} {context.Request.RawUrl} {context.Request.ContentType} {context.Request.Headers["Authorization"]} {await reader.ReadToEndAsync()}".TrimEnd());
                var (status, body) = answer(context.Request, number);
                context.Response.StatusCode = status;
                foreach (var (name, value) in AnswerHeaders)
                {
                    context.Response.AddHeader(name, value);
                }

                await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(body));
                context.Response.Close();
            }
            catch (Exception error) when (error is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
        }
    }
}

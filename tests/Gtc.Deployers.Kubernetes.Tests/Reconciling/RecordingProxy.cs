using System.Collections.Concurrent;
using Gtc.Kubernetes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Gtc.Deployers.Kubernetes.Tests.Reconciling;

/// <summary>Stands in front of a real API server, writes down what is asked and can fail instead of it.</summary>
internal sealed class RecordingProxy : IAsyncDisposable
{
    private readonly HttpClient _server;
    private readonly KubeConfig _config;
    private WebApplication _proxy = null!;

    private RecordingProxy(KubeConfig config)
    {
        _config = config;
        var handler = new SocketsHttpHandler();
#pragma warning disable CA5359 // The certificate was made a moment ago, for this test.
        handler.SslOptions.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        _server = new HttpClient(handler) { BaseAddress = config.Server, Timeout = TimeSpan.FromSeconds(30) };
    }

    public Uri Address { get; private set; } = null!;

    public ConcurrentQueue<string> Asked { get; } = new();

    public IEnumerable<string> Writes => Asked.Where(line => !line.StartsWith("GET ", StringComparison.Ordinal));

    /// <summary>Called before a request goes on; true when it was answered here.</summary>
    public Func<HttpContext, Task<bool>> Before { get; set; } = _ => Task.FromResult(false);

    public static async Task<RecordingProxy> StartAsync(KubeConfig config)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null);
        var proxy = new RecordingProxy(config) { _proxy = builder.Build() };
        proxy._proxy.Run(proxy.ForwardAsync);
        await proxy._proxy.StartAsync(TestContext.Current.CancellationToken);
        proxy.Address = new Uri(proxy._proxy.Urls.First());
        return proxy;
    }

    public KubeClient Client(TimeSpan? patience = null) => new(new KubeConfig { Server = Address }, TimeSpan.FromSeconds(20), TimeProvider.System) { Patience = patience ?? TimeSpan.Zero };

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        _server.Dispose();
    }

    private async Task ForwardAsync(HttpContext context)
    {
        Asked.Enqueue($"{context.Request.Method} {context.Request.Path}{context.Request.QueryString}");
        if (await Before(context))
        {
            return;
        }

        using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), $"{context.Request.Path}{context.Request.QueryString}");
        request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {_config.Token}");
        request.Headers.TryAddWithoutValidation("Accept", context.Request.Headers.Accept.ToArray());
        if (context.Request.ContentType is { } type)
        {
            request.Content = new StreamContent(context.Request.Body);
            request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        }

        try
        {
            using var answer = await _server.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
            context.Response.StatusCode = (int)answer.StatusCode;
            context.Response.ContentType = answer.Content.Headers.ContentType?.ToString();
            await answer.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
        }
        catch (Exception error) when (error is HttpRequestException or OperationCanceledException or IOException)
        {
            context.Abort();
        }
    }
}

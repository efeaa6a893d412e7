using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Gtc.Proxy.Http2.Tests;

/// <summary>A real server behind the proxy.</summary>
internal sealed class Worker : IAsyncDisposable
{
    private readonly WebApplication _app;

    private Worker(WebApplication app, Backend backend)
    {
        _app = app;
        Backend = backend;
    }

    public Backend Backend { get; }

    public static async Task<Worker> StartAsync(BackendProtocol protocol, RequestDelegate answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Limits.Http2.MaxStreamsPerConnection = 200;
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = protocol == BackendProtocol.Http2 ? HttpProtocols.Http2 : HttpProtocols.Http1);
        });
        var app = builder.Build();
        app.Run(answer);
        await app.StartAsync(TestContext.Current.CancellationToken);
        var port = new Uri(app.Urls.Single()).Port;
        return new Worker(app, new Backend(protocol.ToString(), new IPEndPoint(IPAddress.Loopback, port)) { Protocol = protocol });
    }

    /// <summary>An address that nobody listens at.</summary>
    public static async Task<Backend> NobodyAsync(BackendProtocol protocol)
    {
        await using var worker = await StartAsync(protocol, _ => Task.CompletedTask);
        return worker.Backend;
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }
}

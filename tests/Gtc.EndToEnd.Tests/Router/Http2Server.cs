using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Gtc.EndToEnd.Tests.Router;

/// <summary>A server in this process that speaks HTTP/2 alone and answers every request with its name.</summary>
internal sealed class Http2Server : IAsyncDisposable
{
    private readonly WebApplication _app;

    private Http2Server(WebApplication app) => _app = app;

    public string Address => new Uri(_app.Urls.Single()).Authority;

    public static async Task<Http2Server> StartAsync(string name)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        var app = builder.Build();
        app.Run(context => context.Response.WriteAsync($"{name} over {context.Request.Protocol}"));
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new Http2Server(app);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}

using Gtc.Proxy.Http2.Forwarding;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Gtc.Proxy.Http2.Serving;

/// <summary>A Kestrel that listens nowhere: it is given connections that are made already.</summary>
internal sealed class HandedConnections : IDisposable
{
    private readonly KestrelServer _server;
    private readonly Task _starting;
    private readonly HandedEndPoint _modern;
    private readonly HandedEndPoint _older;
    private readonly Transport _transport;

    public HandedConnections(ProxyOptions options, Forwarder forwarder, Action<Exception> faulted)
    {
        var settings = KestrelSettings.Of(options);
        _modern = new HandedEndPoint("h2c", options.MaxConnections);
        _older = new HandedEndPoint("http/1.1", options.MaxConnections);
        settings.Listen(_modern, listen => listen.Protocols = HttpProtocols.Http2);
        settings.Listen(_older, listen => listen.Protocols = HttpProtocols.Http1);
        _transport = new Transport(faulted);
        _server = new KestrelServer(Options.Create(settings), _transport, NullLoggerFactory.Instance);
        _starting = _server.StartAsync(new Application(forwarder), CancellationToken.None);
    }

    /// <summary>How many connections there are.</summary>
    public int Count => _transport.Count;

    /// <summary>Serves a connection; those that come before the server runs wait for it.</summary>
    public bool TryTake(HandedConnection connection) => (connection.IsHttp2 ? _modern : _older).Queue.Writer.TryWrite(connection);

    /// <summary>Tells clients to send no more (GOAWAY), waits for what is under way, and cuts the rest.</summary>
    public async Task StopAsync(TimeSpan grace, CancellationToken cancellationToken)
    {
        await _starting;
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(grace);
        await _server.StopAsync(timeout.Token);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _server.Dispose();
        _transport.Dispose();
    }

    /// <summary>What Kestrel calls for each request.</summary>
    private sealed class Application(Forwarder forwarder) : Microsoft.AspNetCore.Hosting.Server.IHttpApplication<IFeatureCollection>
    {
        public IFeatureCollection CreateContext(IFeatureCollection contextFeatures) => contextFeatures;

        public Task ProcessRequestAsync(IFeatureCollection context) => forwarder.ForwardAsync(context);

        public void DisposeContext(IFeatureCollection context, Exception? exception)
        {
        }
    }
}

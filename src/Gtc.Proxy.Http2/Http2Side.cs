using Gtc.Proxy.Http2.Forwarding;
using Gtc.Proxy.Http2.Serving;

namespace Gtc.Proxy.Http2;

/// <summary>
/// The part of a proxy that speaks HTTP/2: towards clients by Kestrel, towards backends by the framework's HTTP client. Neither is loaded before
/// the first connection needs it.
/// </summary>
/// <param name="options">Bounds and times, the same as of the HTTP/1.1 data path.</param>
/// <param name="policy">Decides where requests go, the same as for HTTP/1.1.</param>
public sealed class Http2Side(ProxyOptions options, ProxyPolicy policy) : IConnectionTaker, IAsyncDisposable
{
    private readonly Lock _lock = new();
    private Engine? _engine;
    private bool _isStopped;

    /// <inheritdoc/>
    public int Count => Volatile.Read(ref _engine)?.Count ?? 0;

    /// <inheritdoc/>
    public bool TryTake(HandedConnection connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        lock (_lock)
        {
            if (_isStopped)
            {
                return false;
            }

            _engine ??= new Engine(options, policy);
            return _engine.TryTake(connection);
        }
    }

    /// <inheritdoc/>
    public void Forget(Backend backend) => Volatile.Read(ref _engine)?.Forget(backend);

    /// <inheritdoc/>
    public async Task StopAsync(TimeSpan grace, CancellationToken cancellationToken)
    {
        Engine? engine;
        lock (_lock)
        {
            _isStopped = true;
            engine = _engine;
            _engine = null;
        }

        if (engine is not null)
        {
            await engine.StopAsync(grace, cancellationToken);
            engine.Dispose();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await StopAsync(TimeSpan.Zero, CancellationToken.None);

    /// <summary>What is made for the first connection: the types that it names, and with them Kestrel, are loaded then.</summary>
    private sealed class Engine : IDisposable
    {
        private readonly BackendClients _clients;
        private readonly HandedConnections _connections;

        public Engine(ProxyOptions options, ProxyPolicy policy)
        {
            _clients = new BackendClients(options);
            _connections = new HandedConnections(options, new Forwarder(options, policy, _clients), policy.Faulted);
        }

        public int Count => _connections.Count;

        public bool TryTake(HandedConnection connection) => _connections.TryTake(connection);

        public void Forget(Backend backend) => _clients.Forget(backend);

        public Task StopAsync(TimeSpan grace, CancellationToken cancellationToken) => _connections.StopAsync(grace, cancellationToken);

        public void Dispose()
        {
            _connections.Dispose();
            _clients.Dispose();
        }
    }
}

using Gtc.Proxy.Http;
using Gtc.Proxy.Loop;

namespace Gtc.Proxy.Forwarding;

/// <summary>What one thread of a proxy has: its loop, its clients, its connections to backends.</summary>
internal sealed class ProxyWorker
{
    private readonly Dictionary<Backend, BackendPool> _pools = new(ReferenceEqualityComparer.Instance);
    private readonly Listener _listener;

    /// <summary>Makes a worker that listens on a shared socket.</summary>
    public ProxyWorker(EventLoop loop, int listener, ProxyOptions options, ProxyPolicy policy, IConnectionTaker? taker)
    {
        Taker = taker;
        Loop = loop;
        Options = options;
        Policy = policy;
        HeadTime = loop.AddDeadlines(options.HeaderTimeout);
        IdleTime = loop.AddDeadlines(options.IdleTimeout);
        ConnectTime = loop.AddDeadlines(options.ConnectTimeout);
        ExchangeTime = loop.AddDeadlines(options.UpstreamTimeout);
        TunnelTime = loop.AddDeadlines(options.TunnelTimeout);
        BackendIdle = loop.AddDeadlines(options.BackendIdleTimeout);
        LingerTime = loop.AddDeadlines(options.LingerTimeout);
        HoldTime = loop.AddDeadlines(TimeSpan.FromMilliseconds(25));
        AcceptPause = loop.AddDeadlines(TimeSpan.FromMilliseconds(100));
        _listener = new Listener(this, listener);
    }

    public EventLoop Loop { get; }

    public ProxyOptions Options { get; }

    public ProxyPolicy Policy { get; }

    /// <summary>Who serves connections that speak HTTP/2, or null.</summary>
    public IConnectionTaker? Taker { get; }

    public DeadlineList HeadTime { get; }

    public DeadlineList IdleTime { get; }

    public DeadlineList ConnectTime { get; }

    public DeadlineList ExchangeTime { get; }

    public DeadlineList TunnelTime { get; }

    public DeadlineList BackendIdle { get; }

    public DeadlineList LingerTime { get; }

    /// <summary>When a held request asks again.</summary>
    public DeadlineList HoldTime { get; }

    /// <summary>When connections are taken again after the machine had no descriptor left.</summary>
    public DeadlineList AcceptPause { get; }

    /// <summary>What was chosen for the request that is read at the moment, when its connection changes hands for it.</summary>
    public Choice? Handed { get; set; }

    /// <summary>The request that is read at the moment.</summary>
    public RequestHead Request { get; } = new();

    /// <summary>The response that is read at the moment.</summary>
    public ResponseHead Response { get; } = new();

    /// <summary>The clients that are connected.</summary>
    public HashSet<ClientConnection> Clients { get; } = [];

    /// <summary>Whether it takes no more work.</summary>
    public bool IsDraining { get; private set; }

    /// <summary>The connections to a backend.</summary>
    public BackendPool PoolOf(Backend backend)
    {
        if (!_pools.TryGetValue(backend, out var pool))
        {
            pool = new BackendPool(this, backend);
            _pools.Add(backend, pool);
        }

        return pool;
    }

    /// <summary>A client ended; there is room for another.</summary>
    public void Forget(ClientConnection client)
    {
        Clients.Remove(client);
        _listener.Resume();
    }

    /// <summary>Forgets a backend that no request goes to any more.</summary>
    public void Forget(Backend backend)
    {
        if (_pools.Remove(backend, out var pool))
        {
            pool.Clear();
        }
    }

    /// <summary>Ends the tunnels to a backend, WebSockets with a close frame.</summary>
    public void CloseTunnels(Backend backend)
    {
        foreach (var client in Clients.Where(client => client.IsTunnelTo(backend)).ToList())
        {
            client.CloseTunnel();
        }
    }

    /// <summary>Takes no new connection; idle ones end, the others end behind their exchange.</summary>
    public void Drain()
    {
        IsDraining = true;
        _listener.Close();
        foreach (var client in Clients.ToList())
        {
            client.Drain();
        }
    }

    /// <summary>Ends whatever is left.</summary>
    public void CloseAll()
    {
        foreach (var client in Clients.ToList())
        {
            client.Abort();
        }

        foreach (var pool in _pools.Values)
        {
            pool.Clear();
        }
    }
}

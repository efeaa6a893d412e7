using Gtc.Proxy.Loop;

namespace Gtc.Proxy.Forwarding;

/// <summary>The connections of one thread to one backend.</summary>
internal sealed class BackendPool(ProxyWorker worker, Backend backend)
{
    // The connection that was used last is used next, so that the others run into their deadline.
    private readonly List<UpstreamConnection> _idle = [];

    /// <summary>Where they lead.</summary>
    public Backend Backend => backend;

    /// <summary>A connection for an exchange; null when none can be begun.</summary>
    /// <param name="owner">Whose exchange it is.</param>
    /// <param name="isFresh">Whether one that waited will not do.</param>
    public UpstreamConnection? Take(ClientConnection owner, bool isFresh)
    {
        UpstreamConnection connection;
        if (_idle.Count > 0 && !isFresh)
        {
            connection = _idle[^1];
            _idle.RemoveAt(_idle.Count - 1);
            DeadlineList.Clear(connection);
            connection.IsReused = true;
        }
        else
        {
            connection = new UpstreamConnection(worker.Loop, this);
            if (!connection.TryConnect())
            {
                return null;
            }
        }

        connection.Owner = owner;
        return connection;
    }

    /// <summary>Takes a connection back that can serve again.</summary>
    public void Return(UpstreamConnection connection)
    {
        connection.Owner = null;
        if (_idle.Count >= worker.Options.MaxIdlePerBackend)
        {
            connection.Close(resets: false);
            return;
        }

        _idle.Add(connection);
        worker.BackendIdle.Set(connection, worker.Loop.Now);
    }

    /// <summary>A connection ended.</summary>
    public void Forget(UpstreamConnection connection) => _idle.Remove(connection);

    /// <summary>Ends those that wait.</summary>
    public void Clear()
    {
        while (_idle.Count > 0)
        {
            _idle[^1].Close(resets: false);
        }
    }
}

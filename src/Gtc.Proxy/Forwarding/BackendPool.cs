using Gtc.Proxy.Loop;

namespace Gtc.Proxy.Forwarding;

/// <summary>The connections of one thread to one backend.</summary>
internal sealed class BackendPool(ProxyWorker worker, Backend backend)
{
    // The connection that was used last is used next, so that the others run into their deadline.
    private readonly List<UpstreamConnection> _idle = [];
    private bool _isForgotten;

    /// <summary>Where they lead.</summary>
    public Backend Backend => backend;

    /// <summary>A connection for an exchange; null when none can be begun.</summary>
    /// <param name="owner">Whose exchange it is.</param>
    /// <param name="need">Which ones will do.</param>
    /// <param name="isShortage">Whether it is this machine that has no more, and not the backend that refuses.</param>
    public UpstreamConnection? Take(ClientConnection owner, ConnectionNeed need, out bool isShortage)
    {
        isShortage = false;
        while (_idle.Count > 0 && need != ConnectionNeed.Fresh)
        {
            var waited = _idle[^1];
            _idle.RemoveAt(_idle.Count - 1);
            if (need == ConnectionNeed.Checked && !waited.IsStillOpen())
            {
                waited.Close(resets: false);
                continue;
            }

            DeadlineList.Clear(waited);
            waited.IsReused = true;
            waited.Owner = owner;
            return waited;
        }

        var connection = new UpstreamConnection(worker.Loop, this);
        if (!connection.TryConnect(out isShortage))
        {
            return null;
        }

        connection.Owner = owner;
        return connection;
    }

    /// <summary>Takes a connection back that can serve again.</summary>
    public void Return(UpstreamConnection connection)
    {
        connection.Owner = null;
        if (_isForgotten || _idle.Count >= worker.Options.MaxIdlePerBackend)
        {
            connection.Close(resets: false);
            return;
        }

        _idle.Add(connection);
        worker.BackendIdle.Set(connection, worker.Loop.Now);
    }

    /// <summary>A connection ended.</summary>
    public void Forget(UpstreamConnection connection) => _idle.Remove(connection);

    /// <summary>Ends those that wait; those that are in use end behind their exchange.</summary>
    public void Clear()
    {
        _isForgotten = true;
        while (_idle.Count > 0)
        {
            _idle[^1].Close(resets: false);
        }
    }
}

/// <summary>Which connections to a backend will do for a request.</summary>
internal enum ConnectionNeed : byte
{
    /// <summary>Any: should the backend have closed it in the meantime, the request is sent again.</summary>
    Any,

    /// <summary>One that is not known to be closed: the request cannot be sent again once it may have arrived.</summary>
    Checked,

    /// <summary>A new one.</summary>
    Fresh,
}

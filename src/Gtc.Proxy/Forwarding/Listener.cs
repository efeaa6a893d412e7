using Gtc.Proxy.Loop;
using Gtc.Proxy.Native;

namespace Gtc.Proxy.Forwarding;

/// <summary>Takes connections for one worker from a socket that all share.</summary>
internal sealed class Listener : Pollable
{
    private const int AtOnce = 64;

    private readonly ProxyWorker _worker;
    private readonly int _socket;
    private bool _isPaused;

    /// <summary>Begins to take connections.</summary>
    public Listener(ProxyWorker worker, int socket)
        : base(worker.Loop)
    {
        _worker = worker;
        _socket = socket;
        Loop.AddListener(this, socket);
    }

    /// <summary>Takes connections again after a pause.</summary>
    public void Resume()
    {
        if (_isPaused && Slot < 0 && !_worker.IsDraining)
        {
            _isPaused = false;
            Loop.AddListener(this, _socket);
        }
    }

    /// <summary>Takes no more connections. The socket is its owner's.</summary>
    public void Close() => Loop.Remove(this, _socket);

    /// <inheritdoc/>
    public override void OnEvents(uint events)
    {
        for (var count = 0; count < AtOnce; count++)
        {
            if (_worker.Clients.Count >= _worker.Options.MaxConnections)
            {
                // The rest waits in the kernel's queue until somebody leaves.
                _isPaused = true;
                Loop.Remove(this, _socket);
                return;
            }

            var client = Sockets.Accept(_socket, out var peer);
            if (client < 0)
            {
                return;
            }

            _worker.Clients.Add(new ClientConnection(_worker, client, peer));
        }
    }

    /// <inheritdoc/>
    public override void OnTurn()
    {
    }

    /// <inheritdoc/>
    public override void OnDeadline()
    {
    }
}

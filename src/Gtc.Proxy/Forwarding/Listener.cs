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
        if (_isPaused && !_worker.IsDraining)
        {
            _isPaused = false;
            Loop.AddListener(this, _socket);
        }
    }

    /// <summary>Takes no more connections. The socket is its owner's.</summary>
    public void Close()
    {
        DeadlineList.Clear(this);
        Loop.Remove(this, _socket);
    }

    /// <inheritdoc/>
    public override void OnEvents(uint events)
    {
        for (var count = 0; count < AtOnce; count++)
        {
            if (_worker.Clients.Count >= _worker.Options.MaxConnections)
            {
                // The rest waits in the kernel's queue until somebody leaves.
                Pause();
                return;
            }

            var client = Sockets.Accept(_socket, out var peer);
            if (client == Sockets.Lost)
            {
                // Nobody who leaves may ever free a descriptor of ours, so it is looked at again later; asking on would only burn the processor.
                Pause();
                _worker.AcceptPause.Set(this, Loop.Now);
                return;
            }

            if (client < 0)
            {
                return;
            }

            Welcome(client, peer);
        }
    }

    private void Welcome(int client, PeerAddress peer)
    {
        try
        {
            _worker.Clients.Add(new ClientConnection(_worker, client, peer));
        }
        catch (IOException)
        {
            _ = LibC.Close(client);
            throw;
        }
    }

    private void Pause()
    {
        _isPaused = true;
        Loop.Remove(this, _socket);
    }

    /// <inheritdoc/>
    public override void OnTurn()
    {
    }

    /// <inheritdoc/>
    public override void OnDeadline() => Resume();

    /// <inheritdoc/>
    public override void OnFault()
    {
    }
}

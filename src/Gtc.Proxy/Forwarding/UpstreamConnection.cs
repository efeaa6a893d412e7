using Gtc.Proxy.Loop;
using Gtc.Proxy.Native;

namespace Gtc.Proxy.Forwarding;

/// <summary>A connection to a backend. It serves one exchange at a time and waits in its pool between them.</summary>
internal sealed class UpstreamConnection : Connection
{
    private readonly BackendPool _pool;

    /// <summary>Makes a connection; <see cref="TryConnect"/> begins it.</summary>
    public UpstreamConnection(EventLoop loop, BackendPool pool)
        : base(loop) => _pool = pool;

    /// <summary>Whose exchange it serves, or null while it waits in the pool.</summary>
    public ClientConnection? Owner { get; set; }

    /// <summary>Whether the connection is not made yet.</summary>
    public bool IsConnecting { get; private set; }

    /// <summary>Whether it has served before, so that the backend may have closed it in the meantime.</summary>
    public bool IsReused { get; set; }

    /// <summary>Whose pool it goes back to.</summary>
    public BackendPool Pool => _pool;

    /// <summary>Begins to connect.</summary>
    /// <param name="isShortage">Whether it cannot begin because this machine has no descriptor or port left.</param>
    public bool TryConnect(out bool isShortage)
    {
        var descriptor = Sockets.Connect(_pool.Backend.EndPoint);
        isShortage = descriptor == Sockets.MustWait;
        if (descriptor < 0)
        {
            return false;
        }

        IsConnecting = true;
        Open(descriptor);
        return true;
    }

    /// <summary>Whether the peer has neither ended nor sent what nobody asked for, as far as the kernel knows now.</summary>
    public bool IsStillOpen() => Sockets.Receive(Descriptor, stackalloc byte[1]) == Sockets.MustWait;

    /// <summary>What was read and not used up.</summary>
    public ReadOnlySpan<byte> Unused => Input.Bytes;

    /// <summary>Keeps what was not used up.</summary>
    public void Keep(ReadOnlySpan<byte> bytes)
    {
        if (Descriptor >= 0)
        {
            Input.Append(bytes, Loop.Buffers);
        }
    }

    /// <summary>Takes from what was kept.</summary>
    public void Use(int length)
    {
        if (Descriptor >= 0)
        {
            Input.Skip(length, Loop.Buffers);
        }
    }

    /// <summary>Reads behind what was kept.</summary>
    public int ReceiveMore()
    {
        var count = Receive(Input.Room(BufferPool.Smallest / 2, Loop.Buffers));
        Input.Advance(Math.Max(count, 0));
        return count;
    }

    /// <summary>Sends no more once everything is sent.</summary>
    public void EndSending() => EndOutput();

    /// <summary>Ends it.</summary>
    public void Close(bool resets)
    {
        Owner = null;
        _pool.Forget(this);
        End(resets);
    }

    /// <inheritdoc/>
    public override void OnEvents(uint events)
    {
        if (IsConnecting)
        {
            OnConnecting(events);
            return;
        }

        Note(events);
        if (Owner is not { } owner)
        {
            // Nothing is asked, so whatever comes is an end or out of place.
            if (IsReadable)
            {
                Close(resets: false);
            }

            return;
        }

        if ((events & EventLoop.Writable) != 0)
        {
            Flush();
        }

        owner.OnUpstream();
    }

    /// <inheritdoc/>
    public override void OnTurn() => Owner?.OnUpstream();

    /// <inheritdoc/>
    public override void OnDeadline() => Close(resets: false);

    /// <inheritdoc/>
    public override void OnFault()
    {
        if (Owner is { } owner)
        {
            owner.OnFault();
        }
        else
        {
            Close(resets: true);
        }
    }

    private void OnConnecting(uint events)
    {
        if ((events & EventLoop.Gone) != 0 || !Sockets.IsConnected(Descriptor))
        {
            Owner?.OnConnectFailed();
        }
        else if ((events & EventLoop.Writable) != 0)
        {
            IsConnecting = false;
            Note(events);
            Owner?.OnConnected();
        }
    }
}

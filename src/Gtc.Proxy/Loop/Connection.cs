using Gtc.Proxy.Native;

namespace Gtc.Proxy.Loop;

/// <summary>A connected socket with what waits to be sent on it and what was read and not yet used.</summary>
internal abstract class Connection(EventLoop loop) : Pollable(loop)
{
    private bool _isPeerDoneKnown;
    private bool _endsOutput;

    /// <summary>What was read and is not used up.</summary>
    protected ByteQueue Input;

    /// <summary>What waits to be sent.</summary>
    protected ByteQueue Output;

    /// <summary>Whether a read may give something.</summary>
    public bool IsReadable { get; private set; }

    /// <summary>Whether the peer sends no more and everything was read.</summary>
    public bool IsPeerDone { get; private set; }

    /// <summary>Whether sending failed.</summary>
    public bool IsLost { get; private set; }

    /// <summary>Whether nothing waits to be sent.</summary>
    public bool IsFlushed => Output.IsEmpty;

    /// <summary>Whether something was read and not used up.</summary>
    public bool HasInput => !Input.IsEmpty;

    /// <summary>Whether nothing is left over in either direction, nor announced.</summary>
    public bool IsQuiet => IsFlushed && !HasInput && !IsReadable && !IsPeerDone && !IsLost;

    /// <summary>Sends, and keeps what cannot be sent at once.</summary>
    public void Write(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        if (IsLost)
        {
            return;
        }

        if (Output.IsEmpty)
        {
            var sent = Sockets.Send(Descriptor, first, second);
            if (sent == first.Length + second.Length)
            {
                return;
            }

            if (sent == Sockets.Lost)
            {
                Lose();
                return;
            }

            sent = Math.Max(sent, 0);
            var ofFirst = Math.Min(sent, first.Length);
            first = first[ofFirst..];
            second = second[(sent - ofFirst)..];
        }

        Output.Append(first, Loop.Buffers);
        Output.Append(second, Loop.Buffers);
    }

    /// <summary>Sends what waits.</summary>
    protected void Flush()
    {
        while (!Output.IsEmpty && !IsLost)
        {
            var sent = Sockets.Send(Descriptor, Output.Bytes, []);
            if (sent == Sockets.MustWait)
            {
                return;
            }

            if (sent == Sockets.Lost)
            {
                Lose();
                return;
            }

            Output.Skip(sent, Loop.Buffers);
        }

        if (_endsOutput)
        {
            EndOutput();
        }
    }

    /// <summary>Takes note of what events say about reading.</summary>
    protected void Note(uint events)
    {
        _isPeerDoneKnown |= (events & (EventLoop.PeerDone | EventLoop.Gone)) != 0;
        IsReadable |= (events & (EventLoop.Readable | EventLoop.PeerDone | EventLoop.Gone)) != 0;
    }

    /// <summary>Reads what is there.</summary>
    /// <returns>As <see cref="Sockets.Receive"/>.</returns>
    public int Receive(Span<byte> target)
    {
        var count = Sockets.Receive(Descriptor, target);
        if (count == 0)
        {
            IsPeerDone = true;
            IsReadable = false;
        }
        else if (count < target.Length && !(_isPeerDoneKnown && count > 0))
        {
            // Less than asked for means there is no more (epoll(7)); only an end that was announced already is not announced again.
            IsReadable = false;
        }

        return count;
    }

    /// <summary>Sends no more, once what waits is sent.</summary>
    protected void EndOutput()
    {
        _endsOutput = !IsFlushed;
        if (!_endsOutput)
        {
            _ = LibC.Shutdown(Descriptor, LibC.ShutdownWrite);
        }
    }

    /// <summary>Begins with a socket.</summary>
    protected void Open(int descriptor)
    {
        Descriptor = descriptor;
        Loop.Add(this, descriptor);
    }

    /// <summary>Ends.</summary>
    /// <param name="resets">Whether the peer must see that something went wrong.</param>
    protected void End(bool resets)
    {
        var descriptor = Descriptor;
        if (descriptor < 0)
        {
            return;
        }

        Release();
        if (resets)
        {
            Sockets.Reset(descriptor);
        }
        else
        {
            _ = LibC.Close(descriptor);
        }
    }

    /// <summary>Ends here without closing the socket.</summary>
    protected void Release()
    {
        Loop.Remove(this, Descriptor);
        Descriptor = -1;
        Input.Clear(Loop.Buffers);
        Output.Clear(Loop.Buffers);
    }

    private void Lose()
    {
        IsLost = true;
        Output.Clear(Loop.Buffers);
    }
}

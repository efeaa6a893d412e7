namespace Gtc.Proxy.Forwarding;

/// <summary>The end of a connection: the last answer is sent whole before the socket is closed.</summary>
internal sealed partial class ClientConnection
{
    private bool _lingers;

    private void FinishClosing(bool lingers)
    {
        _phase = Phase.Closing;
        _lingers = lingers;
        _worker.ExchangeTime.Set(this, Loop.Now);
        CloseWhenSent();
    }

    private void CloseWhenSent()
    {
        if (IsLost)
        {
            Close(resets: true);
        }
        else if (IsFlushed && !_lingers)
        {
            Close(resets: false);
        }
        else if (IsFlushed)
        {
            EndOutput();
            _phase = Phase.Lingering;
            _worker.LingerTime.Set(this, Loop.Now);
            Discard();
        }
    }

    /// <summary>Reads what still comes: closing with bytes unread would reset the connection and the answer with it (RFC 9112 §9.6).</summary>
    private void Discard()
    {
        for (var turn = 0; IsReadable;)
        {
            var read = Receive(Loop.Scratch);
            if (read is 0 or Native.Sockets.Lost)
            {
                Close(resets: false);
                return;
            }

            turn += Math.Max(read, 0);
            if (turn > BytesPerTurn)
            {
                // A peer that sends faster than it is read must not keep the others waiting.
                Loop.Queue(this);
                return;
            }
        }
    }
}

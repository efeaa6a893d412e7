using Gtc.Proxy.Native;

namespace Gtc.Proxy.Forwarding;

/// <summary>Connections that speak HTTP/2, or whose request goes to a backend that does, are served elsewhere from then on.</summary>
internal sealed partial class ClientConnection
{
    private static readonly byte[] NoUpgrade = "the backend speaks HTTP/2; other protocols, e.g. WebSocket, need one that speaks HTTP/1.1"u8.ToArray();

    private static readonly byte[] Stopping = "the proxy is about to stop; ask again"u8.ToArray();

    private bool _hadExchange;

    /// <summary>Whether the preface of HTTP/2 counts: only as the very first bytes (RFC 9113 §3.4), and where somebody understands it.</summary>
    private bool CanSpeakHttp2(int start) => start == 0 && !_hadExchange && _worker.Taker is not null;

    /// <summary>Why the current request cannot go to a backend that speaks HTTP/2, or null.</summary>
    private (int Status, byte[] Text)? Refusal => _isUpgrade || _worker.Taker is null ? (501, NoUpgrade) : _worker.IsDraining ? (503, Stopping) : null;

    /// <summary>Looks at what was chosen for a request that has just come; one that goes to HTTP/2 is handed over by the caller.</summary>
    private bool IsHandedOver(ref Choice choice)
    {
        if (choice.Backend is not { Protocol: BackendProtocol.Http2 })
        {
            return false;
        }

        if (Refusal is { } why)
        {
            choice.Reply(why.Status, why.Text);
            return false;
        }

        _worker.Handed = choice;
        return true;
    }

    /// <summary>A request that failed elsewhere goes to a backend that speaks HTTP/2. Nothing of its body was sent anywhere.</summary>
    private void HandOverAgain(in Choice choice)
    {
        if (Refusal is { } why)
        {
            FailWith(why.Status, why.Text);
            return;
        }

        _backend!.Ended();
        _isCounted = false;
        var head = _request.Bytes;
        var line = head.IndexOf("\r\n"u8) + 2;
        var end = _closesAfter ? "Connection: close\r\n"u8 : [];
        var bytes = new byte[head.Length + end.Length + Input.Length];
        head[..line].CopyTo(bytes);
        if (_isVersion10)
        {
            bytes[line - 3] = (byte)'0';
        }

        end.CopyTo(bytes.AsSpan(line));
        head[line..].CopyTo(bytes.AsSpan(line + end.Length));
        Input.Bytes.CopyTo(bytes.AsSpan(head.Length + end.Length));
        _request.Clear(Loop.Buffers);
        LetGo(new HandedConnection { Descriptor = Descriptor, Peer = _peer, Received = bytes, IsHttp2 = false, First = choice, IsPrepared = true });
    }

    private void HandOver(ReadOnlySpan<byte> bytes, Choice? first) =>
        LetGo(new HandedConnection { Descriptor = Descriptor, Peer = _peer, Received = bytes.ToArray(), IsHttp2 = first is null, First = first });

    private void LetGo(HandedConnection connection)
    {
        _phase = Phase.Closed;
        Release();
        _worker.Forget(this);
        if (!_worker.Taker!.TryTake(connection))
        {
            _ = LibC.Close(connection.Descriptor);
        }
    }
}

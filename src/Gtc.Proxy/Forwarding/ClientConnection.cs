using System.Diagnostics;
using System.Text;
using Gtc.Proxy.Http;
using Gtc.Proxy.Loop;

namespace Gtc.Proxy.Forwarding;

/// <summary>
/// A client's connection: requests are read from it one after the other, each is forwarded to a backend, and its answer is sent back. Bytes pass
/// through without being kept, except for what a slow peer makes wait, which is never more than one read.
/// </summary>
internal sealed partial class ClientConnection : Connection
{
    private readonly ProxyWorker _worker;
    private readonly PeerAddress _peer;
    private readonly byte[] _peerText;
    private Phase _phase = Phase.Head;
    private bool _hasPartOfHead;
    private bool _closesAfter;

    /// <summary>Begins with an accepted socket.</summary>
    public ClientConnection(ProxyWorker worker, int descriptor, PeerAddress peer)
        : base(worker.Loop)
    {
        _worker = worker;
        _peer = peer;
        _peerText = Encoding.ASCII.GetBytes(peer.ToAddress().ToString());
        Open(descriptor);
        worker.HeadTime.Set(this, Loop.Now);
    }

    private enum Phase : byte
    {
        /// <summary>A request is waited for or comes in.</summary>
        Head,

        /// <summary>A request is forwarded.</summary>
        Exchange,

        /// <summary>Both peers speak another protocol.</summary>
        Tunnel,

        /// <summary>The last answer is being sent.</summary>
        Closing,

        /// <summary>It was sent; the peer is listened to until it ends too.</summary>
        Lingering,

        /// <summary>It is over.</summary>
        Closed,
    }

    /// <inheritdoc/>
    public override void OnEvents(uint events)
    {
        if ((events & EventLoop.Gone) != 0)
        {
            Abort();
            return;
        }

        Note(events);
        if ((events & EventLoop.Writable) != 0 && !IsFlushed)
        {
            Flush();
            NoteProgress();
        }

        Advance();
    }

    /// <inheritdoc/>
    public override void OnTurn() => Advance();

    /// <inheritdoc/>
    public override void OnDeadline()
    {
        switch (_phase)
        {
            case Phase.Head when _hasPartOfHead:
                Refuse(408, "the request's head did not arrive in time");
                return;
            case Phase.Exchange when _upstream is null:
                AskAnew();
                return;
            case Phase.Exchange when _upstream is { IsConnecting: true }:
                OnConnectFailed();
                return;
            case Phase.Exchange when !_isAnswering:
                TimeOut();
                return;
            case Phase.Exchange or Phase.Tunnel or Phase.Closing:
                // Something of the answer is missing, and that must be seen.
                Abort();
                return;
            default:
                Close(resets: false);
                return;
        }
    }

    /// <inheritdoc/>
    public override void OnFault() => Abort();

    /// <summary>Ends as soon as nothing is under way; a WebSocket is told to go at once, for it would never end by itself.</summary>
    public void Drain()
    {
        _closesAfter = true;
        if (_isWebSocket)
        {
            CloseTunnel();
        }
        else if (_phase == Phase.Head && !_hasPartOfHead && !HasInput)
        {
            Close(resets: false);
        }
    }

    /// <summary>Ends at once, so that the peer sees that something is missing.</summary>
    public void Abort()
    {
        if (_phase == Phase.Closed)
        {
            return;
        }

        if (_phase is Phase.Exchange or Phase.Tunnel)
        {
            Report(isComplete: false);
            DropUpstream();
        }

        Close(resets: true);
    }

    /// <summary>The client takes what is sent, so it has its full time again.</summary>
    private void NoteProgress()
    {
        if (_phase is Phase.Closing || (_phase is Phase.Exchange && _isAnswering))
        {
            _worker.ExchangeTime.Set(this, Loop.Now);
        }
    }

    private void Advance()
    {
        if (IsLost && _phase != Phase.Closed)
        {
            Abort();
            return;
        }

        switch (_phase)
        {
            case Phase.Head:
                ReadHead();
                return;
            case Phase.Exchange:
                PumpRequest();
                PumpResponse();
                return;
            case Phase.Tunnel:
                PumpTunnel();
                return;
            case Phase.Closing:
                CloseWhenSent();
                return;
            case Phase.Lingering:
                Discard();
                return;
            default:
                return;
        }
    }

    private void ReadHead()
    {
        if (!IsFlushed)
        {
            return;
        }

        // What was kept may hold the next request already (pipelining, RFC 9112 §9.3.2).
        if (HasInput && !_hasPartOfHead && TakeKeptHead())
        {
            return;
        }

        while (IsReadable)
        {
            if (HasInput)
            {
                var count = Receive(Input.Room(BufferPool.Smallest / 2, Loop.Buffers));
                if (count > 0)
                {
                    Input.Advance(count);
                    if (TakeKeptHead())
                    {
                        return;
                    }
                }
                else
                {
                    EndHead(count);
                    return;
                }

                continue;
            }

            var read = Receive(Loop.Scratch);
            if (read <= 0)
            {
                EndHead(read);
                return;
            }

            var bytes = Loop.Scratch.AsSpan(0, read);
            if (!TryBegin(bytes, out var used))
            {
                Input.Append(bytes, Loop.Buffers);
                ExpectRestOfHead();
            }
            else if (IsOpen)
            {
                Input.Append(bytes[used..], Loop.Buffers);
                AfterHead();
                return;
            }
            else
            {
                return;
            }
        }
    }

    private bool IsOpen => _phase is Phase.Head or Phase.Exchange;

    /// <summary>Begins with what was kept; false when more must come.</summary>
    private bool TakeKeptHead()
    {
        if (!TryBegin(Input.Bytes, out var used))
        {
            ExpectRestOfHead();
            return false;
        }

        if (IsOpen)
        {
            Input.Skip(used, Loop.Buffers);
            AfterHead();
        }

        return true;
    }

    /// <summary>Goes on once what was read is in its place.</summary>
    private void AfterHead()
    {
        if (_phase == Phase.Exchange)
        {
            _refusals = 0;
            Connect(_isIdempotent ? ConnectionNeed.Any : ConnectionNeed.Checked);
        }
        else if (HasInput || IsReadable)
        {
            Loop.Queue(this);
        }
    }

    private void ExpectRestOfHead()
    {
        if (!_hasPartOfHead)
        {
            // Once, not with each byte: a peer that trickles its head runs out of time.
            _hasPartOfHead = true;
            _worker.HeadTime.Set(this, Loop.Now);
        }
    }

    /// <summary>A read gave nothing: it is waited for more, or the peer is gone.</summary>
    private void EndHead(int read)
    {
        if (read != Native.Sockets.MustWait)
        {
            Close(resets: read < 0);
        }
    }

    /// <summary>Reads a head and decides; false when more must come. Afterwards an exchange has begun or an own answer was sent.</summary>
    private bool TryBegin(ReadOnlySpan<byte> bytes, out int used)
    {
        used = 0;
        var head = _worker.Request;
        if (!head.TryRead(bytes, out var fault))
        {
            return false;
        }

        if (fault is { } wrong)
        {
            if (wrong == HeadFault.Http2 && CanSpeakHttp2(head.Start))
            {
                HandOver(bytes, null);
                return true;
            }

            Refuse(wrong);
            return true;
        }

        _hasPartOfHead = false;
        used = head.Start + head.HeadLength;
        BeginExchange(head, bytes[head.Start..used]);
        if (_worker.Handed is { } choice)
        {
            _worker.Handed = null;
            HandOver(bytes[head.Start..], choice);
        }

        return true;
    }

    private void Refuse(HeadFault fault)
    {
        _isHeadRequest = false;
        var (status, text) = HeadFaults.AnswerTo(fault);
        Refuse(status, text);
    }

    /// <summary>Answers what cannot be followed any further, and ends.</summary>
    private void Refuse(int status, string text)
    {
        _closesAfter = true;
        Answer(status, Encoding.UTF8.GetBytes(text), [], []);
        FinishClosing(lingers: true);
    }

    /// <summary>Sends an answer of the proxy's own.</summary>
    private void Answer(int status, ReadOnlySpan<byte> text, ReadOnlySpan<byte> contentType, ReadOnlySpan<byte> added)
    {
        var head = HeadWriter.Own(Loop.HeadScratch, status, text.Length, contentType, added, _closesAfter);
        Write(head, _isHeadRequest ? [] : text);
    }

    private void Close(bool resets)
    {
        _phase = Phase.Closed;
        End(resets);
        _worker.Forget(this);
    }

    private static long Ticks() => Stopwatch.GetTimestamp();
}

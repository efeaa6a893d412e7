using Gtc.Proxy.Http;
using Gtc.Proxy.Loop;

namespace Gtc.Proxy.Forwarding;

/// <summary>One exchange: a request goes to a backend, its answer comes back.</summary>
internal sealed partial class ClientConnection
{
    private const int BytesPerTurn = 512 * 1024;

    private const string BrokenBody = "the request's body is not well-formed: chunks must follow RFC 9112 §7.1";
    private const string SlowBody = "the request's body did not arrive in time";

    private UpstreamConnection? _upstream;
    private Backend? _backend;
    private object? _state;
    private ByteQueue _request;
    private ReadOnlyMemory<byte> _responseFields;
    private BodyReader _requestBody;
    private BodyReader _responseBody;
    private long _began;
    private long _bytesIn;
    private long _bytesOut;
    private long _heldSince;
    private long _waitingSince;
    private long _waited;
    private int _lost;
    private int _interim;
    private int _status;
    private bool _isHeadRequest;
    private bool _isVersion10;
    private bool _isUpgrade;
    private bool _isIdempotent;
    private bool _isCounted;
    private bool _isBodyBegun;
    private bool _isAnswering;
    private bool _isAnswered;
    private bool _isReusable;
    private bool _removesChunks;

    /// <summary>The backend's connection is made.</summary>
    public void OnConnected() => SendRequest();

    /// <summary>The backend's connection could not be made: the request has reached nobody.</summary>
    public void OnConnectFailed() => TryAgain(Reach.Refused);

    /// <summary>Something happened on the backend's connection.</summary>
    public void OnUpstream()
    {
        if (_phase == Phase.Tunnel)
        {
            PumpTunnel();
            return;
        }

        PumpRequest();
        PumpResponse();
    }

    private void BeginExchange(RequestHead head, ReadOnlySpan<byte> bytes)
    {
        var method = bytes[..head.MethodLength];
        _began = Ticks();
        _hadExchange = true;
        _isHeadRequest = method.SequenceEqual("HEAD"u8);
        _isIdempotent = _isHeadRequest || method.SequenceEqual("GET"u8) || method.SequenceEqual("OPTIONS"u8) || method.SequenceEqual("PUT"u8)
            || method.SequenceEqual("DELETE"u8) || method.SequenceEqual("TRACE"u8);
        _isVersion10 = head.IsVersion10;
        _isUpgrade = head.Upgrades;
        _closesAfter = !head.KeepsAlive || _worker.IsDraining;
        (_lost, _interim, _status, _bytesIn, _bytesOut) = (0, 0, 0, 0, 0);
        (_heldSince, _waitingSince, _waited) = (0, 0, 0);
        (_isBodyBegun, _isAnswering, _isAnswered, _isReusable, _removesChunks) = (false, false, false, false, false);
        _requestBody = BodyReader.Of(head.Body, head.Fields.Length);
        _responseBody = default;

        var choice = default(Choice);
        _worker.Policy.Choose(new RequestView(head, bytes, _peer), ref choice);
        if (IsHandedOver(ref choice))
        {
            return;
        }

        if (choice.Backend is not { } backend)
        {
            AnswerOwn(choice);
            return;
        }

        Accept(choice, backend);
        var built = HeadWriter.Request(Loop.HeadScratch, head, bytes, _peerText, _worker.Policy.Trusts(_peer), backend);
        _request.Append(built, Loop.Buffers);
        _phase = Phase.Exchange;
    }

    private void Accept(in Choice choice, Backend backend)
    {
        _backend = backend;
        _state = choice.State;
        _responseFields = choice.ResponseFields;
        _isCounted = true;
        backend.Began();
    }

    /// <summary>Answers in place of a backend. A body that was not asked for is not read to its end.</summary>
    private void AnswerOwn(in Choice choice)
    {
        _closesAfter |= !_requestBody.IsDone;
        var status = choice.Status is >= 200 and < 600 ? choice.Status : 500;
        Answer(status, choice.Text.Span, choice.ContentType.Span, choice.ResponseFields.Span);
        if (_closesAfter)
        {
            FinishClosing(lingers: !_requestBody.IsDone);
            return;
        }

        // The caller still holds the bytes behind this request; they have their turn after it.
        _phase = Phase.Head;
        _worker.IdleTime.Set(this, Loop.Now);
    }

    private void Connect(ConnectionNeed need)
    {
        _upstream = _worker.PoolOf(_backend!).Take(this, need, out var isShortage);
        if (_upstream is null)
        {
            TryAgain(isShortage ? Reach.Unsent : Reach.Refused);
        }
        else if (_upstream.IsConnecting)
        {
            _worker.ConnectTime.Set(this, Loop.Now);
        }
        else
        {
            SendRequest();
        }
    }

    private void SendRequest()
    {
        _worker.ExchangeTime.Set(this, Loop.Now);
        _upstream!.Write(_request.Bytes, TakeBody(Input.Bytes, out var taken));
        Input.Skip(taken, Loop.Buffers);
        if (_requestBody.IsBroken)
        {
            BreakOff(400, BrokenBody);
            return;
        }

        PumpRequest();
        if (_upstream is { IsLost: true })
        {
            PumpResponse();
        }
    }

    /// <summary>The part of some bytes that belongs to the request's body.</summary>
    private ReadOnlySpan<byte> TakeBody(ReadOnlySpan<byte> bytes, out int taken)
    {
        taken = bytes.IsEmpty || _requestBody.IsDone ? 0 : _requestBody.Take(bytes);
        _isBodyBegun |= taken > 0;
        _bytesIn += taken;
        return bytes[..taken];
    }

    /// <summary>Passes the request's body on, as fast as the backend takes it.</summary>
    private void PumpRequest()
    {
        var turn = 0;
        while (_phase == Phase.Exchange && !_requestBody.IsDone && _upstream is { IsConnecting: false, IsFlushed: true, IsLost: false } upstream)
        {
            int taken;
            if (HasInput)
            {
                upstream.Write(TakeBody(Input.Bytes, out taken), []);
                Input.Skip(taken, Loop.Buffers);
            }
            else if (turn > BytesPerTurn)
            {
                Loop.Queue(this);
                return;
            }
            else
            {
                var read = IsReadable ? Receive(Loop.Scratch) : Native.Sockets.MustWait;
                if (read <= 0)
                {
                    AwaitBody(read);
                    return;
                }

                turn += read;
                upstream.Write(TakeBody(Loop.Scratch.AsSpan(0, read), out taken), []);
                Input.Append(Loop.Scratch.AsSpan(taken, read - taken), Loop.Buffers);
            }

            _worker.ExchangeTime.Set(this, Loop.Now);
            if (_requestBody.IsBroken)
            {
                BreakOff(400, BrokenBody);
                return;
            }

            if (IsBodyTooSlow())
            {
                BreakOff(408, SlowBody);
                return;
            }
        }
    }

    /// <summary>No more of the body is there yet, or ever.</summary>
    private void AwaitBody(int read)
    {
        if (read != Native.Sockets.MustWait)
        {
            Abort();
        }
        else if (_waitingSince == 0)
        {
            _waitingSince = Loop.Now;
        }
    }

    /// <summary>
    /// Whether the client only keeps the exchange open, byte by byte. Time in which the backend was waited for is not the client's; nor is a body that
    /// is sent while the answer comes, which is a conversation.
    /// </summary>
    private bool IsBodyTooSlow()
    {
        if (_waitingSince != 0)
        {
            _waited += Loop.Now - _waitingSince;
            _waitingSince = 0;
        }

        return !_requestBody.IsDone && !_isAnswering && _waited > _worker.Options.BodyGrace.TotalMilliseconds
            && _bytesIn * 1000 < _waited * _worker.Options.MinBodyRate;
    }

    /// <summary>Nothing more of the request's body can be trusted or waited for.</summary>
    private void BreakOff(int status, string why)
    {
        if (_isAnswering)
        {
            Abort();
            return;
        }

        _status = status;
        Report(isComplete: false);
        DropUpstream();
        Refuse(status, why);
    }

    /// <summary>Passes the answer on, as fast as the client takes it.</summary>
    private void PumpResponse()
    {
        var turn = 0;
        while (_phase == Phase.Exchange && _upstream is { IsConnecting: false } upstream && IsFlushed)
        {
            if (!upstream.IsReadable && !upstream.IsLost)
            {
                return;
            }

            if (turn > BytesPerTurn)
            {
                Loop.Queue(upstream);
                return;
            }

            int read;
            if (upstream.HasInput)
            {
                read = upstream.ReceiveMore();
                if (read > 0)
                {
                    upstream.Use(TakeResponse(upstream.Unused));
                }
            }
            else
            {
                read = upstream.Receive(Loop.Scratch);
                if (read > 0)
                {
                    var used = TakeResponse(Loop.Scratch.AsSpan(0, read));
                    upstream.Keep(Loop.Scratch.AsSpan(used, read - used));
                }
            }

            turn += Math.Max(read, 0);
            if (read == Native.Sockets.MustWait && !upstream.IsLost)
            {
                return;
            }

            AfterRead(read);
        }
    }

    private void AfterRead(int read)
    {
        if (_phase is not (Phase.Exchange or Phase.Tunnel))
        {
            return;
        }

        if (_responseBody.IsBroken)
        {
            _backend!.Failed(Loop.Now, _worker.Options);
            Abort();
        }
        else if (IsLost)
        {
            Abort();
        }
        else if (_phase == Phase.Tunnel)
        {
            PumpTunnel();
        }
        else if (_isAnswered || (read == 0 && _isAnswering && _responseBody.EndsWithConnection))
        {
            Finish();
        }
        else if (read <= 0)
        {
            OnUpstreamEnded();
        }
        else
        {
            _worker.ExchangeTime.Set(this, Loop.Now);
        }
    }

    /// <summary>The backend is gone before its answer was whole.</summary>
    private void OnUpstreamEnded()
    {
        if (_isAnswering)
        {
            _backend!.Failed(Loop.Now, _worker.Options);
            Abort();
        }
        else
        {
            TryAgain(Reach.Ended);
        }
    }
}

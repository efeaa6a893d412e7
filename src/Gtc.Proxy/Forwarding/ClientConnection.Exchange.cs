using Gtc.Proxy.Http;
using Gtc.Proxy.Loop;

namespace Gtc.Proxy.Forwarding;

/// <summary>One exchange: a request goes to a backend, its answer comes back.</summary>
internal sealed partial class ClientConnection
{
    private const int BytesPerTurn = 512 * 1024;

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
    private int _attempts;
    private int _status;
    private bool _isHeadRequest;
    private bool _isVersion10;
    private bool _isUpgrade;
    private bool _isIdempotent;
    private bool _isBodyBegun;
    private bool _isAnswering;
    private bool _isAnswered;
    private bool _isReusable;
    private bool _removesChunks;

    /// <summary>The backend's connection is made.</summary>
    public void OnConnected() => SendRequest();

    /// <summary>The backend's connection could not be made: the request has reached nobody.</summary>
    public void OnConnectFailed() => TryAgain(hasReached: false);

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
        _isHeadRequest = method.SequenceEqual("HEAD"u8);
        _isIdempotent = _isHeadRequest || method.SequenceEqual("GET"u8) || method.SequenceEqual("OPTIONS"u8) || method.SequenceEqual("PUT"u8)
            || method.SequenceEqual("DELETE"u8) || method.SequenceEqual("TRACE"u8);
        _isVersion10 = head.IsVersion10;
        _isUpgrade = head.Fields.Upgrades;
        _closesAfter = !head.KeepsAlive || _worker.IsDraining;
        (_attempts, _status, _bytesIn, _bytesOut) = (1, 0, 0, 0);
        (_isBodyBegun, _isAnswering, _isAnswered, _isReusable, _removesChunks) = (false, false, false, false, false);
        _requestBody = BodyReader.Of(head.Body, head.Fields.Length);
        _responseBody = default;

        var choice = default(Choice);
        _worker.Policy.Choose(new RequestView(head, bytes, _peer), ref choice);
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

    private void Connect(bool isFresh)
    {
        _upstream = _worker.PoolOf(_backend!).Take(this, isFresh);
        if (_upstream is null)
        {
            TryAgain(hasReached: false);
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
            else if (!IsReadable)
            {
                return;
            }
            else if (turn > BytesPerTurn)
            {
                Loop.Queue(this);
                return;
            }
            else
            {
                var read = Receive(Loop.Scratch);
                if (read <= 0)
                {
                    if (read != Native.Sockets.MustWait)
                    {
                        Abort();
                    }

                    return;
                }

                turn += read;
                upstream.Write(TakeBody(Loop.Scratch.AsSpan(0, read), out taken), []);
                Input.Append(Loop.Scratch.AsSpan(taken, read - taken), Loop.Buffers);
            }

            _worker.ExchangeTime.Set(this, Loop.Now);
            if (_requestBody.IsBroken)
            {
                BreakOff();
                return;
            }
        }
    }

    /// <summary>The request's body is not what its framing says: nothing of it can be trusted any more.</summary>
    private void BreakOff()
    {
        if (_isAnswering)
        {
            Abort();
            return;
        }

        _status = 400;
        Report(isComplete: false);
        DropUpstream();
        Refuse(400, "the request's body is not well-formed: chunks must follow RFC 9112 §7.1");
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

        if (IsLost || _responseBody.IsBroken)
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
            TryAgain(hasReached: true);
        }
    }

    /// <summary>Asks the policy for another backend, if the request may be sent again (RFC 9110 §9.2.2).</summary>
    private void TryAgain(bool hasReached)
    {
        var failed = _backend!;
        var mayRepeat = !_isBodyBegun && (!hasReached || _isIdempotent);
        if (mayRepeat && _upstream is { IsReused: true })
        {
            // A connection that waited in the pool may have been closed for its age; that says nothing of the backend.
            DropUpstream();
            Connect(isFresh: true);
            return;
        }

        failed.Failed(Loop.Now, _worker.Options);
        var choice = new Choice { Failed = failed, State = _state };
        if (mayRepeat && _attempts < _worker.Options.MaxAttempts && Again(ref choice) is { } next)
        {
            failed.Ended();
            DropUpstream();
            _attempts++;
            Accept(choice, next);
            Connect(isFresh: false);
            return;
        }

        FailWith(502, $"the backend could not be reached or ended without an answer");
    }

    private Backend? Again(ref Choice choice)
    {
        // The head as the backend was to get it names the same target, host and fields as the client's.
        var head = _worker.Request;
        if (head.TryRead(_request.Bytes, out var fault) && fault is null)
        {
            _worker.Policy.Choose(new RequestView(head, _request.Bytes, _peer), ref choice);
        }

        return choice.Backend;
    }

    private void TimeOut()
    {
        _backend!.Failed(Loop.Now, _worker.Options);
        FailWith(504, "the backend did not answer in time");
    }

    private void FailWith(int status, string text)
    {
        _status = status;
        Report(isComplete: false);
        DropUpstream();
        _closesAfter |= !_requestBody.IsDone;
        Answer(status, System.Text.Encoding.UTF8.GetBytes(text), [], []);
        AfterExchange();
    }

    private void Finish()
    {
        _backend!.Answered();
        Report(isComplete: true);
        var upstream = _upstream!;
        _upstream = null;
        if (_isReusable && _requestBody.IsDone && upstream is { HasInput: false, IsFlushed: true, IsPeerDone: false, IsLost: false })
        {
            _worker.PoolOf(_backend!).Return(upstream);
        }
        else
        {
            upstream.Close(resets: false);
        }

        AfterExchange();
    }

    private void AfterExchange()
    {
        _request.Clear(Loop.Buffers);
        _state = null;
        _responseFields = default;
        if (_closesAfter || !_requestBody.IsDone)
        {
            FinishClosing(lingers: !_requestBody.IsDone);
            return;
        }

        _phase = Phase.Head;
        _worker.IdleTime.Set(this, Loop.Now);
        if (HasInput || IsReadable)
        {
            Loop.Queue(this);
        }
    }

    private void DropUpstream()
    {
        var upstream = _upstream;
        _upstream = null;
        upstream?.Close(resets: true);
    }

    private void Report(bool isComplete)
    {
        _backend!.Ended();
        _request.Clear(Loop.Buffers);
        _worker.Policy.Ended(new ExchangeReport
        {
            Backend = _backend,
            State = _state,
            Status = _status,
            IsComplete = isComplete,
            Elapsed = Ticks() - _began,
            BytesIn = _bytesIn,
            BytesOut = _bytesOut,
        });
    }
}

using Gtc.Proxy.Http;

namespace Gtc.Proxy.Forwarding;

/// <summary>What becomes of a request whose backend did not answer.</summary>
internal sealed partial class ClientConnection
{
    // Backends that refuse one after the other before the next pause.
    private const int RefusalsInARow = 3;

    private static readonly byte[] Unreachable = "the backend could not be reached or ended without an answer"u8.ToArray();
    private static readonly byte[] TooSlow = "the backend did not answer in time"u8.ToArray();

    private int _refusals;

    /// <summary>How far a request got.</summary>
    private enum Reach : byte
    {
        /// <summary>Nowhere: this machine had no descriptor or port for it. That is no fault of the backend.</summary>
        Unsent,

        /// <summary>No connection was made.</summary>
        Refused,

        /// <summary>The backend may have seen it.</summary>
        Ended,
    }

    /// <summary>Asks the policy for another backend, if the request may be sent again (RFC 9110 §9.2.2).</summary>
    private void TryAgain(Reach reach)
    {
        var mayRepeat = !_isBodyBegun && (reach != Reach.Ended || _isIdempotent);
        var isReused = _upstream is { IsReused: true };
        DropUpstream();
        if (mayRepeat && isReused)
        {
            // A connection that waited in the pool may have been closed for its age; that says nothing of the backend.
            Connect(ConnectionNeed.Fresh);
            return;
        }

        if (reach != Reach.Unsent)
        {
            _backend!.Failed(Loop.Now, _worker.Options);
        }

        _lost += reach == Reach.Ended ? 1 : 0;
        _refusals++;
        if (!mayRepeat || _lost >= _worker.Options.MaxAttempts)
        {
            FailWith(502, Unreachable);
            return;
        }

        var choice = new Choice { Failed = _backend, State = _state };
        if (_refusals < RefusalsInARow && Again(ref choice) is { } next)
        {
            MoveTo(choice, next);
            return;
        }

        Hold();
    }

    /// <summary>Lets the request wait a moment: a backend that restarts listens again soon.</summary>
    private void Hold()
    {
        _heldSince = _heldSince == 0 ? Loop.Now : _heldSince;
        if (Loop.Now - _heldSince >= _worker.Options.HoldTimeout.TotalMilliseconds)
        {
            FailWith(502, Unreachable);
            return;
        }

        _worker.HoldTime.Set(this, Loop.Now);
    }

    /// <summary>Asks anew for a request that waits; the choice may be another one by now.</summary>
    private void AskAnew()
    {
        _refusals = 0;
        var choice = default(Choice);
        if (Again(ref choice) is { } next)
        {
            MoveTo(choice, next);
        }
        else
        {
            Hold();
        }
    }

    private void MoveTo(in Choice choice, Backend next)
    {
        if (next.Protocol == BackendProtocol.Http2)
        {
            HandOverAgain(choice);
            return;
        }

        _backend!.Ended();
        Accept(choice, next);
        Connect(_isIdempotent ? ConnectionNeed.Any : ConnectionNeed.Checked);
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
        if (!_requestBody.IsDone && _upstream!.IsFlushed)
        {
            // It is the client that was waited for.
            BreakOff(408, SlowBody);
            return;
        }

        _backend!.Failed(Loop.Now, _worker.Options);
        FailWith(504, TooSlow);
    }

    private void FailWith(int status, ReadOnlySpan<byte> text)
    {
        _status = status;
        Report(isComplete: false);
        DropUpstream();
        _closesAfter |= !_requestBody.IsDone;
        Answer(status, text, [], []);
        AfterExchange();
    }

    private void Finish()
    {
        _backend!.Answered();
        Report(isComplete: true);
        var upstream = _upstream!;
        _upstream = null;
        if (_isReusable && _requestBody.IsDone && upstream.IsQuiet)
        {
            upstream.Pool.Return(upstream);
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
        _isHeadRequest = false;
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
        if (!_isCounted)
        {
            return;
        }

        _isCounted = false;
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

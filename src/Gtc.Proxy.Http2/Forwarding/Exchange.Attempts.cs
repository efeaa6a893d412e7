using System.Net.Http;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;

namespace Gtc.Proxy.Http2.Forwarding;

/// <summary>How a request is sent, and what becomes of it when its backend does not answer: the same rules as for HTTP/1.1.</summary>
internal sealed partial class Exchange
{
    private const int RefusalsInARow = 3;
    private const int RefusedStream = 7;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(25);
    private static readonly byte[] Unreachable = "the backend could not be reached or ended without an answer"u8.ToArray();
    private static readonly byte[] TooSlow = "the backend did not answer in time"u8.ToArray();
    private static readonly byte[] NotHttp = "the backend's answer is not well-formed"u8.ToArray();
    private static readonly byte[] SlowBody = "the request's body did not arrive in time"u8.ToArray();
    private static readonly byte[] BrokenBody = "the request's body is not well-formed"u8.ToArray();

    private (int Status, byte[] Text)? _failure;
    private Reach _reach;
    private int _lost;
    private int _refusals;
    private long _heldSince;

    /// <summary>How far a request got.</summary>
    private enum Reach
    {
        /// <summary>Nowhere: this machine had no descriptor or port for it. That is no fault of the backend.</summary>
        Unsent,

        /// <summary>No connection was made, or the backend said that it did nothing with it.</summary>
        Refused,

        /// <summary>The backend may have seen it.</summary>
        Ended,
    }

    /// <summary>Sends it to the backend that was chosen.</summary>
    /// <returns>The answer, its body not read yet; null when there is none, and <see cref="_failure"/> or <see cref="_reach"/> says why.</returns>
    private async Task<HttpResponseMessage?> SendAsync(CancellationToken cancellationToken)
    {
        // A request that must not be sent twice has a body even when that is empty: the client then never repeats it by itself.
        var content = HasBody || !_isIdempotent ? _body.AsContent(cancellationToken) : null;
        var hop = _handed is { IsPrepared: true } ? null
            : new RequestMessage.Hop(_connection.Peer.ToAddress().ToString(), _forwarder.Policy.Trusts(_connection.Peer), _connection.IsHttp2 ? "2 gtc" : "1.1 gtc");
        var message = RequestMessage.Of(_text, content, _backend!, hop);
        Progress();
        try
        {
            // Not disposed of: its body may go on while the answer comes.
            return await _forwarder.Clients.Of(_backend!).SendAsync(message, cancellationToken);
        }
        catch (Exception error) when (error is HttpRequestException or SocketException or OperationCanceledException or IOException or BadHttpRequestException or ObjectDisposedException)
        {
            _context.RequestAborted.ThrowIfCancellationRequested();
            Judge(error);
            return null;
        }
    }

    private void Judge(Exception error)
    {
        if (_body.IsBroken)
        {
            _failure = (400, BrokenBody);
        }
        else if (_body.IsTooSlow || (_silence.IsCancellationRequested && _body.IsAwaited))
        {
            _failure = (408, SlowBody);
        }
        else if (_silence.IsCancellationRequested)
        {
            Fail();
            _failure = (504, TooSlow);
        }
        else if (error is HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded })
        {
            Fail();
            _failure = (502, NotHttp);
        }
        else
        {
            _reach = ReachOf(error);
        }
    }

    private static Reach ReachOf(Exception error) =>
        error.InnerException is SocketException { SocketErrorCode: SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable or SocketError.AddressNotAvailable } ? Reach.Unsent

        // Cancelled, and not by this side: no connection within its time. Disposed: the backend was forgotten a moment ago. A bare socket error: the
        // connection was reset before it was used.
        : error is OperationCanceledException or ObjectDisposedException or SocketException
            || error is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError }
            || error.InnerException is HttpProtocolException { ErrorCode: RefusedStream } ? Reach.Refused
        : Reach.Ended;

    private void Fail() => _backend!.Failed(Environment.TickCount64, _forwarder.Options);

    /// <summary>Asks the policy for another backend, if the request may be sent again (RFC 9110 §9.2.2).</summary>
    private async Task<bool> TakeNextAsync()
    {
        var mayRepeat = !_body.IsBegun && (_reach != Reach.Ended || _isIdempotent);
        if (_reach != Reach.Unsent)
        {
            Fail();
        }

        _lost += _reach == Reach.Ended ? 1 : 0;
        _refusals++;
        if (!mayRepeat || _lost >= _forwarder.Options.MaxAttempts)
        {
            return false;
        }

        var choice = _refusals < RefusalsInARow ? Choose(new Choice { Failed = _backend, State = _state }) : default;
        if (choice.Backend is { } next)
        {
            Accept(choice, next);
            return true;
        }

        return await HoldAsync();
    }

    /// <summary>Lets the request wait: a backend that restarts listens again soon.</summary>
    private async Task<bool> HoldAsync()
    {
        _heldSince = _heldSince == 0 ? Environment.TickCount64 : _heldSince;
        while (Environment.TickCount64 - _heldSince < _forwarder.Options.HoldTimeout.TotalMilliseconds)
        {
            await Task.Delay(Pause, _context.RequestAborted);
            _refusals = 0;
            var choice = Choose(default);
            if (choice.Backend is { } next)
            {
                Accept(choice, next);
                return true;
            }
        }

        return false;
    }
}

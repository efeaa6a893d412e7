using System.Diagnostics;
using System.Text;
using Gtc.Proxy.Http;
using Gtc.Proxy.Http2.Serving;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Gtc.Proxy.Http2.Forwarding;

/// <summary>One request: it goes to a backend, its answer comes back.</summary>
internal sealed partial class Exchange : IDisposable
{
    private readonly Forwarder _forwarder;
    private readonly HttpContext _context;
    private readonly HandedContext _connection;
    private readonly HandedConnection? _handed;
    private readonly RequestText _text;
    private readonly ClientBody _body;
    private readonly CancellationTokenSource _silence;
    private readonly bool _isIdempotent;
    private readonly long _began = Stopwatch.GetTimestamp();
    private Backend? _backend;
    private object? _state;
    private ReadOnlyMemory<byte> _responseFields;
    private bool _isCounted;
    private int _status;
    private long _bytesOut;

    public Exchange(Forwarder forwarder, HttpContext context, HandedContext connection)
    {
        var request = context.Request;
        _forwarder = forwarder;
        _context = context;
        _connection = connection;
        _handed = connection.TakeFirst();
        _text = new RequestText(request, connection.Peer);
        _silence = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        var isConversation = request.ContentType?.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase) ?? false;
        _body = new ClientBody(request.Body, HasBody ? request.ContentLength : 0, forwarder.Options, isConversation, Progress);
        _isIdempotent = HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method)
            || HttpMethods.IsPut(request.Method) || HttpMethods.IsDelete(request.Method) || HttpMethods.IsTrace(request.Method);
    }

    /// <summary>Whether the client has ended it, so that nothing it threw is a fault of this proxy.</summary>
    public bool IsClientGone => _context.RequestAborted.IsCancellationRequested;

    private bool HasBody => _context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody ?? false;

    /// <summary>Handles it to its end.</summary>
    public async Task RunAsync()
    {
        if (Refusal() is { } refusal)
        {
            await ReplyAsync(refusal.Status, Encoding.UTF8.GetBytes(refusal.Text), default, default);
            return;
        }

        var choice = _handed?.First ?? Choose(default);
        if (choice.Backend is not { } backend)
        {
            await ReplyAsync(choice.Status is >= 200 and < 600 ? choice.Status : 500, choice.Text, choice.ContentType, choice.ResponseFields);
            return;
        }

        Accept(choice, backend);
        while (true)
        {
            if (await TryAsync())
            {
                return;
            }

            if (_failure is { } failure)
            {
                _status = failure.Status;
                Report(isComplete: false);
                await ReplyAsync(failure.Status, failure.Text, default, default);
                return;
            }

            if (!await TakeNextAsync())
            {
                _status = 502;
                Report(isComplete: false);
                await ReplyAsync(502, Unreachable, default, default);
                return;
            }
        }
    }

    private async Task<bool> TryAsync()
    {
        using var attempt = CancellationTokenSource.CreateLinkedTokenSource(_silence.Token);
        try
        {
            using var response = await SendAsync(attempt.Token);
            if (response is not null)
            {
                await AnswerAsync(response, attempt.Token);
            }

            return response is not null;
        }
        finally
        {
            // Whatever became of it, the client is not read from for it any more: another attempt may follow, or another request.
            await attempt.CancelAsync();
            await _body.SettleAsync();
        }
    }

    /// <summary>Ends at once, so that the client sees that something is missing.</summary>
    public void Abort()
    {
        Report(isComplete: false);
        if (_context.Features.Get<IHttpResetFeature>() is { } stream)
        {
            const int InternalError = 2;
            stream.Reset(InternalError);
        }
        else
        {
            _context.Abort();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _silence.Dispose();
        _text.Dispose();
    }

    private (int Status, string Text)? Refusal()
    {
        if (HttpMethods.IsConnect(_context.Request.Method))
        {
            return (501, "CONNECT, and with it WebSocket over HTTP/2, is not offered; use HTTP/1.1");
        }

        if (_text.Fault is { } fault)
        {
            return HeadFaults.AnswerTo(fault);
        }

        var head = _text.Read();
        return head.Upgrades ? (501, "other protocols, e.g. WebSocket, need a connection of their own")
            : head.PathLength == 1 && _text.Bytes[head.PathStart] == '*' ? (501, "OPTIONS * is not forwarded by HTTP/2")
            : null;
    }

    private Choice Choose(Choice choice)
    {
        _text.Choose(_forwarder.Policy, ref choice);
        return choice;
    }

    private void Accept(in Choice choice, Backend backend)
    {
        _backend?.Ended();
        _backend = backend;
        _state = choice.State;
        _responseFields = choice.ResponseFields;
        _isCounted = true;
        backend.Began();
    }

    private void Progress()
    {
        try
        {
            _silence.CancelAfter(_forwarder.Options.UpstreamTimeout);
        }
        catch (ObjectDisposedException)
        {
            // A body that is read behind the end of the exchange.
        }
    }

    private void Report(bool isComplete)
    {
        if (!_isCounted)
        {
            return;
        }

        _isCounted = false;
        _backend!.Ended();
        _forwarder.Policy.Ended(new ExchangeReport
        {
            Backend = _backend,
            State = _state,
            Status = _status,
            IsComplete = isComplete,
            Elapsed = Stopwatch.GetTimestamp() - _began,
            BytesIn = _body.Count,
            BytesOut = _bytesOut,
        });
    }
}

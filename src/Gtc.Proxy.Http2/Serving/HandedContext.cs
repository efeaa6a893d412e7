using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace Gtc.Proxy.Http2.Serving;

/// <summary>A connection as Kestrel sees it: what was read before it was handed over comes first.</summary>
internal sealed class HandedContext : ConnectionContext
{
    private readonly ConnectionContext _inner;
    private readonly Action _ended;
    private HandedConnection? _first;

    public HandedContext(ConnectionContext inner, HandedConnection handed, Action ended)
    {
        _inner = inner;
        _ended = ended;
        _first = handed.First is null ? null : handed;
        Peer = handed.Peer;
        IsHttp2 = handed.IsHttp2;
        Transport = new Pipes(PipeReader.Create(new HandedStream(handed.Received, inner.Transport.Input.AsStream())), inner.Transport.Output);
        inner.Features.Set(this);
    }

    /// <summary>Who is at the other end.</summary>
    public PeerAddress Peer { get; }

    /// <summary>What is spoken.</summary>
    public bool IsHttp2 { get; }

    /// <inheritdoc/>
    public override string ConnectionId
    {
        get => _inner.ConnectionId;
        set => _inner.ConnectionId = value;
    }

    /// <inheritdoc/>
    public override IFeatureCollection Features => _inner.Features;

    /// <inheritdoc/>
    public override IDictionary<object, object?> Items
    {
        get => _inner.Items;
        set => _inner.Items = value;
    }

    /// <inheritdoc/>
    public override IDuplexPipe Transport { get; set; }

    /// <inheritdoc/>
    public override CancellationToken ConnectionClosed
    {
        get => _inner.ConnectionClosed;
        set => _inner.ConnectionClosed = value;
    }

    /// <inheritdoc/>
    public override EndPoint? LocalEndPoint
    {
        get => _inner.LocalEndPoint;
        set => _inner.LocalEndPoint = value;
    }

    /// <inheritdoc/>
    public override EndPoint? RemoteEndPoint
    {
        get => _inner.RemoteEndPoint;
        set => _inner.RemoteEndPoint = value;
    }

    /// <summary>What was chosen before the connection was handed over, for its first request alone.</summary>
    public HandedConnection? TakeFirst() => Interlocked.Exchange(ref _first, null);

    /// <inheritdoc/>
    public override void Abort(ConnectionAbortedException abortReason) => _inner.Abort(abortReason);

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await Transport.Input.CompleteAsync();
        await _inner.DisposeAsync();
        await base.DisposeAsync();
        _ended();
    }

    private sealed record Pipes(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}

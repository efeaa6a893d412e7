using System.Buffers;
using System.Net;
using Microsoft.AspNetCore.Http;

namespace Gtc.Proxy.Http2.Forwarding;

/// <summary>The body of a request while it is passed on.</summary>
/// <param name="body">Where it comes from.</param>
/// <param name="length">How long it is, or null when nobody has said.</param>
/// <param name="options">Bounds and times.</param>
/// <param name="isConversation">Whether its sender may take its time, as in the calls of gRPC.</param>
/// <param name="progress">Called when bytes come or go.</param>
internal sealed class ClientBody(Stream body, long? length, ProxyOptions options, bool isConversation, Action progress)
{
    private const int ChunkLength = 16 * 1024;

    private Task _copying = Task.CompletedTask;
    private long _waited;

    /// <summary>Bytes that came.</summary>
    public long Count { get; private set; }

    /// <summary>Whether some of it was read, so that it cannot be sent again.</summary>
    public bool IsBegun => Count > 0;

    /// <summary>Whether it is the client that is waited for, or was when the exchange ran out of time.</summary>
    public bool IsAwaited { get; private set; }

    /// <summary>Whether it came too slowly.</summary>
    public bool IsTooSlow { get; private set; }

    /// <summary>Whether it is not well-formed.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Whether the answer has begun: what still comes is a conversation and may take its time.</summary>
    public bool IsAnswered { get; set; }

    /// <summary>It, as the content of one attempt.</summary>
    /// <param name="attempt">Ends the attempt; the client then is not read from any more.</param>
    public HttpContent AsContent(CancellationToken attempt) => new Content(this, attempt);

    /// <summary>Waits until an attempt that was cancelled reads no more.</summary>
    public Task SettleAsync() => _copying;

    private async Task CopyAsync(Stream target, CancellationToken cancellationToken)
    {
        // The head goes at once; the body may be long in coming.
        await target.FlushAsync(cancellationToken);
        var buffer = ArrayPool<byte>.Shared.Rent(ChunkLength);
        try
        {
            while (await ReadAsync(buffer, cancellationToken) is > 0 and var read)
            {
                await target.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                await target.FlushAsync(cancellationToken);
                progress();
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async ValueTask<int> ReadAsync(byte[] buffer, CancellationToken cancellationToken)
    {
        var since = Environment.TickCount64;
        IsAwaited = true;
        try
        {
            var read = await body.ReadAsync(buffer, cancellationToken);
            IsAwaited = false;
            _waited += Environment.TickCount64 - since;
            Count += read;
            progress();
            if (read > 0 && !IsAnswered && !isConversation && _waited > options.BodyGrace.TotalMilliseconds && Count * 1000 < _waited * options.MinBodyRate)
            {
                IsTooSlow = true;
                throw new IOException("the body comes too slowly");
            }

            return read;
        }
        catch (BadHttpRequestException)
        {
            IsBroken = true;
            throw;
        }
    }

    private sealed class Content(ClientBody owner, CancellationToken attempt) : HttpContent
    {
        private readonly ClientBody _owner = owner;

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _owner._copying = ended.Task;
            using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, attempt);
            try
            {
                await _owner.CopyAsync(stream, both.Token);
            }
            finally
            {
                ended.SetResult();
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = _owner.Length ?? 0;
            return _owner.Length is not null;
        }
    }

    private long? Length => length;
}

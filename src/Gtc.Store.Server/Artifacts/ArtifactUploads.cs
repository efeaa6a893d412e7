using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Gtc.Model;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Net.Http.Headers;

namespace Gtc.Store.Server;

/// <summary>A request that carries bytes, of a caller who may send them.</summary>
/// <param name="Context">The request.</param>
/// <param name="Caller">Who sends.</param>
internal sealed record UploadCall(HttpContext Context, Caller Caller);

/// <summary>
/// Receives artifacts. The digest is computed while the bytes arrive, and what has another one is thrown away. What was received before a request
/// was cut stays, for the same caller to go on with.
/// </summary>
internal sealed partial class ArtifactUploads(StoreServerOptions options, ServerMeter meter, ILogger logger)
{
    private const int BlockBytes = 256 << 10;

    private static readonly TimeSpan CollectAgain = TimeSpan.FromHours(1);

    private readonly Lock _gate = new();
    private long? _collectedAt;
    private long _expected;

    /// <summary>The upload of a caller.</summary>
    public static UploadName NameOf(Sha256Digest artifact, Caller caller) =>
        new(artifact, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{caller.Actor.Kind} {caller.Actor.User}")).AsSpan(0, 8)));

    /// <summary>Answers.</summary>
    public async Task<Reply> AnswerAsync(UploadCall call)
    {
        var cancellation = call.Context.RequestAborted;
        if (!ArtifactRoutes.DigestOf(call.Context.Request).TryGet(out var digest, out var refusal) || !PartOf(call.Context.Request).TryGet(out var part, out refusal))
        {
            return Reply.Of(Problem.Of(refusal));
        }

        if (part.Total > options.MaxArtifactBytes)
        {
            return Reply.Of(Problem.Of(ProblemKind.TooLarge, $"an artifact has at most {options.MaxArtifactBytes:N0} bytes here"));
        }

        await CollectAsync(cancellation);
        if (!(await options.Storage.Artifacts.FindAsync(digest, cancellation)).TryGet(out var there, out refusal))
        {
            return Reply.Of(Problem.Of(refusal));
        }

        if (there is { } size)
        {
            if (!(await options.Storage.Artifacts.TouchAsync(digest, cancellation)).TryGet(out var isKept, out refusal))
            {
                return Reply.Of(Problem.Of(refusal));
            }

            // What went since it was found is sent again.
            if (isKept)
            {
                return Stored(200, digest, size);
            }
        }

        using var room = new Room(this, part.Count);
        if (await WhyFullAsync(part.Count, cancellation) is { } full)
        {
            return full;
        }

        if (!(await options.Storage.Artifacts.ContinueAsync(NameOf(digest, call.Caller), cancellation)).TryGet(out var upload, out refusal))
        {
            return Reply.Of(Problem.Of(refusal));
        }

        await using (upload)
        {
            return await ReceiveAsync(call, digest, part, upload, room);
        }
    }

    /// <summary>Why there is no room for the bytes of a request; null when there is. What other requests may still bring is counted, so several at once do not go over the bound together.</summary>
    private async Task<Reply?> WhyFullAsync(long count, CancellationToken cancellationToken)
    {
        if (options.MaxArtifactsTotalBytes is not { } most)
        {
            return null;
        }

        if (!(await options.Storage.Artifacts.UsageAsync(cancellationToken)).TryGet(out var usage, out var refusal))
        {
            return Reply.Of(Problem.Of(refusal));
        }

        var used = usage.Bytes + usage.UploadBytes + Interlocked.Read(ref _expected) - count;
        if (used + count <= most)
        {
            return null;
        }

        var full = Problem.Of(ProblemKind.TooLarge, $"{used:N0} of {most:N0} bytes for artifacts are in use or on their way, so there is no room for {count:N0} more: gtc store artifacts prune");
        full.Members["used_bytes"] = used;
        full.Members["limit_bytes"] = most;
        return Reply.Of(full);
    }

    private async Task<Reply> ReceiveAsync(UploadCall call, Sha256Digest digest, Part part, IArtifactUpload upload, Room room)
    {
        var cancellation = call.Context.RequestAborted;
        if (part.From == 0 && upload.Length > 0 && await upload.RestartAsync(cancellation) is { } kept)
        {
            return Reply.Of(Problem.Of(kept));
        }

        if (part.From != upload.Length)
        {
            return Misplaced(upload.Length, part.From);
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        if (await upload.AddToAsync(hash, cancellation) is { } unread)
        {
            return Reply.Of(Problem.Of(unread));
        }

        if (await CopyAsync(call.Context, part, upload, hash, room) is { } unwritten)
        {
            // Of a conflict the caller learns where to go on; it may be one with an earlier try of its own.
            return unwritten is Refusal.Conflict && (await options.Storage.Artifacts.ReceivedAsync(NameOf(digest, call.Caller), cancellation)).TryGet(out var received, out _)
                ? Misplaced(received, part.From)
                : Reply.Of(Problem.Of(unwritten));
        }

        return upload.Length < part.Total
            ? new Reply(202, default) { Fields = [(ArtifactRoutes.OffsetField, ArtifactRoutes.Text(upload.Length))] }
            : await FinishAsync(call.Caller, digest, Sha256Digest.FromBytes(hash.GetHashAndReset()), upload);
    }

    private async Task<Refusal?> CopyAsync(HttpContext context, Part part, IArtifactUpload upload, IncrementalHash hash, Room room)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = part.Count;
        }

        var block = new byte[BlockBytes];
        while (await context.Request.Body.ReadAtLeastAsync(block, block.Length, throwOnEndOfStream: false, context.RequestAborted) is > 0 and var read)
        {
            hash.AppendData(block, 0, read);
            meter.CountReceived(read);
            if (await upload.AppendAsync(block.AsMemory(0, read), context.RequestAborted) is { } unwritten)
            {
                return unwritten;
            }

            room.Arrived(read);
        }

        return null;
    }

    /// <summary>Not with the caller's own token: bytes that have all arrived are put in place or thrown away.</summary>
    private async Task<Reply> FinishAsync(Caller caller, Sha256Digest digest, Sha256Digest found, IArtifactUpload upload)
    {
        if (found != digest)
        {
            meter.CountArtifact(isWhole: false);
            return Reply.Of(await upload.DiscardAsync(CancellationToken.None) is { } kept
                ? Problem.Of(kept)
                : new Problem(ProblemKind.IntegrityMismatch.Name, ProblemKind.IntegrityMismatch.Status, new JsonObject { ["expected"] = digest.ToString(), ["actual"] = found.ToString() }));
        }

        var size = upload.Length;
        if (await upload.PutInPlaceAsync(CancellationToken.None) is { } refusal)
        {
            return Reply.Of(Problem.Of(refusal));
        }

        meter.CountArtifact(isWhole: true);
        Log.Stored(logger, digest.ToString(), size, caller.Actor.User ?? caller.Actor.Kind);
        return Stored(201, digest, size);
    }

    /// <summary>Now and then, on the way: an upload that nobody goes on with takes room and does no other harm.</summary>
    private async Task CollectAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_collectedAt is { } before && options.Time.GetElapsedTime(before) < CollectAgain)
            {
                return;
            }

            _collectedAt = options.Time.GetTimestamp();
        }

        if ((await options.Storage.Artifacts.CollectAsync(options.Time.GetUtcNow() - options.UploadAge, cancellationToken)).TryGet(out var removed, out var refusal))
        {
            if (removed > 0)
            {
                Log.Collected(logger, removed, options.UploadAge.TotalHours);
            }
        }
        else
        {
            Log.Uncollected(logger, refusal.Message);
        }
    }

    private static Reply Misplaced(long received, long from) =>
        Reply.Of(Problem.Of(ProblemKind.Conflict, $"{received} bytes of this upload have arrived, so it goes on there and not at {from}")) with { Fields = [(ArtifactRoutes.OffsetField, ArtifactRoutes.Text(received))] };

    private static Reply Stored(int status, Sha256Digest digest, long size) => Reply.Object(status, writer =>
    {
        writer.WriteString("digest", digest.ToString());
        writer.WriteNumber("size_bytes", size);
    }) with { Etag = digest.Hex };

    /// <summary>Which bytes the request carries.</summary>
    private static Outcome<Part> PartOf(HttpRequest request)
    {
        if (request.ContentLength is not { } count)
        {
            return new Refusal.InvalidArgument("Content-Length must say how many bytes are sent");
        }

        if (request.Headers.ContentRange.Count == 0)
        {
            return new Part(0, count, count);
        }

        return ContentRangeHeaderValue.TryParse(request.Headers.ContentRange.ToString(), out var range) && range is { Unit.Value: "bytes", Length: { } total }
            && (range.HasRange ? range.To - range.From + 1 : 0) == count
            ? new Part(range.From ?? total, count, total)
            : new Refusal.InvalidArgument("Content-Range must be `bytes FIRST-LAST/TOTAL`, or `bytes */TOTAL` when all have arrived, and Content-Length the number of bytes in it");
    }

    /// <summary>The bytes that a request may still bring.</summary>
    private sealed class Room : IDisposable
    {
        private readonly ArtifactUploads _uploads;
        private long _left;

        public Room(ArtifactUploads uploads, long count)
        {
            (_uploads, _left) = (uploads, count);
            Interlocked.Add(ref uploads._expected, count);
        }

        public void Arrived(long count)
        {
            _left -= count;
            Interlocked.Add(ref _uploads._expected, -count);
        }

        public void Dispose() => Arrived(_left);
    }

    /// <param name="From">The first byte.</param>
    /// <param name="Count">How many bytes.</param>
    /// <param name="Total">How many bytes the artifact has.</param>
    private readonly record struct Part(long From, long Count, long Total);

    private static partial class Log
    {
        [LoggerMessage(5095, LogLevel.Information, "Artifact {Artifact} of {Size} bytes was put by {Caller}")]
        public static partial void Stored(ILogger logger, string artifact, long size, string caller);

        [LoggerMessage(5096, LogLevel.Information, "Removed {Count} uploads to which nothing was added for {Hours} hours")]
        public static partial void Collected(ILogger logger, int count, double hours);

        [LoggerMessage(5097, LogLevel.Error, "Abandoned uploads could not be removed: {Why}")]
        public static partial void Uncollected(ILogger logger, string why);
    }
}

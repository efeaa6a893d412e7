using System.Globalization;
using System.Net.Http.Headers;
using Gtc.Model;
using Microsoft.AspNetCore.Http;

namespace Gtc.Store.Server;

/// <summary>
/// Bytes by their digest: bundles on their way between operators and workers. Whoever is known may read, since who knows a digest was told of the
/// artifact; who may stage revisions somewhere may add.
/// </summary>
internal static class ArtifactRoutes
{
    /// <summary>The field of an answer that says how many bytes of the caller's upload have arrived.</summary>
    public const string OffsetField = "Upload-Offset";

    /// <summary>What artifacts are to HTTP.</summary>
    public const string MediaType = "application/octet-stream";

    private const string Noun = "artifacts";
    private const string One = "/artifacts/{digest}";
    private const int BlockBytes = 256 << 10;

    /// <summary>The routes.</summary>
    public static IReadOnlyList<StoreRoute> All { get; } =
    [
        new ReadRoute { Method = "GET", Path = One, Noun = Noun, Verb = "get", Summary = "The bytes of an artifact, all or those of one range", Answer = GetAsync, MediaType = MediaType, Waits = true },
        new ReadRoute { Method = "HEAD", Path = One, Noun = Noun, Verb = "head", Summary = "Whether an artifact is there; when it is not, Upload-Offset says how far the caller's upload got", Answer = HeadAsync },
        new UploadRoute
        {
            Method = "PUT",
            Path = One,
            Noun = Noun,
            Verb = "put",
            Summary = "Takes the bytes of an artifact; with Content-Range it goes on where an upload was cut (Upload-Offset says where)",
            Right = ("revisions", "stage"),
            Answer = static (uploads, call) => uploads.AnswerAsync(call),
        },
    ];

    /// <summary>The artifact that a path names.</summary>
    public static Outcome<Sha256Digest> DigestOf(HttpRequest request) => Sha256Digest.TryParse(request.RouteValues["digest"] as string, out var digest)
        ? digest
        : new Refusal.InvalidArgument($"digest in the path must be {Sha256Digest.Expectation}");

    /// <summary>That an artifact is not there, and how far the caller's upload got.</summary>
    public static Reply Absent(Sha256Digest digest, long received) =>
        Reply.Of(Problem.Of(ProblemKind.DependentNotFound, $"artifact {digest} is not here")) with { Fields = [(OffsetField, Text(received))] };

    /// <summary>A number in a field.</summary>
    public static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static async Task<Reply> HeadAsync(ReadCall call)
    {
        var cancellation = call.Request.HttpContext.RequestAborted;
        if (!DigestOf(call.Request).TryGet(out var digest, out var refusal) || !(await call.Storage.Artifacts.FindAsync(digest, cancellation)).TryGet(out var size, out refusal))
        {
            return Reply.Of(Problem.Of(refusal));
        }

        if (size is { } whole)
        {
            // Who asks by this route is about to refer to it, so what went since it was found is not here.
            if (!(await call.Storage.Artifacts.TouchAsync(digest, cancellation)).TryGet(out var isKept, out refusal))
            {
                return Reply.Of(Problem.Of(refusal));
            }

            if (isKept)
            {
                return new Reply(200, default) { Streamed = new(MediaType, whole, static (_, _) => Task.CompletedTask), Etag = digest.Hex, Fields = [("Accept-Ranges", "bytes")] };
            }
        }

        return (await call.Storage.Artifacts.ReceivedAsync(ArtifactUploads.NameOf(digest, call.Caller), cancellation)).Match(received => Absent(digest, received), unknown => Reply.Of(Problem.Of(unknown)));
    }

    private static async Task<Reply> GetAsync(ReadCall call)
    {
        var cancellation = call.Request.HttpContext.RequestAborted;
        if (!DigestOf(call.Request).TryGet(out var digest, out var refusal) || !(await call.Storage.Artifacts.FindAsync(digest, cancellation)).TryGet(out var size, out refusal))
        {
            return Reply.Of(Problem.Of(refusal));
        }

        if (size is not { } whole)
        {
            return Reply.Of(Problem.Of(ProblemKind.DependentNotFound, $"artifact {digest} is not here"));
        }

        if (ReadRoutes.Has(call.Request, digest.Hex))
        {
            return new Reply(304, default) { Etag = digest.Hex };
        }

        var asked = Range(call.Request, digest);
        var from = asked is null ? 0 : asked.From ?? Math.Max(0, whole - asked.To!.Value);
        var end = asked is { From: not null, To: { } to } ? Math.Min(whole, to + 1) : whole;
        if (asked is not null && from >= end)
        {
            return Reply.Of(Problem.Of(ProblemKind.RangeNotSatisfiable, $"artifact {digest} has {whole} bytes")) with { Fields = [("Content-Range", $"bytes */{Text(whole)}")] };
        }

        return (await call.Storage.Artifacts.OpenAsync(digest, from, cancellation)).Match(
            bytes => new Reply(asked is null ? 200 : 206, default)
            {
                Etag = digest.Hex,
                Streamed = new(MediaType, end - from, (body, stop) => CopyAsync(bytes, end - from, body, call.Meter, stop)),
                Fields = asked is null ? [("Accept-Ranges", "bytes")] : [("Accept-Ranges", "bytes"), ("Content-Range", $"bytes {Text(from)}-{Text(end - 1)}/{Text(whole)}")],
            },
            unreadable => Reply.Of(Problem.Of(unreadable)));
    }

    /// <summary>The one range that is asked for; null for all of it, which is also the answer to a range that cannot be read (RFC 9110 §14.2).</summary>
    private static RangeItemHeaderValue? Range(HttpRequest request, Sha256Digest digest)
    {
        var condition = request.Headers.IfRange.ToString();
        return (condition.Length == 0 || condition == $"\"{digest.Hex}\"")
            && RangeHeaderValue.TryParse(request.Headers.Range.ToString(), out var range) && range is { Unit: "bytes", Ranges.Count: 1 }
            ? range.Ranges.Single()
            : null;
    }

    private static async Task CopyAsync(Stream bytes, long count, Stream body, ServerMeter meter, CancellationToken cancellationToken)
    {
        await using (bytes)
        {
            var block = new byte[BlockBytes];
            while (count > 0)
            {
                var read = await bytes.ReadAsync(block.AsMemory(0, (int)Math.Min(block.Length, count)), cancellationToken);
                if (read == 0)
                {
                    throw new EndOfStreamException("An artifact is shorter than it was.");
                }

                await body.WriteAsync(block.AsMemory(0, read), cancellationToken);
                meter.CountSent(read);
                count -= read;
            }
        }
    }
}

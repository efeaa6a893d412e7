using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Headers;
using Microsoft.Net.Http.Headers;

namespace Gtc.Artifacts.Distributor;

/// <summary>What a request's conditions and its range ask for, in the order of RFC 9110 §13.2.2.</summary>
internal static class Preconditions
{
    /// <summary>Decides the answer.</summary>
    /// <param name="request">The request.</param>
    /// <param name="tag">The file's strong entity tag.</param>
    /// <param name="modified">Its last modification, whole seconds.</param>
    /// <param name="size">Its size in bytes.</param>
    public static Answer Evaluate(HttpRequest request, EntityTagHeaderValue tag, DateTimeOffset modified, long size)
    {
        var headers = request.GetTypedHeaders();
        if (request.Headers.IfMatch.Count > 0
            ? !Matches(headers.IfMatch, tag, strong: true)
            : headers.IfUnmodifiedSince is { } unmodified && modified > unmodified)
        {
            return new Answer(StatusCodes.Status412PreconditionFailed);
        }

        if (request.Headers.IfNoneMatch.Count > 0
            ? Matches(headers.IfNoneMatch, tag, strong: false)
            : headers.IfModifiedSince is { } since && modified <= since)
        {
            return new Answer(StatusCodes.Status304NotModified);
        }

        // Ranges are defined for GET only (§14.2).
        return HttpMethods.IsGet(request.Method) && RangeApplies(request, headers, tag, modified)
            ? EvaluateRange(headers.Range, size)
            : Answer.Whole(size);
    }

    private static bool Matches(IList<EntityTagHeaderValue> candidates, EntityTagHeaderValue tag, bool strong) =>
        candidates.Any(candidate => candidate.Equals(EntityTagHeaderValue.Any) || candidate.Compare(tag, strong));

    // An If-Range that cannot be read, or that names another state, asks for the whole.
    private static bool RangeApplies(HttpRequest request, RequestHeaders headers, EntityTagHeaderValue tag, DateTimeOffset modified) =>
        request.Headers.IfRange.Count == 0
        || headers.IfRange is { } condition
        && (condition.EntityTag?.Compare(tag, useStrongComparison: true) ?? (condition.LastModified == modified));

    /// <summary>One range is served; several, or one that cannot be read, get the whole, as §14.2 allows.</summary>
    private static Answer EvaluateRange(RangeHeaderValue? header, long size)
    {
        if (header is null || !header.Unit.Equals("bytes", StringComparison.OrdinalIgnoreCase) || header.Ranges.Count != 1)
        {
            return Answer.Whole(size);
        }

        var range = header.Ranges.Single();
        var from = range.From ?? Math.Max(0, size - range.To!.Value);
        var to = range.From is null ? size - 1 : Math.Min(range.To ?? long.MaxValue, size - 1);
        return from > to
            ? new Answer(StatusCodes.Status416RangeNotSatisfiable)
            : new Answer(StatusCodes.Status206PartialContent, from, to - from + 1);
    }
}

/// <summary>A status, and the part of the file that goes with it.</summary>
internal readonly record struct Answer(int Status, long Offset = 0, long Length = 0)
{
    public static Answer Whole(long size) => new(StatusCodes.Status200OK, 0, size);
}

using System.Buffers;
using System.Globalization;
using Gtc.Artifacts.Sources;
using Gtc.Model;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Gtc.Artifacts.Distributor;

/// <summary>Answers with a file, or with the part of it that was asked for.</summary>
internal static class FileResponse
{
    private const int BufferBytes = 256 * 1024;

    public static async Task WriteAsync(HttpContext context, RegularFile file, Sha256Digest digest)
    {
        var size = file.Stamp.Size;
        var tag = new EntityTagHeaderValue($"\"{digest}\"");
        var modified = DateTimeOffset.FromUnixTimeSeconds(file.Stamp.Modified / 1_000_000_000);
        var answer = Preconditions.Evaluate(context.Request, tag, modified, size);

        var response = context.Response;
        response.StatusCode = answer.Status;
        var headers = response.Headers;
        headers.ETag = tag.ToString();
        headers.LastModified = modified.ToString("R", CultureInfo.InvariantCulture);
        headers.AcceptRanges = "bytes";
        // A path may be given other bytes at any time; whoever keeps a copy asks first.
        headers.CacheControl = "no-cache";
        headers["Repr-Digest"] = $"sha-256=:{Convert.ToBase64String(Convert.FromHexString(digest.Hex))}:";
        switch (answer.Status)
        {
            case StatusCodes.Status416RangeNotSatisfiable:
                headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes */{size}");
                return;
            case StatusCodes.Status206PartialContent:
                headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes {answer.Offset}-{answer.Offset + answer.Length - 1}/{size}");
                break;
            case not StatusCodes.Status200OK:
                return;
        }

        headers.ContentType = "application/octet-stream";
        headers.XContentTypeOptions = "nosniff";
        headers.ContentLength = answer.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await CopyAsync(context, file, answer);
        }
    }

    private static async Task CopyAsync(HttpContext context, RegularFile file, Answer answer)
    {
        var cancellationToken = context.RequestAborted;
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            for (long offset = answer.Offset, end = answer.Offset + answer.Length; offset < end;)
            {
                var wanted = (int)Math.Min(BufferBytes, end - offset);
                var count = await RandomAccess.ReadAsync(file.Handle, buffer.AsMemory(0, wanted), offset, cancellationToken);
                offset += count;
                // Bytes of another state under this state's tag must not look complete: the last part is withheld and the connection cut.
                if (count == 0 || (offset == end && !file.IsUnchanged))
                {
                    context.Abort();
                    return;
                }

                await context.Response.Body.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}

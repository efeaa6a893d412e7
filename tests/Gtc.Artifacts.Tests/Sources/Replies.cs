using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Gtc.Artifacts.Tests.Sources;

/// <summary>Honest and less honest ways to answer with bytes.</summary>
internal static class Replies
{
    /// <summary>Answers with the whole or the asked-for rest, and cuts the connection after some bytes of the content.</summary>
    public static async Task BytesAsync(
        HttpContext context, byte[] content, string? tag = "\"v1\"", int? cutAfter = null, bool honourRange = true,
        DateTimeOffset? modified = null, bool reset = false)
    {
        var response = context.Response;
        if (tag is not null)
        {
            response.Headers.ETag = tag;
        }

        if (modified is { } date)
        {
            response.Headers.LastModified = date.ToString("R", CultureInfo.InvariantCulture);
        }

        var from = 0;
        if (honourRange && RangeStart(context.Request) is { } start && MayContinue(context.Request, tag, modified))
        {
            if (start >= content.Length)
            {
                response.StatusCode = 416;
                return;
            }

            from = start;
            response.StatusCode = 206;
            response.Headers.ContentRange = $"bytes {from}-{content.Length - 1}/{content.Length}";
        }

        response.ContentLength = content.Length - from;
        var end = Math.Clamp(cutAfter ?? content.Length, from, content.Length);
        await response.Body.WriteAsync(content.AsMemory(from, end - from));
        if (end < content.Length && reset)
        {
            // A reset may also take bytes with it that were sent already. Without it the server ends the connection in order.
            await response.Body.FlushAsync();
            context.Abort();
        }
    }

    public static int? RangeStart(HttpRequest request) => request.Headers.Range.ToString() is ['b', 'y', 't', 'e', 's', '=', .. var range]
        ? int.Parse(range.TrimEnd('-'), CultureInfo.InvariantCulture)
        : null;

    private static bool MayContinue(HttpRequest request, string? tag, DateTimeOffset? modified) =>
        request.Headers.IfRange.ToString() is var condition
        && (condition.Length == 0 || condition == tag || condition == modified?.ToString("R", CultureInfo.InvariantCulture));
}

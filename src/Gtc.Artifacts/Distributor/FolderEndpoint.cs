using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Artifacts.Sources;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Gtc.Artifacts.Distributor;

/// <summary>Answers every request: the index at the root, files below it, and nothing else.</summary>
internal sealed partial class FolderEndpoint(ServedFolder folder, DigestCache digests, DistributorOptions options, ILogger logger)
{
    public async Task HandleAsync(HttpContext context)
    {
        var started = options.Time.GetTimestamp();
        try
        {
            await AnswerAsync(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client left; there is nobody to answer.
        }
        finally
        {
            var request = context.Request;
            Log.Served(logger, request.Method, Failures.Clean(request.Path.Value ?? ""), context.Response.StatusCode,
                context.Response.ContentLength ?? 0, options.Time.GetElapsedTime(started).TotalMilliseconds);
        }
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method))
        {
            context.Response.Headers.Allow = "GET, HEAD";
            await SayAsync(context, StatusCodes.Status405MethodNotAllowed, "files are served over GET and HEAD only");
            return;
        }

        if (request.Path.Value is null or "" or "/")
        {
            await WriteIndexAsync(context);
            return;
        }

        using var file = folder.Open(request.Path.Value[1..]);
        if (file is null)
        {
            await SayAsync(context, StatusCodes.Status404NotFound, "there is no such file");
        }
        else if (await digests.DigestAsync(file, context.RequestAborted) is { } digest)
        {
            await FileResponse.WriteAsync(context, file, digest);
        }
        else
        {
            context.Response.Headers.RetryAfter = "1";
            await SayAsync(context, StatusCodes.Status503ServiceUnavailable, "the file is being written");
        }
    }

    private async Task WriteIndexAsync(HttpContext context)
    {
        var files = ImmutableArray.CreateBuilder<IndexedFile>();
        var isTruncated = false;
        foreach (var path in folder.Files())
        {
            if (files.Count == options.MaxIndexEntries)
            {
                isTruncated = true;
                break;
            }

            using var file = folder.Open(path);
            if (file is not null && await digests.DigestAsync(file, context.RequestAborted) is { } digest)
            {
                files.Add(new IndexedFile(path, file.Stamp.Size, digest.ToString()));
            }
        }

        var body = JsonSerializer.SerializeToUtf8Bytes(
            new DistributorIndex(files.ToImmutable()) { Truncated = isTruncated }, DistributorJson.Default.DistributorIndex);
        context.Response.ContentType = "application/json";
        context.Response.Headers.CacheControl = "no-cache";
        await SendAsync(context, body);
    }

    private static Task SayAsync(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return SendAsync(context, System.Text.Encoding.UTF8.GetBytes(text + "\n"));
    }

    private static async Task SendAsync(HttpContext context, byte[] body)
    {
        context.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await context.Response.Body.WriteAsync(body, context.RequestAborted);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4201, LogLevel.Information, "{Method} {Path} {Status} {Bytes} bytes in {ElapsedMs:0.0} ms")]
        public static partial void Served(ILogger logger, string method, string path, int status, long bytes, double elapsedMs);
    }
}

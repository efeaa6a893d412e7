using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Http.Features;

namespace Gtc.Runtime;

/// <summary>Writes whole answers with a length.</summary>
internal static class Answer
{
    private const string PlainText = "text/plain; charset=utf-8";
    private const string Json = "application/json";

    public static readonly byte[] Ok = "ok"u8.ToArray();

    public static Task TextAsync(IFeatureCollection features, int status, string text) =>
        WriteAsync(features, status, PlainText, Encoding.UTF8.GetBytes(text));

    /// <summary>405, and which method is right.</summary>
    public static Task OnlyAsync(IFeatureCollection features, string method, string text)
    {
        features.GetRequiredFeature<IHttpResponseFeature>().Headers.Allow = method;
        return TextAsync(features, 405, text);
    }

    public static Task JsonAsync(IFeatureCollection features, ReadOnlyMemory<byte> body) => WriteAsync(features, 200, Json, body);

    public static async Task WriteAsync(IFeatureCollection features, int status, string contentType, ReadOnlyMemory<byte> body)
    {
        var response = features.GetRequiredFeature<IHttpResponseFeature>();
        response.StatusCode = status;
        response.Headers.ContentType = contentType;
        response.Headers.ContentLength = body.Length;
        var isHead = features.GetRequiredFeature<IHttpRequestFeature>().Method == "HEAD";
        if (!isHead)
        {
            var writer = features.GetRequiredFeature<IHttpResponseBodyFeature>().Writer;
            await writer.WriteAsync(body, features.GetRequiredFeature<IHttpRequestLifetimeFeature>().RequestAborted);
        }
    }
}

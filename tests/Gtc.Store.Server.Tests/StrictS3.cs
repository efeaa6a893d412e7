using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Gtc.Store.Server.Tests;

/// <summary>
/// Stands in for an S3-compatible endpoint, of which none can be installed from the distribution. It takes what the S3 reference says and nothing else: the signature is computed anew from
/// the raw request, the content must have the signed digest, parts must be put together in their order with the entity tags that were answered.
/// </summary>
public sealed class StrictS3 : IAsyncDisposable
{
    public const string AccessKeyId = "AKIDTEST";
    public const string SecretAccessKey = "test/secret+key";
    public const string Region = "eu-test-1";

    private readonly WebApplication _application;
    private readonly ConcurrentDictionary<string, SortedDictionary<int, byte[]>> _uploads = new();
    private int _count;

    private StrictS3(WebApplication application) => _application = application;

    public Uri Address { get; private set; } = null!;

    /// <summary>The objects by their path.</summary>
    public ConcurrentDictionary<string, byte[]> Objects { get; } = new();

    /// <summary>Uploads in parts that are neither finished nor taken back.</summary>
    public int Unfinished => _uploads.Count;

    /// <summary>Answers a request in place of the server, or null.</summary>
    public Func<string, string, int?> Fault { get; set; } = (_, _) => null;

    public static async Task<StrictS3> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var server = new StrictS3(builder.Build());
        server._application.Run(server.AnswerAsync);
        await server._application.StartAsync(TestContext.Current.CancellationToken);
        server.Address = new Uri(server._application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        return server;
    }

    public async ValueTask DisposeAsync() => await _application.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var content = new MemoryStream();
        await context.Request.Body.CopyToAsync(content, context.RequestAborted);
        var target = context.Features.Get<IHttpRequestFeature>()!.RawTarget.Split('?', 2);
        var query = target.Length > 1 ? target[1] : "";
        if (Fault(context.Request.Method, query) is { } status)
        {
            await ErrorAsync(context, status, "InternalError", "told to fail");
        }
        else if (WhyNot(context.Request, target[0], query, content.ToArray()) is { } why)
        {
            await ErrorAsync(context, 403, "SignatureDoesNotMatch", why);
        }
        else
        {
            await AnswerAsync(context, target[0], query.Split('&').Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => pair.Length > 1 ? pair[1] : ""), content.ToArray());
        }
    }

    private async Task AnswerAsync(HttpContext context, string path, Dictionary<string, string> query, byte[] content)
    {
        switch (context.Request.Method)
        {
            case "POST" when query.ContainsKey("uploads"):
                var id = $"upload-{Interlocked.Increment(ref _count)}";
                _uploads[path + id] = [];
                await context.Response.WriteAsync($"<InitiateMultipartUploadResult><UploadId>{id}</UploadId></InitiateMultipartUploadResult>", context.RequestAborted);
                break;
            case "PUT" when query.TryGetValue("uploadId", out var upload) && _uploads.TryGetValue(path + upload, out var parts):
                parts[int.Parse(query["partNumber"], System.Globalization.CultureInfo.InvariantCulture)] = content;
                context.Response.Headers.ETag = EtagOf(content);
                break;
            case "POST" when query.TryGetValue("uploadId", out var upload) && _uploads.TryGetValue(path + upload, out var parts):
                var expected = "<CompleteMultipartUpload>" + string.Concat(parts.Select(part => $"<Part><PartNumber>{part.Key}</PartNumber><ETag>{WebUtility.HtmlEncode(EtagOf(part.Value))}</ETag></Part>")) + "</CompleteMultipartUpload>";
                if (Encoding.UTF8.GetString(content) != expected)
                {
                    await ErrorAsync(context, 400, "InvalidPart", "the parts are not those that were sent");
                    break;
                }

                Objects[path] = [.. parts.Values.SelectMany(part => part)];
                _uploads.TryRemove(path + upload, out _);
                break;
            case "DELETE" when query.TryGetValue("uploadId", out var upload):
                context.Response.StatusCode = _uploads.TryRemove(path + upload, out _) ? 204 : 404;
                break;
            case "PUT":
                Objects[path] = content;
                context.Response.Headers.ETag = EtagOf(content);
                break;
            case "GET" when Objects.TryGetValue(path, out var found):
                await context.Response.Body.WriteAsync(found, context.RequestAborted);
                break;
            default:
                await ErrorAsync(context, 404, "NoSuchKey", "The specified key does not exist.");
                break;
        }
    }

    private static string EtagOf(byte[] content) => $"\"{Convert.ToHexStringLower(SHA256.HashData(content)[..16])}\"";

    private static Task ErrorAsync(HttpContext context, int status, string code, string message)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsync($"<Error><Code>{code}</Code><Message>{message}</Message></Error>", context.RequestAborted);
    }

    /// <summary>Why a request is not signed; null when it is.</summary>
    private static string? WhyNot(HttpRequest request, string path, string query, byte[] content)
    {
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(content));
        if (request.Headers["x-amz-content-sha256"] != sha256)
        {
            return "the content is not the one that was signed";
        }

        var time = request.Headers["x-amz-date"].ToString();
        var scope = $"{time[..8]}/{Region}/s3/aws4_request";
        string[] names = ["host", "x-amz-content-sha256", "x-amz-date"];
        var canonical = $"{request.Method}\n{path}\n{query}\nhost:{request.Headers.Host}\nx-amz-content-sha256:{sha256}\nx-amz-date:{time}\n\n{string.Join(';', names)}\n{sha256}";
        var toSign = Encoding.UTF8.GetBytes($"AWS4-HMAC-SHA256\n{time}\n{scope}\n{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}");
        var key = Encoding.UTF8.GetBytes("AWS4" + SecretAccessKey);
        foreach (var part in scope.Split('/'))
        {
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));
        }

        var expected = $"AWS4-HMAC-SHA256 Credential={AccessKeyId}/{scope}, SignedHeaders={string.Join(';', names)}, Signature={Convert.ToHexStringLower(HMACSHA256.HashData(key, toSign))}";
        return request.Headers.Authorization == expected ? null : "the signature is another one";
    }
}

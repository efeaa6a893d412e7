using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Gtc.Model;

namespace Gtc.Store;

/// <summary>
/// Puts an object at an S3-compatible endpoint and reads it back, over plain HTTP(S). What is larger than a part goes up in parts, and an upload that fails is
/// taken back. Every content is signed by its SHA-256, so that what arrives is what was sent.
/// </summary>
/// <param name="place">The object.</param>
/// <param name="credentials">Who asks.</param>
/// <param name="transport">Carries the requests; it must not follow redirects. Disposed with this.</param>
/// <param name="time">Stamps the requests.</param>
public sealed class S3Object(S3Place place, S3Credentials credentials, HttpMessageHandler transport, TimeProvider time) : IDisposable
{
    /// <summary>The most bytes of a part. With 10,000 parts at most, an object has at most 156 GiB.</summary>
    public const int DefaultPartLength = 16 << 20;

    private const int MaxParts = 10_000;
    private const int MaxAnswer = 1 << 20;

    private readonly HttpClient _http = new(transport) { Timeout = TimeSpan.FromMinutes(10) };

    /// <summary>The most bytes of one part, at least 5 MiB where the endpoint is a real one.</summary>
    public int PartLength { get; init; } = DefaultPartLength;

    /// <summary>Puts an object, replacing what was there.</summary>
    public async Task<Refusal?> PutAsync(Stream content, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(content);
        var buffer = new byte[PartLength];
        var length = await FillAsync(content, buffer, cancellationToken);
        return length < PartLength
            ? (await SendAsync(HttpMethod.Put, [], buffer.AsMemory(0, length), cancellationToken)).Refusal
            : await PutInPartsAsync(content, buffer, length, cancellationToken);
    }

    /// <summary>Copies the object.</summary>
    public async Task<Refusal?> GetAsync(Stream destination, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(destination);
        try
        {
            using var request = Request(HttpMethod.Get, [], default);
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if (response.StatusCode != HttpStatusCode.OK)
            {
                return Refuse(response.StatusCode, await BoundedAsync(response, cancellationToken));
            }

            await using var content = await response.Content.ReadAsStreamAsync(cancellationToken);
            await content.CopyToAsync(destination, cancellationToken);
            return null;
        }
        catch (Exception error) when (IsOfTheWay(error, cancellationToken))
        {
            return Unreachable(error);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task<Refusal?> PutInPartsAsync(Stream content, byte[] buffer, int length, CancellationToken cancellationToken)
    {
        if (!(await SendAsync(HttpMethod.Post, [("uploads", "")], default, cancellationToken)).TryGet(out var begun, out var refusal))
        {
            return refusal;
        }

        if (Between(begun.Text, "<UploadId>", "</UploadId>") is not { } upload)
        {
            return new Refusal.FetchFailed($"{place.Address} does not say under which id parts of {place} are to be sent");
        }

        var failed = await PutPartsAsync(upload, content, buffer, length, cancellationToken);
        if (failed is not null)
        {
            // Not with the caller's token: parts that stay behind cost money.
            await SendAsync(HttpMethod.Delete, [("uploadId", upload)], default, CancellationToken.None);
        }

        return failed;
    }

    private async Task<Refusal?> PutPartsAsync(string upload, Stream content, byte[] buffer, int length, CancellationToken cancellationToken)
    {
        var parts = new StringBuilder("<CompleteMultipartUpload>");
        for (var number = 1; length > 0; number++)
        {
            if (number > MaxParts)
            {
                return new Refusal.FetchFailed($"{place} would have more than {MaxParts:N0} parts of {PartLength:N0} bytes");
            }

            var text = number.ToString(CultureInfo.InvariantCulture);
            if (!(await SendAsync(HttpMethod.Put, [("partNumber", text), ("uploadId", upload)], buffer.AsMemory(0, length), cancellationToken)).TryGet(out var sent, out var refusal))
            {
                return refusal;
            }

            parts.Append(CultureInfo.InvariantCulture, $"<Part><PartNumber>{text}</PartNumber><ETag>{WebUtility.HtmlEncode(sent.Etag)}</ETag></Part>");
            length = await FillAsync(content, buffer, cancellationToken);
        }

        var body = Encoding.UTF8.GetBytes(parts.Append("</CompleteMultipartUpload>").ToString());
        return (await SendAsync(HttpMethod.Post, [("uploadId", upload)], body, cancellationToken)).Then(done => done.Text.Contains("<Error>", StringComparison.Ordinal)
            // An endpoint may notice after it has answered 200.
            ? new Refusal.FetchFailed($"{place.Address} did not put the parts of {place} together: {Between(done.Text, "<Message>", "</Message>")}")
            : (Outcome<bool>)true).Refusal;
    }

    private async Task<Outcome<(string Text, string Etag)>> SendAsync(HttpMethod method, IReadOnlyList<(string, string)> query, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        try
        {
            using var request = Request(method, query, content);
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            var text = await BoundedAsync(response, cancellationToken);
            return response.IsSuccessStatusCode ? (text, response.Headers.ETag?.ToString() ?? "") : Refuse(response.StatusCode, text);
        }
        catch (Exception error) when (IsOfTheWay(error, cancellationToken))
        {
            return Unreachable(error);
        }
    }

    private HttpRequestMessage Request(HttpMethod method, IReadOnlyList<(string, string)> query, ReadOnlyMemory<byte> content)
    {
        var now = S3Signature.Time(time.GetUtcNow());
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(content.Span));
        var headers = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["host"] = place.Address.Authority, ["x-amz-content-sha256"] = sha256, ["x-amz-date"] = now };
        if (credentials.SessionToken is { } token)
        {
            headers["x-amz-security-token"] = token;
        }

        var signed = new SignedRequest { Method = method.Method, Path = place.Path, Query = query, Headers = headers, ContentSha256 = sha256 };
        var address = $"{place.Address.Scheme}://{place.Address.Authority}{place.Path}{(query.Count == 0 ? "" : "?" + signed.QueryText)}";
        var request = new HttpRequestMessage(method, new Uri(address, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        foreach (var (name, value) in headers.Where(header => header.Key != "host"))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        request.Headers.TryAddWithoutValidation("Authorization", S3Signature.Authorization(signed, now, place.Region, "s3", credentials));
        request.Content = method == HttpMethod.Put || method == HttpMethod.Post ? new ReadOnlyMemoryContent(content) : null;
        return request;
    }

    private Refusal Refuse(HttpStatusCode status, string text)
    {
        var code = Between(text, "<Code>", "</Code>") ?? ((int)status).ToString(CultureInfo.InvariantCulture);
        var why = $"{place.Address} refuses {place}: {code} {Between(text, "<Message>", "</Message>")}".TrimEnd();
        return status switch
        {
            HttpStatusCode.NotFound => new Refusal.Missing(why),
            HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized => new Refusal.Unauthorized(why),
            _ => new Refusal.FetchFailed(why),
        };
    }

    private Refusal.FetchFailed Unreachable(Exception error) => new($"{place.Address} cannot be reached for {place}: {error.Message.TrimEnd('.')}");

    private static bool IsOfTheWay(Exception error, CancellationToken cancellationToken) =>
        error is HttpRequestException or IOException or SocketException || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    private static async Task<int> FillAsync(Stream content, byte[] buffer, CancellationToken cancellationToken) =>
        await content.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);

    private static async Task<string> BoundedAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        await using var content = await response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[MaxAnswer];
        return Encoding.UTF8.GetString(buffer, 0, await content.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken));
    }

    private static string? Between(string text, string from, string to)
    {
        var start = text.IndexOf(from, StringComparison.Ordinal);
        var end = start < 0 ? -1 : text.IndexOf(to, start, StringComparison.Ordinal);
        return end < 0 ? null : text[(start + from.Length)..end];
    }
}

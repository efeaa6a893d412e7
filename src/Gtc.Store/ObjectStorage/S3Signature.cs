using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Gtc.Store;

/// <summary>Signs requests as AWS Signature Version 4 says (docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html), in the Authorization header.</summary>
public static class S3Signature
{
    private const string Algorithm = "AWS4-HMAC-SHA256";

    /// <summary>The SHA-256 of no content.</summary>
    public const string EmptyContent = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    /// <summary>The time of a request, as its header <c>x-amz-date</c> has it.</summary>
    public static string Time(DateTimeOffset now) => now.ToUniversalTime().ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);

    /// <summary>The value of the Authorization header.</summary>
    /// <param name="request">What is asked, with every header that is to be signed.</param>
    /// <param name="time">The time as <see cref="Time"/> writes it; it is among the headers.</param>
    /// <param name="region">The region.</param>
    /// <param name="service">The service, <c>s3</c>.</param>
    /// <param name="credentials">Who asks.</param>
    public static string Authorization(SignedRequest request, string time, string region, string service, S3Credentials credentials)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(credentials);
        var scope = $"{time[..8]}/{region}/{service}/aws4_request";
        var text = $"{Algorithm}\n{time}\n{scope}\n{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(request.Canonical())))}";
        var key = Encoding.UTF8.GetBytes("AWS4" + credentials.SecretAccessKey);
        foreach (var part in (string[])[time[..8], region, service, "aws4_request"])
        {
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));
        }

        var signature = Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)));
        return $"{Algorithm} Credential={credentials.AccessKeyId}/{scope}, SignedHeaders={request.SignedHeaders}, Signature={signature}";
    }

    /// <summary>Percent-encodes everything but unreserved characters (RFC 3986), in upper-case hex.</summary>
    public static string Encode(string text) => Uri.EscapeDataString(text);

    /// <summary>Encodes a path segment by segment.</summary>
    public static string EncodePath(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return string.Join('/', path.Split('/').Select(Encode));
    }
}

/// <summary>A request in the form that is signed.</summary>
public sealed record SignedRequest
{
    /// <summary>The method.</summary>
    public required string Method { get; init; }

    /// <summary>The path, encoded once as S3 wants it.</summary>
    public required string Path { get; init; }

    /// <summary>The query parameters, not encoded.</summary>
    public IReadOnlyList<(string Name, string Value)> Query { get; init; } = [];

    /// <summary>The headers that are signed; names in lower case.</summary>
    public required IReadOnlyDictionary<string, string> Headers { get; init; }

    /// <summary>The SHA-256 of the content in lower-case hex.</summary>
    public required string ContentSha256 { get; init; }

    /// <summary>The names of the signed headers.</summary>
    public string SignedHeaders => string.Join(';', Headers.Keys.Order(StringComparer.Ordinal));

    /// <summary>The query as it is sent and signed: encoded, and in the order of the encoded names.</summary>
    public string QueryText => string.Join('&', Query.Select(pair => (Name: S3Signature.Encode(pair.Name), Value: S3Signature.Encode(pair.Value)))
        .OrderBy(pair => pair.Name, StringComparer.Ordinal).ThenBy(pair => pair.Value, StringComparer.Ordinal)
        .Select(pair => $"{pair.Name}={pair.Value}"));

    /// <summary>The canonical request.</summary>
    public string Canonical()
    {
        var text = new StringBuilder().Append(Method).Append('\n').Append(Path).Append('\n').Append(QueryText).Append('\n');
        foreach (var (name, value) in Headers.OrderBy(header => header.Key, StringComparer.Ordinal))
        {
            text.Append(name).Append(':').Append(string.Join(' ', value.Split(' ', StringSplitOptions.RemoveEmptyEntries))).Append('\n');
        }

        return text.Append('\n').Append(SignedHeaders).Append('\n').Append(ContentSha256).ToString();
    }
}

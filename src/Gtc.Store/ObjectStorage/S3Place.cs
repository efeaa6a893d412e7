using Gtc.Model;

namespace Gtc.Store;

/// <summary>One object of an S3-compatible endpoint.</summary>
/// <param name="Bucket">The bucket.</param>
/// <param name="Key">The key.</param>
/// <param name="Endpoint">The endpoint without the bucket; buckets are in the path there. Null for AWS, where they are in the host's name.</param>
/// <param name="Region">The region.</param>
public sealed record S3Place(string Bucket, string Key, Uri? Endpoint, string Region)
{
    /// <summary>The region when none is said, which endpoints outside AWS commonly take.</summary>
    public const string DefaultRegion = "us-east-1";

    private const string Scheme = "s3://";

    /// <summary>Whether a text names an object and not a file.</summary>
    public static bool IsOne(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.StartsWith(Scheme, StringComparison.Ordinal);
    }

    /// <summary>Reads <c>s3://bucket/key</c>.</summary>
    /// <param name="text">The text.</param>
    /// <param name="endpoint">The endpoint's address, or null for AWS.</param>
    /// <param name="region">The region, or null.</param>
    public static Outcome<S3Place> Parse(string text, string? endpoint, string? region)
    {
        ArgumentNullException.ThrowIfNull(text);
        var parts = IsOne(text) ? text[Scheme.Length..].Split('/', 2) : [];
        if (parts is not [{ Length: >= 3 and <= 63 } bucket, { Length: > 0 and <= 1024 } key] || !bucket.All(character => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character is '-' or '.'))
        {
            return new Refusal.InvalidArgument($"`{text}` is not the place of a backup in a bucket, e.g. s3://backups/store/2026-11-21.gtcbak");
        }

        Uri? address = null;
        if (endpoint is not null && (!Uri.TryCreate(endpoint, UriKind.Absolute, out address) || (address.Scheme != Uri.UriSchemeHttp && address.Scheme != Uri.UriSchemeHttps)
            || address.PathAndQuery != "/" || address.UserInfo.Length > 0))
        {
            return new Refusal.InvalidArgument($"`{endpoint}` is not the address of an S3-compatible endpoint, e.g. https://minio.example:9000");
        }

        return new S3Place(bucket, key, address, region ?? DefaultRegion);
    }

    /// <summary>Scheme, host and port that requests go to.</summary>
    public Uri Address => Endpoint ?? new Uri($"https://{Bucket}.s3.{Region}.amazonaws.com/");

    /// <summary>The path of the object, encoded.</summary>
    public string Path => (Endpoint is null ? "/" : $"/{Bucket}/") + S3Signature.EncodePath(Key);

    /// <summary>The place as it was written.</summary>
    public override string ToString() => $"{Scheme}{Bucket}/{Key}";
}

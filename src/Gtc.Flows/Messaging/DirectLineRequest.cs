namespace Gtc.Flows;

/// <summary>A request of a DirectLine client for the provider behind web chat (messaging.md §7).</summary>
/// <param name="Tenant">Whose deployment it is for; null when host and path say so.</param>
/// <param name="Method">The method that the provider is given.</param>
/// <param name="Path">The path that the provider is given.</param>
public sealed record DirectLineRequest(string? Tenant, string Method, string Path)
{
    /// <summary>What the webhook of the provider is called that answers them.</summary>
    public const string Provider = "webchat";

    private const string Long = "/v1/messaging/webchat/";
    private const string Line = "/v3/directline/";
    private const string Generate = Line + "tokens/generate";

    /// <summary>Reads a request's head: the long paths name a tenant, the short ones do not.</summary>
    /// <returns>Null when it is no such request.</returns>
    public static DirectLineRequest? Of(string method, string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (!path.StartsWith(Long, StringComparison.Ordinal))
        {
            return Short(null, method, path);
        }

        var rest = path[Long.Length..];
        return rest.IndexOf('/', StringComparison.Ordinal) is var end and > 0 ? Short(rest[..end], method, rest[end..]) : null;
    }

    // Older clients fetch their token; it is made all the same.
    private static DirectLineRequest? Short(string? tenant, string method, string path) =>
        path == "/token" ? new(tenant, "POST", Generate)
        : path.StartsWith(Line, StringComparison.Ordinal) ? new(tenant, method, path)
        : path.StartsWith("/directline/", StringComparison.Ordinal) ? new(tenant, method, Line + path["/directline/".Length..])
        : null;
}

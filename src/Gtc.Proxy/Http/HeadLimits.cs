namespace Gtc.Proxy.Http;

/// <summary>Bounds of message heads, in bytes and counts. What is larger is refused (RFC 9110 §15.5.15, RFC 6585 §5).</summary>
internal static class HeadLimits
{
    /// <summary>A whole head, start line and fields.</summary>
    public const int MaxHead = 32 * 1024;

    /// <summary>A request target.</summary>
    public const int MaxTarget = 8 * 1024;

    /// <summary>A host with its port: a name has at most 255 bytes (RFC 1035 §2.3.4), escapes three times as many.</summary>
    public const int MaxHost = 1024;

    /// <summary>Interim answers of one exchange.</summary>
    public const int MaxInterim = 32;

    /// <summary>Fields of one head.</summary>
    public const int MaxFields = 100;

    /// <summary>What a proxy adds to a head: forwarding fields, framing, a cookie.</summary>
    public const int Added = 8 * 1024;

    /// <summary>All trailer fields of one message.</summary>
    public const int MaxTrailers = 8 * 1024;
}

using System.Net;

namespace Gtc.Artifacts.Sources;

/// <summary>The connection settings that pulls and pushes rely on.</summary>
public static class HttpTransport
{
    /// <summary>
    /// A handler without redirects (their rules are ours), cookies or decompression. Proxies come from the usual environment variables,
    /// trusted authorities from the machine (or <c>SSL_CERT_FILE</c>).
    /// </summary>
    public static SocketsHttpHandler Create(PullOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            UseCookies = false,
            ConnectTimeout = options.ConnectTimeout,
            MaxResponseHeadersLength = 64,
            // An answer that is not wanted is cut off rather than read to its end.
            MaxResponseDrainSize = 64 * 1024,
        };
    }
}

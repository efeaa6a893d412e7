using System.Globalization;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Gtc.Artifacts.Sources;

/// <summary>Tells what went wrong on the way, and whether it may pass.</summary>
internal static class Failures
{
    private const int LongestCause = 200;

    /// <summary>The failure behind an exception, or null when it is not a failure of the transfer.</summary>
    public static FetchException? Of(Exception exception, StallGuard guard) => exception switch
    {
        FetchException failure => failure,
        OperationCanceledException when guard.CancelledByCaller => null,
        OperationCanceledException => new FetchException(guard.TimeoutCause) { Transient = true },
        HttpRequestException request => OfRequest(request, next: null),
        IOException or SocketException => new FetchException(Clean(exception.Message)) { Transient = true },
        _ => null,
    };

    /// <summary>An answer that is not the wanted one. Busy and broken servers may recover; a refusal is final.</summary>
    public static FetchException OfStatus(HttpResponseMessage response, TimeProvider time, string? cause = null)
    {
        var status = (int)response.StatusCode;
        return new FetchException(cause ?? string.Create(CultureInfo.InvariantCulture, $"the server answered {status}"))
        {
            Status = status,
            Transient = status is 408 or 425 or 429 or (>= 500 and <= 599),
            RetryAfter = response.Headers.RetryAfter switch
            {
                { Delta: { } delta } => delta,
                { Date: { } date } => date - time.GetUtcNow(),
                _ => null,
            },
        };
    }

    /// <summary>A request that was not answered.</summary>
    public static FetchException OfRequest(HttpRequestException exception, string? next) => exception.HttpRequestError switch
    {
        HttpRequestError.SecureConnectionError => new FetchException($"TLS failed: {Clean(Innermost(exception).Message)}")
        {
            // A certificate that is not trusted, or no TLS at all, stays so; a connection that broke may not.
            Transient = exception.InnerException is not AuthenticationException,
            Next = next,
        },

        // The texts of these three may quote the server's bytes or a proxy's address with its password.
        HttpRequestError.InvalidResponse => new FetchException("the answer is not valid HTTP") { Transient = true },
        HttpRequestError.ProxyTunnelError => new FetchException("the proxy refused the connection") { Status = (int?)exception.StatusCode },
        HttpRequestError.ConfigurationLimitExceeded => new FetchException("the answer's headers are too long"),
        _ => new FetchException(Clean(Innermost(exception).Message))
        {
            Transient = true,
            Status = (int?)exception.StatusCode,
        },
    };

    /// <summary>Foreign text made fit for a terminal: printable ASCII of bounded length.</summary>
    public static string Clean(string text)
    {
        var cut = text.Length > LongestCause ? text[..LongestCause] : text;
        return string.Create(cut.Length, cut, static (span, source) =>
        {
            for (var index = 0; index < span.Length; index++)
            {
                span[index] = source[index] is >= ' ' and <= '~' ? source[index] : ' ';
            }
        });
    }

    private static Exception Innermost(Exception exception)
    {
        while (exception.InnerException is { } inner)
        {
            exception = inner;
        }

        return exception;
    }
}

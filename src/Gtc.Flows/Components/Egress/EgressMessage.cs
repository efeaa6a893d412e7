using System.Buffers;
using System.Net;
using System.Text;

namespace Gtc.Flows;

/// <summary>Turns a component's request into one that can be sent, and the response into what the component gets. Everything is bounded.</summary>
internal static class EgressMessage
{
    private const int MaxUrlCharacters = 8192;
    private const int MaxMethodCharacters = 32;

    // They belong to the connection, which is not the component's.
    private static readonly HashSet<string> Dropped = new(StringComparer.OrdinalIgnoreCase)
    {
        "host", "connection", "content-length", "transfer-encoding", "keep-alive", "upgrade", "te", "trailer", "expect", "proxy-authorization", "proxy-connection",
    };

    private static readonly HashSet<string> Personal = new(StringComparer.OrdinalIgnoreCase) { "authorization", "cookie" };

    private static readonly SearchValues<char> TokenCharacters = SearchValues.Create("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

    /// <summary>Why a request cannot be sent as it is written, or null.</summary>
    public static HostFault? Check(HostHttpRequest request, EgressLimits limits)
    {
        if (request.Url.Length > MaxUrlCharacters || !Uri.TryCreate(request.Url, UriKind.Absolute, out var url)
            || (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps) || url.Host.Length == 0 || url.UserInfo.Length > 0)
        {
            return Denied($"the URL must be http or https with a host, without a user, and have at most {MaxUrlCharacters} characters");
        }

        if (request.Method.Length is 0 or > MaxMethodCharacters || !IsToken(request.Method) || request.Method.ToUpperInvariant() is "CONNECT" or "TRACE")
        {
            return Denied("the method is none that components may use");
        }

        var bytes = 0L;
        foreach (var (name, value) in request.Headers)
        {
            bytes += name.Length + value.Length;
            if (!IsToken(name) || value.AsSpan().ContainsAny('\r', '\n', '\0'))
            {
                return Denied("a header is not well-formed");
            }
        }

        return bytes > limits.MaxHeaderBytes ? Denied($"the headers have {bytes} characters, the most is {limits.MaxHeaderBytes}")
            : request.Body is { Length: var length } && length > limits.MaxBodyBytes ? Denied($"the body has {length} bytes, the most is {limits.MaxBodyBytes}")
            : null;
    }

    /// <summary>The message to send.</summary>
    public static HttpRequestMessage Make(HostHttpRequest request, Uri url)
    {
        var message = new HttpRequestMessage(new HttpMethod(request.Method), url) { Version = HttpVersion.Version11 };
        if (request.Body is { } body)
        {
            message.Content = new ReadOnlyMemoryContent(body);
        }

        foreach (var (name, value) in request.Headers.Where(header => !Dropped.Contains(header.Key)))
        {
            if (!message.Headers.TryAddWithoutValidation(name, value))
            {
                message.Content ??= new ReadOnlyMemoryContent(ReadOnlyMemory<byte>.Empty);
                message.Content.Headers.TryAddWithoutValidation(name, value);
            }
        }

        return message;
    }

    /// <summary>The request that follows a redirect, as browsers make it; null when the response is none.</summary>
    public static HostHttpRequest? Redirected(HostHttpRequest request, Uri url, HttpResponseMessage response)
    {
        if (response.StatusCode is not (HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect)
            || response.Headers.Location is not { } location || !Uri.TryCreate(url, location, out var target))
        {
            return null;
        }

        var isSameOrigin = Uri.Compare(url, target, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) == 0;
        var becomesGet = response.StatusCode == HttpStatusCode.SeeOther
            || (response.StatusCode is HttpStatusCode.MovedPermanently or HttpStatusCode.Found && request.Method.Equals("POST", StringComparison.OrdinalIgnoreCase));
        return request with
        {
            Url = target.AbsoluteUri,
            Method = becomesGet && !request.Method.Equals("HEAD", StringComparison.OrdinalIgnoreCase) ? "GET" : request.Method,
            Body = becomesGet ? null : request.Body,
            Headers = [.. request.Headers.Where(header =>
                (isSameOrigin || !Personal.Contains(header.Key)) && !(becomesGet && header.Key.StartsWith("content-", StringComparison.OrdinalIgnoreCase)))],
        };
    }

    /// <summary>Reads the response whole.</summary>
    public static async Task<HostAnswer<HostHttpResponse>> ReadAsync(HttpResponseMessage response, EgressLimits limits, CancellationToken cancellationToken)
    {
        var headers = new List<KeyValuePair<string, string>>();
        foreach (var (name, values) in response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated))
        {
            headers.AddRange(values.Select(value => KeyValuePair.Create(name.ToLowerInvariant(), value)));
        }

        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var body = new ArrayBufferWriter<byte>();
        while (await stream.ReadAsync(body.GetMemory(8192), cancellationToken) is > 0 and var read)
        {
            body.Advance(read);
            if (body.WrittenCount > limits.MaxBodyBytes)
            {
                return new HostFault("unavailable", $"the body of the answer has more than {limits.MaxBodyBytes} bytes");
            }
        }

        return new HostHttpResponse((ushort)response.StatusCode, headers, body.WrittenMemory);
    }

    private static bool IsToken(string text) => text.Length > 0 && !text.AsSpan().ContainsAnyExcept(TokenCharacters);

    private static HostFault Denied(string why) => new("denied", why);
}

using System.Net.Http.Headers;

namespace Gtc.Artifacts.Sources;

/// <summary>A request that can be sent more than once, to more than one place.</summary>
internal sealed record Ask(HttpMethod Method, Uri Uri)
{
    /// <summary>Sent to the origin of <see cref="Uri"/> only, never along a redirect to another one.</summary>
    public AuthenticationHeaderValue? Authorization { get; init; }

    /// <summary>Further headers.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>Makes the body anew for every sending; null for none.</summary>
    public Func<HttpContent>? Content { get; init; }

    public HttpRequestMessage ToMessage()
    {
        // Version 1.1: one transfer per connection gains nothing from HTTP/2, and its flow control costs throughput.
        var message = new HttpRequestMessage(Method, Uri) { Content = Content?.Invoke() };
        message.Headers.Authorization = Authorization;
        message.Headers.TryAddWithoutValidation("Accept-Encoding", "identity");
        message.Headers.TryAddWithoutValidation("User-Agent", "gtc");
        foreach (var (name, value) in Headers)
        {
            message.Headers.TryAddWithoutValidation(name, value);
        }

        return message;
    }
}

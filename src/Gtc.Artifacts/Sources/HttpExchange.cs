namespace Gtc.Artifacts.Sources;

/// <summary>Sends one request and follows its redirects: at most five, never from https to http, credentials never to another origin.</summary>
internal sealed class HttpExchange(HttpMessageInvoker client)
{
    public const int MostRedirects = 5;

    /// <summary>The first answer that is not a redirect, its body unread. The caller disposes it.</summary>
    public async Task<HttpResponseMessage> SendAsync(Ask ask, StallGuard guard)
    {
        for (var hops = 0; ; hops++)
        {
            using var message = ask.ToMessage();
            var response = await client.SendAsync(message, guard.Token);
            guard.Touch();
            if (!IsRedirect(ask, response))
            {
                return response;
            }

            using (response)
            {
                ask = Follow(ask, response, hops);
            }
        }
    }

    // A body is never carried along: uploads answer with a Location of their own.
    private static bool IsRedirect(Ask ask, HttpResponseMessage response) =>
        (int)response.StatusCode is 301 or 302 or 303 or 307 or 308 && ask.Content is null;

    private static Ask Follow(Ask ask, HttpResponseMessage response, int hops)
    {
        var status = (int)response.StatusCode;
        if (hops == MostRedirects)
        {
            throw new FetchException($"more than {MostRedirects} redirects") { Status = status };
        }

        if (response.Headers.Location is not { } location || !Uri.TryCreate(ask.Uri, location, out var target))
        {
            throw new FetchException("a redirect without a usable Location") { Status = status };
        }

        if (target.Scheme != Uri.UriSchemeHttps && (target.Scheme != Uri.UriSchemeHttp || ask.Uri.Scheme == Uri.UriSchemeHttps))
        {
            throw new FetchException($"a redirect from {ask.Uri.Scheme} to {target.Scheme} is not followed") { Status = status };
        }

        return ask with
        {
            Uri = target,
            Authorization = SafeAddress.IsSameOrigin(ask.Uri, target) ? ask.Authorization : null,
        };
    }
}

namespace Gtc.Cli.Tests.Op;

/// <summary>A line to a store server on which a test does something around a request.</summary>
/// <param name="inner">What carries requests.</param>
/// <param name="around">Given the request and how it is carried, gives the answer.</param>
internal sealed class Wired(HttpMessageHandler inner, Func<HttpRequestMessage, Func<Task<HttpResponseMessage>>, Task<HttpResponseMessage>> around) : DelegatingHandler(inner)
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        around(request, () => base.SendAsync(request, CancellationToken.None)).WaitAsync(cancellationToken);

    /// <summary>Does something around the changes below a path of environment <c>local</c>; what else is asked goes through.</summary>
    public static Func<HttpMessageHandler, HttpMessageHandler> AroundChanges(string path, Func<Func<Task<HttpResponseMessage>>, Task<HttpResponseMessage>> around) => inner => new Wired(inner, (request, carried) =>
        request.Method != HttpMethod.Get && request.RequestUri!.AbsolutePath.StartsWith($"/environments/local/{path}", StringComparison.Ordinal) ? around(carried) : carried());
}

using System.Net;
using System.Text;

namespace Gtc.Store.Tests.Remote;

/// <summary>Answers every request the same, and remembers the last one.</summary>
internal sealed class CannedTransport(int status, string body) : HttpMessageHandler
{
    public HttpRequestMessage? Last { get; private set; }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Last = request;
        return Task.FromResult(new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent(body, Encoding.UTF8, "application/json") });
    }
}

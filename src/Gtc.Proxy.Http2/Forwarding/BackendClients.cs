using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Gtc.Proxy.Http;

namespace Gtc.Proxy.Http2.Forwarding;

/// <summary>The connections to backends, each backend's for itself.</summary>
internal sealed class BackendClients(ProxyOptions options) : IDisposable
{
    /// <summary>Body bytes of one answer that wait here, at most, while its client is slow.</summary>
    public const int StreamWindow = 256 * 1024;

    private readonly ConcurrentDictionary<Backend, HttpMessageInvoker> _clients = new(ReferenceEqualityComparer.Instance);

    /// <summary>What requests to a backend are sent with.</summary>
    public HttpMessageInvoker Of(Backend backend) => _clients.GetOrAdd(backend, static (_, clients) => clients.Open(), this);

    /// <summary>Closes the unused connections to a backend; those in use end behind their exchanges.</summary>
    public void Forget(Backend backend)
    {
        if (_clients.TryRemove(backend, out var client))
        {
            client.Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var backend in _clients.Keys)
        {
            Forget(backend);
        }
    }

    private HttpMessageInvoker Open() => new(new SocketsHttpHandler
    {
        ActivityHeadersPropagator = null,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        ConnectTimeout = options.ConnectTimeout,
        EnableMultipleHttp2Connections = true,
        InitialHttp2StreamWindowSize = StreamWindow,
        MaxResponseDrainSize = 0,
        MaxResponseHeadersLength = HeadLimits.MaxHead / 1024,
        PooledConnectionIdleTimeout = options.BackendIdleTimeout,
        RequestHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
        ResponseHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
        UseCookies = false,
        UseProxy = false,
    });
}

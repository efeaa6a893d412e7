using System.Text;
using Gtc.Proxy.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Gtc.Proxy.Http2.Serving;

/// <summary>Bounds of Kestrel that say the same as those of the HTTP/1.1 data path.</summary>
internal static class KestrelSettings
{
    /// <summary>Streams of one connection at a time. Kestrel cuts a connection that opens and resets more than twice as many in a burst (CVE-2023-44487).</summary>
    public const int MaxStreams = 128;

    /// <summary>Body bytes of one stream that wait here, at most; the window that its client is given.</summary>
    public const int StreamWindow = 256 * 1024;

    /// <summary>Body bytes of all streams of a connection that wait here, at most.</summary>
    public const int ConnectionWindow = 1024 * 1024;

    public static KestrelServerOptions Of(ProxyOptions options)
    {
        var settings = new KestrelServerOptions
        {
            AddServerHeader = false,
            AllowAlternateSchemes = true,
            AllowResponseHeaderCompression = true,
            ApplicationServices = new ServiceCollection().BuildServiceProvider(),
            RequestHeaderEncodingSelector = static _ => Encoding.Latin1,
            ResponseHeaderEncodingSelector = static _ => Encoding.Latin1,
        };
        var limits = settings.Limits;
        limits.MaxConcurrentConnections = (long)options.MaxConnections * options.Threads;
        limits.KeepAliveTimeout = options.IdleTimeout;
        limits.RequestHeadersTimeout = options.HeaderTimeout;
        limits.MaxRequestHeadersTotalSize = HeadLimits.MaxHead;
        limits.MaxRequestHeaderCount = HeadLimits.MaxFields;
        limits.MaxRequestLineSize = HeadLimits.MaxTarget + HeadLimits.MaxHost;
        limits.MaxRequestBodySize = null;

        // The forwarder watches bodies itself, by the rule of the data path; a client that does not take its answer is Kestrel's to end.
        limits.MinRequestBodyDataRate = null;
        limits.MinResponseDataRate = new MinDataRate(options.MinBodyRate, Longest(options.UpstreamTimeout, TimeSpan.FromSeconds(2)));
        limits.MaxResponseBufferSize = 64 * 1024;
        limits.Http2.MaxStreamsPerConnection = MaxStreams;
        limits.Http2.MaxRequestHeaderFieldSize = HeadLimits.MaxHead;
        limits.Http2.HeaderTableSize = 4096;
        limits.Http2.InitialStreamWindowSize = StreamWindow;
        limits.Http2.InitialConnectionWindowSize = ConnectionWindow;
        return settings;
    }

    private static TimeSpan Longest(TimeSpan one, TimeSpan other) => one > other ? one : other;
}

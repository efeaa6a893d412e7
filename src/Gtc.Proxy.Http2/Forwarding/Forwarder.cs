using Gtc.Proxy.Http2.Serving;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Gtc.Proxy.Http2.Forwarding;

/// <summary>Forwards the requests that Kestrel reads.</summary>
internal sealed class Forwarder(ProxyOptions options, ProxyPolicy policy, BackendClients clients)
{
    /// <summary>Bounds and times.</summary>
    public ProxyOptions Options => options;

    /// <summary>Decides where requests go.</summary>
    public ProxyPolicy Policy => policy;

    /// <summary>The connections to backends.</summary>
    public BackendClients Clients => clients;

    /// <summary>Handles one request to its end.</summary>
    public async Task ForwardAsync(IFeatureCollection features)
    {
        var context = new DefaultHttpContext(features);
        using var exchange = new Exchange(this, context, features.GetRequiredFeature<HandedContext>());
        try
        {
            await exchange.RunAsync();
        }
        catch (Exception error)
        {
            // A request's trouble, be it a bug, is not the others'.
            exchange.Abort();
            if (!exchange.IsClientGone)
            {
                policy.Faulted(error);
            }
        }
    }
}

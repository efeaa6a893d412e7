using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Contexts;

/// <summary>A store server and how it is spoken to.</summary>
/// <param name="Target">Its address and token.</param>
/// <param name="Tls">Whose certificate is believed, and which one is shown.</param>
internal sealed record ServerProfile(StoreTarget Target, StoreTransport Tls)
{
    /// <summary>The context's name, or null for a server that was named by its address.</summary>
    public string? Name { get; init; }

    /// <summary>What carries requests to it.</summary>
    public Outcome<HttpMessageHandler> Transport(CliContext context) =>
        Tls == StoreTransport.Default ? context.OpenHttp() : Tls.Open(Target).Then<HttpMessageHandler>(transport => transport);
}

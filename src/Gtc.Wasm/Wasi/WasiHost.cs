using Gtc.Wasm.Components;

namespace Gtc.Wasm.Wasi;

/// <summary>WASI 0.2 for components. What an instance may do with it is in its <see cref="WasiContext"/>.</summary>
public static class WasiHost
{
    /// <summary>The version that is served; guests of any other 0.2 version link with it too.</summary>
    public const string Version = "0.2.6";

    private static readonly Lazy<HostInterface[]> Served = new(Make);

    /// <summary>Offers every interface of WASI 0.2: io, cli, clocks, random, filesystem, sockets and http.</summary>
    /// <returns>The linker.</returns>
    public static ComponentLinker AddTo(ComponentLinker linker)
    {
        ArgumentNullException.ThrowIfNull(linker);
        foreach (var served in Served.Value)
        {
            linker.Define(served);
        }

        return linker;
    }

    /// <summary>Describes every interface of WASI 0.2 that is served, for making components.</summary>
    /// <returns>The catalogue.</returns>
    public static WitCatalog Describe(WitCatalog catalog)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return catalog.Add(IoText.Wit).Add(CliText.Wit).Add(ClocksText.Wit).Add(RandomText.Wit).Add(FilesystemText.Wit).Add(SocketsText.Wit).Add(HttpText.Wit);
    }

    private static HostInterface[] Make()
    {
        var catalog = Describe(new WitCatalog()
            .Resource("wasi:io/error#error", WasiResources.Error)
            .Resource("wasi:io/poll#pollable", WasiResources.Pollable)
            .Resource("wasi:io/streams#input-stream", WasiResources.Input)
            .Resource("wasi:io/streams#output-stream", WasiResources.Output)
            .Resource("wasi:filesystem/types#descriptor", WasiResources.Descriptor)
            .Resource("wasi:filesystem/types#directory-entry-stream", WasiResources.Entries)
            .Resource("wasi:sockets/network#network", WasiResources.Network)
            .Resource("wasi:http/types#fields", WasiResources.Fields)
            .Resource("wasi:http/types#outgoing-request", WasiResources.OutgoingRequest)
            .Resource("wasi:http/types#request-options", WasiResources.RequestOptions)
            .Resource("wasi:http/types#outgoing-body", WasiResources.OutgoingBody)
            .Resource("wasi:http/types#future-incoming-response", WasiResources.FutureResponse)
            .Resource("wasi:http/types#incoming-response", WasiResources.IncomingResponse)
            .Resource("wasi:http/types#incoming-body", WasiResources.IncomingBody)
            .Resource("wasi:http/types#future-trailers", WasiResources.FutureTrailers));
        Dictionary<string, HostHandler>[] tables =
            [WasiIo.Handlers, WasiCli.Handlers, WasiClocks.Handlers, WasiRandom.Handlers, WasiFilesystem.Handlers, WasiSockets.Handlers, WasiHttp.Handlers];
        var byInterface = tables.SelectMany(table => table)
            .GroupBy(entry => entry.Key[..entry.Key.IndexOf('#', StringComparison.Ordinal)])
            .ToDictionary(group => $"{group.Key}@{Version}", group => group.ToDictionary(entry => entry.Key[(entry.Key.IndexOf('#', StringComparison.Ordinal) + 1)..], entry => entry.Value));
        return [.. catalog.Interfaces.Select(id => catalog.Host(id, byInterface.GetValueOrDefault(id) ?? [], WasiSockets.Otherwise(id)))];
    }
}

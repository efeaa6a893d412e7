using Gtc.Wasm.Components;

namespace Gtc.Wasm.Wasi;

/// <summary><c>wasi:sockets</c>: it links, and every address is refused. Requests over HTTP go through <see cref="WasiGrants.Http"/>.</summary>
internal static class WasiSockets
{
    /// <summary><c>access-denied</c> in the error code of sockets.</summary>
    private const uint AccessDenied = 1;

    public static Dictionary<string, HostHandler> Handlers { get; } = new(StringComparer.Ordinal)
    {
        ["wasi:sockets/instance-network#instance-network"] = (_, _) => Values.Give(WasiResources.Network, new object()),
        ["wasi:sockets/network#network-error-code"] = (_, _) => ComponentValue.None,
    };

    /// <summary>For the functions of sockets and of incoming requests that no handler serves, because their resources are never given out.</summary>
    public static Func<string, WitFunctionType, HostHandler>? Otherwise(string id)
    {
        if (id.StartsWith("wasi:sockets/", StringComparison.Ordinal))
        {
            return (name, type) => type.Result is WitType.Sum { Kind: SumKind.Result }
                ? (_, _) => ComponentValue.Error(new ComponentValue.Number(AccessDenied))
                : (_, _) => throw HostCall.Trap($"{name} needs a socket, and none is given to guests");
        }

        return id.StartsWith("wasi:http/types@", StringComparison.Ordinal)
            ? (name, _) => (_, _) => throw HostCall.Trap($"{name} belongs to serving HTTP, which this host does not let guests do")
            : null;
    }
}

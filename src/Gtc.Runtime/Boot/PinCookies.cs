using Gtc.Model;
using Gtc.Routing;
using Gtc.Store;

namespace Gtc.Runtime;

/// <summary>What the environment's signing key is for, when there is one: cookies that keep callers on their revision, and tokens that may name one (decisions 17 and 18).</summary>
/// <param name="Cookie">Reads and writes cookies; null in a cluster whose pods were given no key: each pod's own would be worth nothing to the others.</param>
/// <param name="HeaderTokens">Checks tokens; null as well then.</param>
/// <param name="LocalCallers">Writes and checks what a router says of callers on its machine; null as well then.</param>
internal sealed record PinCookies(RevisionCookie? Cookie, RevisionHeaderToken? HeaderTokens, RevisionHeaderToken? LocalCallers)
{
    /// <summary>Reads the environment's key. Outside a cluster it is made when it is absent.</summary>
    public static Outcome<PinCookies> Open(WorkerOptions options)
    {
        var files = options.Store.Files(options.Environment);
        if (options.Variable("KUBERNETES_SERVICE_HOST") is { Length: > 0 })
        {
            return RevisionSigningKey.Load(files).Then<PinCookies>(shared => shared is null ? new PinCookies(null, null, null) : Of(shared, options));
        }

        return RevisionSigningKey.LoadOrMake(files, options.Keys).Then<PinCookies>(key => Of(key, options));
    }

    private static PinCookies Of(byte[] key, WorkerOptions options) => new(new RevisionCookie(key, options.Environment), new RevisionHeaderToken(key, options.Environment), RevisionHeaderToken.ForLocalCallers(key, options.Environment));
}

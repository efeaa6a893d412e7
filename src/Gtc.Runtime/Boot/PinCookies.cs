using Gtc.Model;
using Gtc.Routing;
using Gtc.Store;

namespace Gtc.Runtime;

/// <summary>The cookies that keep callers on their revision, when there is a key for them (decision 17).</summary>
/// <param name="Cookie">Reads and writes them; null in a cluster whose pods were given no key: each pod's own would be worth nothing to the others.</param>
internal sealed record PinCookies(RevisionCookie? Cookie)
{
    /// <summary>Reads the environment's key. Outside a cluster it is made when it is absent.</summary>
    public static Outcome<PinCookies> Open(WorkerOptions options)
    {
        var files = options.Store.Files(options.Environment);
        if (options.Variable("KUBERNETES_SERVICE_HOST") is { Length: > 0 })
        {
            return RevisionSigningKey.Load(files).Then<PinCookies>(shared => new PinCookies(shared is null ? null : new RevisionCookie(shared, options.Environment)));
        }

        return RevisionSigningKey.LoadOrMake(files, options.Keys).Then<PinCookies>(key => new PinCookies(new RevisionCookie(key, options.Environment)));
    }
}

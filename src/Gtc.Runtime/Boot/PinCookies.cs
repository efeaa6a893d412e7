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
    public static Outcome<PinCookies> Open(WorkerOptions options) => OpenOwn(options).Then(own => WithConsoleKey(own, options));

    /// <summary>Routers and workers of a cluster may be given a key for that one purpose.</summary>
    private static Outcome<PinCookies> WithConsoleKey(PinCookies own, WorkerOptions options)
    {
        if (options.Variable("GREENTIC_CONSOLE_KEY_FILE") is not { Length: > 0 } path)
        {
            return own;
        }

        try
        {
            var key = File.ReadAllBytes(path);
            return key.Length == RevisionCookie.KeyLength
                ? own with { LocalCallers = RevisionHeaderToken.ForLocalCallers(key, options.Environment) }
                : new Refusal.FileFailed($"{path} (GREENTIC_CONSOLE_KEY_FILE) has {key.Length} bytes, {RevisionCookie.KeyLength} were expected");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new Refusal.FileFailed($"{path} (GREENTIC_CONSOLE_KEY_FILE) cannot be read: {error.Message.TrimEnd('.')}");
        }
    }

    private static Outcome<PinCookies> OpenOwn(WorkerOptions options)
    {
        var files = options.Store.Files(options.Environment);
        if (options.IsInCluster)
        {
            return RevisionSigningKey.Load(files).Then<PinCookies>(shared => shared is null ? new PinCookies(null, null, null) : Of(shared, options) with { LocalCallers = null });
        }

        return RevisionSigningKey.LoadOrMake(files, options.Keys).Then<PinCookies>(key => Of(key, options));
    }

    private static PinCookies Of(byte[] key, WorkerOptions options) => new(new RevisionCookie(key, options.Environment), new RevisionHeaderToken(key, options.Environment), RevisionHeaderToken.ForLocalCallers(key, options.Environment));
}

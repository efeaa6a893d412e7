using Gtc.Cli.Contexts;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Verbs;

/// <summary>
/// Which store a call works on. What is nearest to the command line counts: <c>--store-root</c>, <c>--store-url</c> or <c>--context</c>; then
/// <c>GREENTIC_STORE_URL</c>, then <c>GREENTIC_STORE_ROOT</c>; then the current context; then the local store.
/// </summary>
internal static class StoreChoice
{
    /// <summary>The server; null for the local store.</summary>
    public static Outcome<ServerProfile?> Find(StoreFlags flags, CliContext context)
    {
        var named = new[] { flags.Root, flags.Url, flags.Context }.Count(flag => flag is not null);
        if (named > 1)
        {
            return new Refusal.InvalidArgument("--store-root, --store-url and --context each name a store; give one of them");
        }

        if (flags.TokenFile is not null && (flags.Root is not null || flags.Context is not null))
        {
            return new Refusal.InvalidArgument("--store-token-file goes with --store-url or GREENTIC_STORE_URL; a context has its own token");
        }

        return (flags.TokenFile is { } file ? TokenFiles.Read(context.PathOf(file)).Then<string?>(token => token) : (string?)null)
            .Then(token => Find(flags, token, context));
    }

    private static Outcome<ServerProfile?> Find(StoreFlags flags, string? token, CliContext context)
    {
        if (flags.Root is not null)
        {
            return (ServerProfile?)null;
        }

        if (flags.Context is { } chosen)
        {
            return ContextFile.Read(context).Then(file => file.Server(chosen, context));
        }

        if (!StoreTarget.Find(flags.Url, token, context.Variable).TryGet(out var target, out var refusal))
        {
            return refusal;
        }

        if (target is not null)
        {
            return new ServerProfile(target, StoreTransport.Find(null, null, null, context.Variable));
        }

        if (token is not null)
        {
            return new Refusal.InvalidArgument("--store-token-file is given, but no store server") { Next = "gtc op env list --store-url https://store.example:8787 --store-token-file FILE" };
        }

        return context.Variable("GREENTIC_STORE_ROOT") is { Length: > 0 } ? (ServerProfile?)null : ContextFile.Read(context).Then(file => file.Server(file.Current, context));
    }
}

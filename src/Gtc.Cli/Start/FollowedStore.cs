using System.CommandLine;
using Gtc.Cli.Contexts;
using Gtc.Model;
using Gtc.Runtime;
using Gtc.Store;
using Microsoft.Extensions.Logging;

namespace Gtc.Cli.Start;

/// <summary>The store server that a worker or router follows, as options or variables name it; contexts, which are a person's, do not count here.</summary>
internal static class FollowedStore
{
    private static readonly Option<string?> Url = new("--store-url") { Description = "The store server to follow; environment.json is kept a copy of what it has (GREENTIC_STORE_URL)", HelpName = "URL" };
    private static readonly Option<string?> TokenFile = new("--store-token-file") { Description = "A file with the token for it, which only its owner can read (GREENTIC_STORE_TOKEN with GREENTIC_STORE_URL)", HelpName = "FILE" };
    private static readonly Option<string?> Authority = new("--store-ca") { Description = "Authorities in PEM to believe about it, in place of the system's (GREENTIC_STORE_CA)", HelpName = "FILE" };
    private static readonly Option<string?> Certificate = new("--store-cert") { Description = "A certificate in PEM to show to it (GREENTIC_STORE_CERT)", HelpName = "FILE" };
    private static readonly Option<string?> Key = new("--store-key") { Description = "The private key of that certificate in PEM (GREENTIC_STORE_KEY)", HelpName = "FILE" };

    /// <summary>Its options.</summary>
    public static IReadOnlyList<Option> Options { get; } = [Url, TokenFile, Authority, Certificate, Key];

    /// <summary>Finds the server.</summary>
    /// <returns>What makes connections to it; null when none is named.</returns>
    public static Outcome<Func<Outcome<StoreFeed>>?> Resolve(ParseResult parsed, bool hasEnvironmentFile, CliContext context)
    {
        var (url, tokenFile) = (parsed.GetValue(Url), parsed.GetValue(TokenFile));
        Outcome<StoreTarget?> Target() => (tokenFile is null ? (string?)null : TokenFiles.Read(context.PathOf(tokenFile)).Then<string?>(token => token))
            .Then(token => StoreTarget.Find(url, token, context.Variable));
        if (!Target().TryGet(out var target, out var refusal))
        {
            return refusal;
        }

        if (target is null)
        {
            return Options.FirstOrDefault(option => parsed.GetResult(option) is not null) is { } lonely
                ? new Refusal.InvalidArgument($"{lonely.Name} is given, but no store server to follow") { Next = $"{context.ProgramName} start --env prod --store-url https://store.example:8787" }
                : (Func<Outcome<StoreFeed>>?)null;
        }

        if (hasEnvironmentFile)
        {
            return new Refusal.InvalidArgument("--environment-file and a store server each say what the environment is; give one of them");
        }

        var transport = StoreTransport.Find(PathOf(parsed, Authority, context), PathOf(parsed, Certificate, context), PathOf(parsed, Key, context), context.Variable);

        // Files are read again for each connection: tokens and certificates are renewed while a worker runs.
        Func<Outcome<StoreFeed>> connect = () => Target().Then(again => transport.Open(again!).Then<StoreFeed>(handler => new StoreFeed(again!, handler, context.Time)));
        return connect;
    }

    /// <summary>Begins to follow, when a server is named.</summary>
    public static async Task<Outcome<StoreFollower?>> BeginAsync(
        Func<Outcome<StoreFeed>>? connect, EnvId environment, FileEnvironmentStore store, ILoggerFactory logging, CliContext context, CancellationToken cancellationToken) =>
        connect is null
            ? (StoreFollower?)null
            : (await StoreFollower.StartAsync(
                new FollowOptions(environment, store, connect, context.Time, RandomNumbers.Fraction(context.Random), logging.CreateLogger("Gtc.Runtime")), cancellationToken)).Then<StoreFollower?>(follower => follower);

    private static string? PathOf(ParseResult parsed, Option<string?> option, CliContext context) => parsed.GetValue(option) is { Length: > 0 } given ? context.PathOf(given) : null;
}

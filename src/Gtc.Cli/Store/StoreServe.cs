using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Runtime;
using Gtc.Store;
using Gtc.Store.Server;
using Microsoft.Extensions.Logging;

namespace Gtc.Cli.Store;

/// <summary><c>gtc store serve</c>: serves the contract of the store over HTTP.</summary>
internal static class StoreServe
{
    /// <summary>One line.</summary>
    public const string Purpose = "Serve environments over HTTP, with compare-and-swap, safe retries, roles and an audit log";

    private const int FlushingThreads = 64;

    /// <summary>The verb.</summary>
    public static Verb<ServePayload> Verb => new()
    {
        Noun = "store",
        Name = "serve",
        Purpose = Purpose,
        Remark = "It runs until it is interrupted. Without a token file it lets in whoever reaches it, and listens on loopback only. The token file is read again when it\n"
            + "changes. GREENTIC_STORE_BIND, GREENTIC_STORE_DATABASE, GREENTIC_STORE_RBAC_TOKENS and GREENTIC_STORE_OPERATOR_KEY stand for the flags. Several servers may share a\n"
            + "database, with one operator key; a folder has one server.",
        Examples = ["store serve", "store serve --listen 0.0.0.0:8787 --data /var/lib/gtc-store --rbac-tokens tokens.json", "store serve --database postgres://gtc@db.example/gtc?sslmode=verify-full"],
        Payload = StoreJson.Default.ServePayload,
        Fields =
        [
            new("listen", $"where it listens; {ServePayload.DefaultListen} when not given, port 0 takes any free one", "--listen", "IP:PORT"),
            new("data", "the folder of the environments; ~/.greentic/store when not given", "--data", "DIR"),
            new("database", "the PostgreSQL database of the environments instead, without a password: postgres://USER@HOST/DATABASE", "--database", "URL"),
            new("database_file", "a file of mode 0600 with that URL, which may hold a password", "--database-file", "FILE"),
            new("rbac_tokens", "who may do what: a file of token digests and roles", "--rbac-tokens", "FILE"),
            new("operator_key", "the server's signing key, made when it is first needed; ~/.greentic/operator/key.pem when not given", "--operator-key", "FILE"),
            new("insecure_allow_non_loopback", "let in whoever reaches an address that is not loopback", "--insecure-allow-non-loopback"),
        ],
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(ServePayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        var context = call.Context;
        if (!HostEndPoint.Parse("listen", payload.Listen ?? Filled(context, "GREENTIC_STORE_BIND") ?? ServePayload.DefaultListen).TryGet(out var listen, out var refusal)
            || !OperatorKey(payload, context).TryGet(out var key, out refusal))
        {
            return refusal;
        }

        // Flushes hold their threads, and the pool adds threads too slowly for many environments that change at once.
        ThreadPool.GetMinThreads(out _, out var ports);
        ThreadPool.SetMinThreads(FlushingThreads, ports);
        var logging = WorkerLogging.Create(context.OpenStderr(), context.IsErrorTerminal, null, LogLevel.Information, context.Time);
        var logger = logging.CreateLogger("Gtc.Store.Server");
        var random = new RandomSource(context.Random);
        if (!(await ServedStorage.OpenAsync(payload, context, random, logger, cancellationToken)).TryGet(out var served, out refusal))
        {
            logging.Dispose();
            return refusal;
        }

        var tokens = payload.RbacTokens ?? Filled(context, "GREENTIC_STORE_RBAC_TOKENS");
        var started = await StoreServer.StartAsync(
            new StoreServerOptions
            {
                Listen = listen,
                Storage = served.Storage,
                OperatorKey = new OperatorKeyFile(key, random),
                Tokens = tokens is null ? null : context.PathOf(tokens),
                AllowsOpenNetwork = payload.InsecureAllowNonLoopback,
                Version = GtcCommandLine.Version,
                Time = context.Time,
                LoggerFactory = logging,
            },
            cancellationToken);
        if (!started.TryGet(out var server, out refusal))
        {
            logging.Dispose();
            return refusal;
        }

        var access = tokens is null ? "open to whoever reaches it" : $"tokens of {tokens}";
        var result = new ServeResult(server.Address.ToString(), served.Place, access);
        return Answer.Of(result, StoreJson.Default.ServeResult, screen =>
        {
            screen.Say($"Serving {served.Place} on {server.Address} · stop with Ctrl-C");
            screen.Facts(("access", access));
        }) with { Afterwards = stop => RunUntilAsync(server, logging, stop) };
    }

    private static async Task RunUntilAsync(StoreServer server, ILoggerFactory logging, CancellationToken stop)
    {
        using (logging)
        {
            await using (server)
            {
                await Task.Delay(Timeout.Infinite, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private static Outcome<string> OperatorKey(ServePayload payload, CliContext context) =>
        (payload.OperatorKey ?? Filled(context, "GREENTIC_STORE_OPERATOR_KEY")) is { } given ? context.PathOf(given) : OperatorKeyFile.FindPath(context.Variable).Then<string>(path => context.PathOf(path));

    private static string? Filled(CliContext context, string variable) => context.Variable(variable) is { Length: > 0 } value ? value : null;
}

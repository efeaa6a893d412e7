using System.Runtime.InteropServices;
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
    private const uint MostDays = 36_500;
    private const uint MostHours = 24 * 365;

    /// <summary>The verb.</summary>
    public static Verb<ServePayload> Verb => new()
    {
        Noun = "store",
        Name = "serve",
        Purpose = Purpose,
        Remark = "It runs until it is interrupted. Without an access file it lets in whoever reaches it, and listens on loopback only. The access file and those\n"
            + "of TLS are read again when they change, and at once on SIGHUP. GREENTIC_STORE_BIND, GREENTIC_STORE_DATABASE, GREENTIC_STORE_RBAC_TOKENS and GREENTIC_STORE_OPERATOR_KEY stand for the flags.\n"
            + "Several servers may share a database, with one operator key; a folder has one server.",
        Examples =
        [
            "store serve",
            "store serve --listen 0.0.0.0:8787 --data /var/lib/gtc-store --rbac-tokens access.json --tls-cert tls.crt --tls-key tls.key",
            "store serve --database postgres://gtc@db.example/gtc?sslmode=verify-full",
        ],
        Payload = StoreJson.Default.ServePayload,
        Fields =
        [
            new("listen", $"where it listens; {ServePayload.DefaultListen} when not given, port 0 takes any free one", "--listen", "IP:PORT"),
            new("data", "the folder of the environments; ~/.greentic/store when not given", "--data", "DIR"),
            new("database", "the PostgreSQL database of the environments instead, without a password: postgres://USER@HOST/DATABASE", "--database", "URL"),
            new("database_file", "a file of mode 0600 with that URL, which may hold a password", "--database-file", "FILE"),
            new("rbac_tokens", "who may do what, the access file: token digests, issuers of OIDC tokens, client certificates, and their roles", "--rbac-tokens", "FILE"),
            new("tls_cert", "the server's certificate, and those between it and its authority, in PEM; read again when it is renewed", "--tls-cert", "FILE"),
            new("tls_key", "its private key in PEM", "--tls-key", "FILE"),
            new("client_ca", "authorities in PEM whose certificates callers may show in place of a token; what they may stands in the access file", "--client-ca", "FILE"),
            new("client_crl", "lists in PEM of the client certificates that those authorities took back; a certificate that no list speaks of, or whose list has ended, is refused", "--client-crl", "FILE"),
            new("operator_key", "the server's signing key, made when it is first needed; ~/.greentic/operator/key.pem when not given", "--operator-key", "FILE"),
            new("insecure_allow_non_loopback", "let in whoever reaches an address that is not loopback", "--insecure-allow-non-loopback"),
            new("audit_max_rows_per_env", "how many audit lines each environment keeps; older ones go, vouched for by a signed checkpoint; all when not given", "--audit-max-rows-per-env", "N"),
            new("history_max_generations_per_env", "how many generations each environment keeps, and a few more until they go; all when not given", "--history-max-generations-per-env", "N"),
            new("scrub_hours", $"hours after which everything that is kept is read again in the background, so that damage is found; {ServePayload.DefaultScrubHours} when not given, 0 for never", "--scrub-hours", "N"),
            new("scrub_percent", $"the share of the time that it may take; {ServePayload.DefaultScrubPercent} when not given", "--scrub-percent", "N"),
            new("max_artifacts_total_bytes", "the most bytes of all bundles that are kept, with those on their way; no bound when not given", "--max-artifacts-total-bytes", "N"),
            new("artifact_keep_days", "days after which a bundle goes that no revision names; for ever when not given", "--artifact-keep-days", "N"),
            new("max_import_bytes", "the most bytes of an exported backup that is imported; 268435456 when not given", "--max-import-bytes", "N"),
            new("max_artifact_bytes", $"the most bytes of a bundle that is sent here; {StoreServerOptions.DefaultMaxArtifactBytes} when not given", "--max-artifact-bytes", "N"),
        ],
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(ServePayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        var context = call.Context;
        if (!HostEndPoint.Parse("listen", payload.Listen ?? Filled(context, "GREENTIC_STORE_BIND") ?? ServePayload.DefaultListen).TryGet(out var listen, out var refusal)
            || !AuditRows(payload, context).TryGet(out var auditRows, out refusal)
            || !Bounds(payload).TryGet(out _, out refusal)
            || !OperatorKey(payload, context).TryGet(out var key, out refusal)
            || !Tls(payload, context).TryGet(out var tls, out refusal))
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
                Tls = tls,
                AllowsOpenNetwork = payload.InsecureAllowNonLoopback,
                AuditMaxRows = auditRows,
                HistoryMaxGenerations = payload.HistoryMaxGenerationsPerEnv,
                ScrubEvery = payload.ScrubHours is 0 ? null : TimeSpan.FromHours(payload.ScrubHours ?? ServePayload.DefaultScrubHours),
                ScrubShare = (payload.ScrubPercent ?? ServePayload.DefaultScrubPercent) / 100d,
                MaxArtifactsTotalBytes = (long?)payload.MaxArtifactsTotalBytes,
                ArtifactsKept = payload.ArtifactKeepDays is { } days ? TimeSpan.FromDays(days) : null,
                MaxImportBytes = (int)Math.Min(payload.MaxImportBytes ?? StoreServerOptions.DefaultMaxImportBytes, int.MaxValue),
                MaxArtifactBytes = (long)Math.Min(payload.MaxArtifactBytes ?? StoreServerOptions.DefaultMaxArtifactBytes, long.MaxValue),
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

        var access = tokens is null ? "open to whoever reaches it" : $"as {tokens} says";
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
            // Changed files are noticed within a second in any case; the signal is for whoever does not want to wait.
            using var again = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
            {
                signal.Cancel = true;
                server.LookAgain();
            });
            await using (server)
            {
                await Task.Delay(Timeout.Infinite, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private static Outcome<StoreTlsFiles?> Tls(ServePayload payload, CliContext context) => payload is { ClientCrl: not null, ClientCa: null }
        ? new Refusal.InvalidArgument("--client-crl needs --client-ca, whose certificates its lists are about")
        : (payload.TlsCert, payload.TlsKey) switch
        {
            (null, null) when payload.ClientCa is null => (StoreTlsFiles?)null,
            ({ } certificate, { } key) => new StoreTlsFiles(context.PathOf(certificate), context.PathOf(key))
            {
                ClientAuthorityFile = payload.ClientCa is { } authority ? context.PathOf(authority) : null,
                RevocationFile = payload.ClientCrl is { } lists ? context.PathOf(lists) : null,
            },
            _ => new Refusal.InvalidArgument("TLS needs both --tls-cert and --tls-key, and --client-ca needs TLS"),
        };

    /// <summary>A bound of 0 would keep nothing that the next line could follow.</summary>
    private static Outcome<int?> AuditRows(ServePayload payload, CliContext context) =>
        payload.AuditMaxRowsPerEnv is null && Filled(context, "GREENTIC_STORE_AUDIT_MAX_ROWS") is not { Length: > 0 } ? (int?)null
        : (payload.AuditMaxRowsPerEnv ?? (uint.TryParse(Filled(context, "GREENTIC_STORE_AUDIT_MAX_ROWS"), out var rows) ? rows : 0)) is > 0 and <= int.MaxValue and var most ? (int)most
        : new Refusal.InvalidArgument("audit_max_rows_per_env must be a number from 1 to 2147483647");

    /// <summary>Whether the numbers mean something.</summary>
    private static Outcome<ServePayload> Bounds(ServePayload payload) =>
        payload.HistoryMaxGenerationsPerEnv is 0 or > long.MaxValue ? new Refusal.InvalidArgument($"history_max_generations_per_env must be a number from 1 to {long.MaxValue}")
        : payload.ScrubPercent is 0 or > 100 ? new Refusal.InvalidArgument("scrub_percent must be a number from 1 to 100")
        : payload.ScrubHours > MostHours || payload.ArtifactKeepDays is 0 or > MostDays ? new Refusal.InvalidArgument($"scrub_hours must be at most {MostHours}, artifact_keep_days from 1 to {MostDays}")
        : payload.MaxArtifactsTotalBytes > long.MaxValue ? new Refusal.InvalidArgument($"max_artifacts_total_bytes must be at most {long.MaxValue}")
        : payload;

    private static Outcome<string> OperatorKey(ServePayload payload, CliContext context) =>
        (payload.OperatorKey ?? Filled(context, "GREENTIC_STORE_OPERATOR_KEY")) is { } given ? context.PathOf(given) : OperatorKeyFile.FindPath(context.Variable).Then<string>(path => context.PathOf(path));

    private static string? Filled(CliContext context, string variable) => context.Variable(variable) is { Length: > 0 } value ? value : null;
}

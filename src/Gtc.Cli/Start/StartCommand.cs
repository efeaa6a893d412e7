using System.Collections.Frozen;
using System.CommandLine;
using System.Globalization;
using Gtc.Artifacts.Sources;
using Gtc.Cli.Op.LocalWorkers;
using Gtc.Cli.Output;
using Gtc.Cli.StageFiles;
using Gtc.Deployers.LocalProcess;
using Gtc.Model;
using Gtc.Runtime;
using Gtc.Store;
using Microsoft.Extensions.Logging;

namespace Gtc.Cli.Start;

/// <summary><c>gtc start</c>: the worker (worker-runtime.md §2 and §3).</summary>
internal static partial class StartCommand
{
    private static readonly Option<string?> Env = new("--env") { Description = "The environment (GREENTIC_ENV, else local)", HelpName = "ID" };
    private static readonly Option<string?> StoreRoot = new("--store-root") { Description = "Where environments are kept (GREENTIC_STORE_ROOT, else ~/.greentic/environments)", HelpName = "DIR" };
    private static readonly Option<string?> EnvironmentFile = new("--environment-file") { Description = "An environment.json to copy to there first; containers of a fleet mount one", HelpName = "FILE" };
    private static readonly Option<long> MaxBundleBytes = new("--max-bundle-bytes") { Description = "The most bytes that a pulled bundle may have (2 GiB)", HelpName = "N", DefaultValueFactory = _ => PullRequest.DefaultMaxBytes };
    private static readonly Option<int?> DrainSeconds = new("--drain-seconds") { Description = "How long running requests get when the worker stops (GREENTIC_DRAIN_SECONDS, else 30)", HelpName = "S" };
    private static readonly Option<string?> TrustedProxies = new("--trusted-proxies") { Description = "Peers whose X-Greentic-Revision is believed (GREENTIC_TRUSTED_PROXIES, else nobody)", HelpName = "CIDR,…" };
    private static readonly Option<string?> CallerField = new("--caller-field") { Description = "The header field that callers are known by (GREENTIC_CALLER_FIELD)", HelpName = "NAME" };
    private static readonly Option<string?> Pins = new("--pins") { Description = "Where sessions are kept, their pins and those that wait: memory, or redis://host:port/db (GREENTIC_PINS, else the env-pack in the slot sessions, else memory)", HelpName = "URL" };
    private static readonly Option<string?> State = new("--state") { Description = "Where the state of components is kept: memory, or redis://host:port/db (GREENTIC_STATE, else the env-pack in the slot state, else memory)", HelpName = "URL" };
    private static readonly Option<string?> Egress = new("--egress") { Description = "Where components may send HTTP requests to: public, host[:port], *.host[:port], address[/prefix][:port], or none (GREENTIC_EGRESS, else public)", HelpName = "LIST" };
    private static readonly Option<string?> SecretWrites = new("--secret-writes") { Description = "Packs whose components may write the secrets that they declare (GREENTIC_SECRET_WRITES, else none)", HelpName = "PACK,…" };
    private static readonly Option<string?> Cloudflared = new("--cloudflared") { Description = "Open a tunnel from outside with cloudflared: on or off (off); nobody on this machine is believed then", HelpName = "on|off" };
    private static readonly Option<string?> CloudflaredBinary = new("--cloudflared-binary") { Description = "The program (cloudflared on PATH)", HelpName = "FILE" };
    private static readonly Option<string?> LogDir = new("--log-dir") { Description = "Where worker.log is written (the environment's logs folder)", HelpName = "DIR" };
    private static readonly Option<bool> Verbose = new("--verbose") { Description = "Log debug lines too" };
    private static readonly Option<bool> Quiet = new("--quiet") { Description = "Log warnings and errors only" };

    /// <summary>Builds the command.</summary>
    public static Command Create(CliContext context)
    {
        var command = new DescribedCommand("start", "Boot a worker: pull what is routed, verify it, serve it")
        {
            Examples = ["start --env local", "start --env prod --store-root /var/lib/greentic/environments --max-bundle-bytes 104857600", "start --env prod --store-url https://store.example:8787 --store-token-file worker.token"],
            Remark = "It listens on 127.0.0.1:8080 unless host_config.listen_addr, GREENTIC_GATEWAY_LISTEN_ADDR or PORT say otherwise.\n"
                + "GREENTIC_REVISION_ID makes it the worker of one revision, GREENTIC_ROLE=router the router in front of such workers; without either it is both in one process.\n"
                + "SIGTERM, Ctrl-C or `gtc stop` end it: running requests get the drain time.",
        };
        foreach (var option in (Option[])[Env, StoreRoot, EnvironmentFile, .. FollowedStore.Options, MaxBundleBytes, DrainSeconds, TrustedProxies, CallerField, Pins, State, Egress, SecretWrites, Cloudflared, CloudflaredBinary, LogDir, Verbose, Quiet])
        {
            command.Add(option);
        }

        command.SetAction((parsed, stop) => RunAsync(parsed, context, stop));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken stop)
    {
        if (!WorkerEnvironment.Resolve(parsed.GetValue(Env), context).TryGet(out var environment, out var refusal)
            || !StoreLayout.Find(parsed.GetValue(StoreRoot), context.Variable).TryGet(out var layout, out refusal)
            || !WorkerPeers.Resolve(parsed.GetValue(TrustedProxies), context).TryGet(out var trusted, out refusal)
            || !WorkerStores.Resolve(parsed.GetValue(Pins), parsed.GetValue(State), layout.Environment(environment), context).TryGet(out var stores, out refusal)
            || !WorkerEgress.Resolve(parsed.GetValue(Egress), context).TryGet(out var egress, out refusal)
            || !WorkerTunnel.Resolve(parsed.GetValue(Cloudflared), parsed.GetValue(CloudflaredBinary)).TryGet(out var tunnel, out refusal)
            || !DrainTime(parsed, context).TryGet(out var drain, out refusal)
            || !CheckNumbers(parsed).TryGet(out _, out refusal)
            || !FollowedStore.Resolve(parsed, parsed.GetValue(EnvironmentFile) is not null, context).TryGet(out var connect, out refusal)
            || !Staged(parsed.GetValue(EnvironmentFile), layout.Environment(environment), context).TryGet(out _, out refusal))
        {
            ErrorText.Write(refusal, context);
            return ExitCodes.Refused;
        }

        var isSupervised = context.Variable(LinuxWorkerProcesses.Mark) is { Length: > 0 };
        if (isSupervised)
        {
            // Ctrl-C at the terminal of whoever started it is not meant for it.
            Session.Begin();
        }

        using var processes = new LinuxWorkerProcesses();
        var store = new FileEnvironmentStore(layout, context.Time, new RandomSource(context.Random));

        // A supervised worker's standard error is a file without bounds, and nobody watches it.
        using var logging = WorkerLogging.Create(
            isSupervised ? Stream.Null : context.OpenStderr(), context.IsErrorTerminal, LogFolder(parsed, layout.Environment(environment), context), Level(parsed), context.Time);
        if (!(await FollowedStore.BeginAsync(connect, environment, store, logging, context, stop)).TryGet(out var follower, out refusal))
        {
            return Failed(refusal, logging, context);
        }

        await using var following = follower;
        var options = new WorkerOptions
        {
            Environment = environment,
            Store = store,
            Following = follower,
            Variable = context.Variable,
            Banners = context.Stdout,
            Logging = logging,
            Time = context.Time,
            Random = RandomNumbers.Bits(context.Random),
            Keys = new RandomSource(context.Random),
            Jitter = RandomNumbers.Fraction(context.Random),
            MaxBundleBytes = parsed.GetValue(MaxBundleBytes),
            DrainTime = drain,
            TrustedProxies = trusted,
            WorkerAddress = WorkerPeers.AddressOf(context, store, environment, processes),
            CallerField = parsed.GetValue(CallerField) ?? context.Variable("GREENTIC_CALLER_FIELD"),
            OpenPins = stores.OpenPins,
            OpenFlowStores = stores.OpenFlowStores,
            Egress = egress,
            SecretWriters = (parsed.GetValue(SecretWrites) ?? context.Variable("GREENTIC_SECRET_WRITES") ?? string.Empty)
                .Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).ToFrozenSet(StringComparer.Ordinal),
            TunnelBinary = tunnel,
            Pull = PullOptions.FromEnvironment(context.Variable),
        };
        using var telemetry = TelemetryStart.Begin(context, layout.Environment(environment), logging);
        return await RunAsync(options, processes, context, stop) is { } why ? Failed(why, logging, context) : ExitCodes.Ok;
    }

    /// <summary>Runs the role that the environment variables say (decision 14) until it is stopped.</summary>
    /// <returns>Why it does not start, or null.</returns>
    private static async Task<Refusal?> RunAsync(WorkerOptions options, LinuxWorkerProcesses processes, CliContext context, CancellationToken stop)
    {
        var role = options.Variable("GREENTIC_ROLE")?.Trim();
        if (role is not (null or "" or "router" or "worker"))
        {
            return new Refusal.InvalidArgument($"GREENTIC_ROLE `{role}` must be `router` or `worker`, or absent for both in one process");
        }

        if (role == "router" && options.OwnRevision is null)
        {
            if (options.TunnelBinary is not null)
            {
                return new Refusal.InvalidArgument("--cloudflared is for workers; a router has an address of its own");
            }

            if (!(await RouterHost.StartAsync(options, stop)).TryGet(out var router, out var refusal))
            {
                return refusal;
            }

            await using (router)
            {
                using var over = new CancellationTokenSource();
                var watching = Watch(options, processes, context).RunAsync(over.Token);
                await router.WaitForStopAsync(stop);
                await over.CancelAsync();
                await watching;
            }

            return null;
        }

        if (!(await WorkerHost.StartAsync(options, stop)).TryGet(out var worker, out var why))
        {
            return why;
        }

        await using (worker)
        {
            await worker.WaitForStopAsync(stop);
        }

        return null;
    }

    /// <summary>Restarts the workers that a deployer started on this machine; where it started none there is nothing to do.</summary>
    private static WorkerSupervisor Watch(WorkerOptions options, LinuxWorkerProcesses processes, CliContext context) => new(
        options.Store,
        options.Environment,
        LocalDeployer.Open(options.Store, processes, context),
        processes,
        document => LocalDeployer.Answers(options.Store.Layout.Environment(document.EnvironmentId).Folder, document),
        context.Time,
        options.Logging.CreateLogger("Gtc.Deployers.LocalProcess"));

    /// <summary>A container has its environment as one mounted file, and writes beside a copy of it.</summary>
    private static Outcome<bool> Staged(string? file, EnvironmentLayout layout, CliContext context) =>
        file is not null && StageFileCommand.Stage(context.PathOf(file), layout.Document, isLink: false, isOptional: false) is { } refusal ? refusal : true;

    private static Outcome<bool> CheckNumbers(ParseResult parsed)
    {
        if (parsed.GetValue(MaxBundleBytes) < 1)
        {
            return new Refusal.InvalidArgument($"--max-bundle-bytes must be at least 1, {parsed.GetValue(MaxBundleBytes)} was given");
        }

        return true;
    }

    private static Outcome<TimeSpan> DrainTime(ParseResult parsed, CliContext context)
    {
        const int Usual = 30;
        const int Most = 86_400;
        var text = parsed.GetValue(DrainSeconds)?.ToString(CultureInfo.InvariantCulture) ?? context.Variable("GREENTIC_DRAIN_SECONDS");
        var seconds = string.IsNullOrWhiteSpace(text) ? Usual : int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var given) ? given : -1;
        return seconds is < 0 or > Most
            ? new Refusal.InvalidArgument($"--drain-seconds (GREENTIC_DRAIN_SECONDS) must be from 0 to {Most}, {text} was given")
            : TimeSpan.FromSeconds(seconds);
    }

    private static LogLevel Level(ParseResult parsed) =>
        parsed.GetValue(Verbose) ? LogLevel.Debug : parsed.GetValue(Quiet) ? LogLevel.Warning : LogLevel.Information;

    private static string? LogFolder(ParseResult parsed, EnvironmentLayout layout, CliContext context)
    {
        if (parsed.GetValue(LogDir) is { } given)
        {
            return context.PathOf(given);
        }

        // A folder is never made for an environment that does not exist.
        return layout.Id == EnvId.Local || Directory.Exists(layout.Folder) ? Path.Combine(layout.Folder, "logs") : null;
    }

    /// <summary>For people in four parts; otherwise as one structured line, so that a log collector sees why a pod does not start.</summary>
    private static int Failed(Refusal refusal, ILoggerFactory logging, CliContext context)
    {
        if (context.IsErrorTerminal)
        {
            ErrorText.Write(refusal, context);
            return ExitCodes.Refused;
        }

        var details = string.Join("; ", refusal.Details.Select(detail => $"{detail.Label}: {detail.Value}"));
        Log.NotStarted(logging.CreateLogger("Gtc.Runtime"), ErrorKinds.Of(refusal), refusal.Message, details, refusal.Next ?? "");
        return ExitCodes.Refused;
    }

    private static partial class Log
    {
        [LoggerMessage(4004, LogLevel.Critical, "The worker does not start ({Kind}): {Reason} [{Details}] {Next}")]
        public static partial void NotStarted(ILogger logger, string kind, string reason, string details, string next);
    }
}

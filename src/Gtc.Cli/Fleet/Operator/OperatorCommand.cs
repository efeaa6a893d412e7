using System.CommandLine;
using System.Net;
using Gtc.Cli.Output;
using Gtc.Cli.Start;
using Gtc.Fleet.Operator;
using Gtc.Kubernetes;
using Gtc.Model;
using Gtc.Nats;
using Gtc.Proxy;
using Gtc.Runtime;
using Microsoft.Extensions.Logging;

namespace Gtc.Cli.Fleet.Operator;

/// <summary><c>gtc fleet operator</c>: what runs in the cluster.</summary>
internal static class OperatorCommand
{
    /// <summary>What it is.</summary>
    public const string Purpose = "Run the operator of a fleet: give devices what they have to run and count what became of it";

    private const string DefaultNamespace = "default";

    private static readonly Option<string> Nats = new("--nats-url") { Description = "the broker's servers, with commas between; NATS_URL when not given", HelpName = "URL[,URL…]" };
    private static readonly Option<string> Credentials = new("--nats-creds") { Description = "a .creds file for the broker", HelpName = "FILE" };
    private static readonly Option<string> Kubeconfig = new("--kubeconfig") { Description = "how the cluster is reached; KUBECONFIG, then the pod's own account when not given", HelpName = "FILE" };
    private static readonly Option<string> Namespace = new("--namespace") { Description = $"where its Lease lives; {DefaultNamespace} when not given", HelpName = "NAME" };
    private static readonly Option<int> Budget = new("--api-budget") { Description = "writes to the API server per second", HelpName = "N", DefaultValueFactory = _ => 50 };
    private static readonly Option<string> Checkpoint = new("--checkpoint") { Description = "a folder for what was counted; the broker's bucket fleet-checkpoint when not given", HelpName = "DIR" };
    private static readonly Option<int> Replicas = new("--replicas") { Description = "how many servers of the broker keep each bucket, 1 or 3", HelpName = "N", DefaultValueFactory = _ => 1 };
    private static readonly Option<string> Listen = new("--listen") { Description = "where /healthz, /readyz and /metrics are answered; nowhere when not given", HelpName = "IP:PORT" };
    private static readonly Option<bool> Quiet = new("--quiet") { Description = "log warnings and errors only" };

    /// <summary>Builds the command.</summary>
    public static Command Create(CliContext context)
    {
        var command = new DescribedCommand("operator", Purpose)
        {
            Examples =
            [
                "fleet operator --nats-url nats://127.0.0.1:4222 --kubeconfig ~/.kube/config",
                "fleet operator --nats-url nats://fleet-nats:4222 --namespace gtc-fleet --checkpoint /var/lib/gtc --listen 0.0.0.0:8080",
            ],
            Remark = "It makes the buckets that are missing and waits for its Lease; of several only one writes, and one that lost it waits again. SIGTERM or Ctrl-C\n"
                + "end it: it keeps what it counted and gives the Lease back. `gtc fleet install` runs it in the cluster.",
        };
        foreach (var option in (Option[])[Nats, Credentials, Kubeconfig, Namespace, Budget, Checkpoint, Replicas, Listen, Quiet])
        {
            command.Add(option);
        }

        command.SetAction((parsed, stop) => RunAsync(parsed, context, stop));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CliContext context, CancellationToken stop)
    {
        IPEndPoint? listen = null;
        if (parsed.GetValue(Listen) is { } typed && !IPEndPoint.TryParse(typed, out listen))
        {
            return Refuse(new Refusal.InvalidArgument($"`{typed}` is no address, IP:PORT was expected, e.g. 127.0.0.1:8080"), context);
        }

        if (!(await OptionsAsync(parsed, context, stop)).TryGet(out var options, out var refusal))
        {
            return Refuse(refusal, context);
        }

        using var logging = WorkerLogging.Create(context.OpenStderr(), context.IsErrorTerminal, null, parsed.GetValue(Quiet) ? LogLevel.Warning : LogLevel.Information, context.Time);
        if (!FleetOperator.Create(options, context.Time, logging.CreateLogger("Gtc.Fleet.Operator")).TryGet(out var fleet, out var error))
        {
            return Refuse(new Refusal.InvalidArgument(error.Message), context);
        }

        await using (fleet)
        {
            return await ServeAsync(fleet, listen, context, stop);
        }
    }

    private static async Task<int> ServeAsync(FleetOperator fleet, IPEndPoint? listen, CliContext context, CancellationToken stop)
    {
        ProxyServer? probes = null;
        try
        {
            probes = listen is null ? null : ProxyServer.Start(listen, new ProxyOptions(), new Probes(fleet.Health));
            await fleet.RunAsync(stop);
            return ExitCodes.Ok;
        }
        catch (IOException error) when (probes is null)
        {
            return Refuse(new Refusal.InvalidArgument(error.Message) { Next = "choose another address, or port 0 for any free one" }, context);
        }
        finally
        {
            if (probes is not null)
            {
                await probes.StopAsync(TimeSpan.Zero, CancellationToken.None);
            }
        }
    }

    private static async Task<Outcome<OperatorOptions>> OptionsAsync(ParseResult parsed, CliContext context, CancellationToken cancellationToken)
    {
        if ((parsed.GetValue(Nats) ?? context.Variable("NATS_URL")) is not { Length: > 0 } urls)
        {
            return new Refusal.InvalidArgument("no broker is named") { Next = $"{context.ProgramName} fleet operator --nats-url nats://127.0.0.1:4222" };
        }

        if (parsed.GetValue(Budget) < 1 || parsed.GetValue(Replicas) is < 1 or > 5)
        {
            return new Refusal.InvalidArgument("--api-budget of at least 1 and --replicas of 1 to 5 were expected");
        }

        var kubeconfig = parsed.GetValue(Kubeconfig);
        var cluster = KubeConfig.Find(null, name => name == "KUBECONFIG" && kubeconfig is not null ? context.PathOf(kubeconfig) : context.Variable(name));
        if (cluster.Error is { } unreachable)
        {
            return new Refusal.InvalidArgument(unreachable.Message) { Next = $"{context.ProgramName} fleet operator --kubeconfig FILE" };
        }

        var credentials = NatsCredentials.None;
        if (parsed.GetValue(Credentials) is { } file && !(await NatsCredentials.FromFileAsync(context.PathOf(file), cancellationToken)).TryGet(out credentials, out var wrong))
        {
            return new Refusal.InvalidArgument(wrong.Message);
        }

        return new OperatorOptions
        {
            Kube = cluster.Value!,
            Nats = new NatsOptions
            {
                Urls = [.. urls.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)],
                Name = "gtc-fleet-operator",
                Credentials = credentials!,
                PingInterval = TimeSpan.FromSeconds(10),
                LongestBackoff = TimeSpan.FromSeconds(5),
            },
            Namespace = parsed.GetValue(Namespace) ?? DefaultNamespace,
            ApiBudget = parsed.GetValue(Budget),
            CheckpointFolder = parsed.GetValue(Checkpoint) is { } folder ? context.PathOf(folder) : null,
            Replicas = parsed.GetValue(Replicas),
            Jitter = RandomNumbers.Fraction(context.Random),
        };
    }

    private static int Refuse(Refusal refusal, CliContext context)
    {
        ErrorText.Write(refusal, context);
        return ExitCodes.Refused;
    }

    /// <summary>Answers probes and whoever collects metrics.</summary>
    private sealed class Probes(OperatorHealth health) : ProxyPolicy
    {
        private static readonly byte[] Text = "text/plain; version=0.0.4"u8.ToArray();
        private static readonly byte[] Ok = "ok"u8.ToArray();
        private static readonly byte[] NotYet = "not ready"u8.ToArray();
        private static readonly byte[] Unknown = "ask for /healthz, /readyz or /metrics"u8.ToArray();

        public override void Choose(in RequestView request, ref Choice choice)
        {
            choice.ContentType = Text;
            if (request.Path.SequenceEqual("/metrics"u8))
            {
                choice.Reply(200, System.Text.Encoding.UTF8.GetBytes(health.Metrics()));
            }
            else if (request.Path.SequenceEqual("/readyz"u8))
            {
                choice.Reply(health.IsReady ? 200 : 503, health.IsReady ? Ok : NotYet);
            }
            else
            {
                var isProbe = request.Path.SequenceEqual("/healthz"u8);
                choice.Reply(isProbe ? 200 : 404, isProbe ? Ok : Unknown);
            }
        }
    }
}

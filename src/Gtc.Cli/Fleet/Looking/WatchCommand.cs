using System.CommandLine;
using System.Text.Json;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Fleet.Contracts;
using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Cli.Fleet.Looking;

/// <summary><c>gtc fleet watch</c>: a line whenever the counters of a deployment change.</summary>
internal static class WatchCommand
{
    /// <summary>What it is.</summary>
    public const string Purpose = "Print a line whenever the counters of a deployment change";

    /// <summary>Builds the command.</summary>
    public static Command Create(CliContext context) => VerbFlags.Alone(Verb, context);

    private static Verb<WatchPayload> Verb => new()
    {
        Noun = "fleet",
        Name = "watch",
        Purpose = Purpose,
        Remark = "It goes on until it is interrupted, through restarts of the API server too; with --format json each line is one JSON object.",
        Examples = ["fleet watch", "fleet watch hello-world --namespace fleet-demo", "fleet watch hello-world --until-available --timeout 300"],
        Payload = FleetJson.Default.WatchPayload,
        Fields =
        [
            new("name", "one deployment; all when not given", Position: "NAME"),
            new("namespace", "one namespace; all when not given", "--namespace", "NAME"),
            new("until_available", "end as soon as every selected device runs it", "--until-available"),
            new("timeout", "give up after so many seconds; never when not given", "--timeout", "S"),
            FleetCluster.Kubeconfig,
            FleetCluster.ContextName,
        ],
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(WatchPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (payload is { UntilAvailable: true, Name: null })
        {
            return new Refusal.InvalidArgument("--until-available needs the name of a deployment") { Next = "gtc fleet watch hello-world --until-available" };
        }

        if (!FleetCluster.Open(payload.Kubeconfig, payload.Context, call, isPatient: false).TryGet(out var client, out var refusal))
        {
            return refusal;
        }

        using (client)
        {
            using var late = new CancellationTokenSource(payload.Timeout is { } seconds ? TimeSpan.FromSeconds(seconds) : Timeout.InfiniteTimeSpan, call.Context.Time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
            try
            {
                return await FollowAsync(client, payload, call, either.Token);
            }
            catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                return new Refusal.Conflict(payload.UntilAvailable ? $"{payload.Name} was not running on every selected device after {payload.Timeout} s" : $"{payload.Timeout} s are over")
                {
                    Next = payload.Name is null ? "gtc fleet get" : $"gtc fleet get {payload.Name}",
                };
            }
            catch (OperationCanceledException) when (!payload.UntilAvailable)
            {
                // Interrupted by the person who watched: that is how it ends.
                return Ended;
            }
        }
    }

    private static Answer Ended => new(_ => { }, _ => { }) { Lines = _ => { } };

    private static async Task<Outcome<Answer>> FollowAsync(KubeClient client, WatchPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        var scope = new KubeScope(FleetCluster.Deployments) { Namespace = payload.Namespace, FieldSelector = payload.Name is null ? null : $"metadata.name={payload.Name}" };
        var printed = new Dictionary<KubeKey, string>();
        var isKnown = false;
        await foreach (var change in new ResumingWatch(client, scope, call.Context.Time, () => 0.5).RunAsync(cancellationToken))
        {
            switch (change)
            {
                case WatchChange.Present present when FleetDeployment.Parse(present.Item).TryGet(out var deployment, out _):
                    var row = DeploymentShown.Of(deployment);
                    Print(present.Key, row, printed, call);
                    if (payload.UntilAvailable && row is { IsObserved: true, Available: "True" })
                    {
                        return Ended;
                    }

                    break;
                case WatchChange.Absent absent when printed.Remove(absent.Key):
                    Write(call, $"{absent.Key.Namespace}/{absent.Key.Name}  gone", () => JsonSerializer.Serialize(new DeletedLine(absent.Key.Namespace ?? "", absent.Key.Name, true), FleetJson.Default.DeletedLine));
                    break;
                case WatchChange.Interrupted { Error.Kind: KubeErrorKind.Forbidden or KubeErrorKind.NotFound } refused:
                    return FleetCluster.Refuse($"watching {FleetApi.Deployments}", refused.Error);
                case WatchChange.Interrupted { Error.Kind: KubeErrorKind.Unavailable } lost when !isKnown && lost.Error.Status == 0:
                    // A server that never answered is more likely a wrong address than one that restarts.
                    return FleetCluster.Refuse($"watching {FleetApi.Deployments}", lost.Error);
                case WatchChange.Interrupted lost:
                    call.Warn($"the API server is away: {lost.Error.Message}");
                    break;
                case WatchChange.Synced:
                    isKnown = true;
                    break;
                default:
                    break;
            }
        }

        return Ended;
    }

    private static void Print(KubeKey key, DeploymentShown row, Dictionary<KubeKey, string> printed, VerbCall call)
    {
        var counted = row.Matched is null ? "not counted yet" : $"{row.Matched} matched · {row.Succeeded} running · {row.Failed} failed · {row.Pending} pending";
        var line = $"{row.Namespace}/{row.Name}  {counted}{(row.Rollout is null ? "" : $" · {row.Rollout}")}{(row.IsGoing ? " · being deleted" : row.IsObserved ? "" : " · a change is on its way")}{(row.LastError is null ? "" : $" · {row.LastErrorDevice}: {BoundedText.Cut(row.LastError, 100)}")}";
        if (printed.GetValueOrDefault(key) != line)
        {
            printed[key] = line;
            Write(call, line, () => JsonSerializer.Serialize(row, FleetJson.Default.DeploymentShown));
        }
    }

    private static void Write(VerbCall call, string line, Func<string> json)
    {
        call.Context.Stdout.WriteLine(call.Format == OutputFormat.Json ? json() : line);
        call.Context.Stdout.Flush();
    }
}

/// <summary>The line for a deployment that is gone.</summary>
internal sealed record DeletedLine(string Namespace, string Name, bool IsGone);

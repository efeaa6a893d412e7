using System.Collections.Immutable;
using System.CommandLine;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Fleet.Contracts;
using Gtc.Model;

namespace Gtc.Cli.Fleet.Looking;

/// <summary><c>gtc fleet explain</c>: why things are as they are.</summary>
internal static class ExplainCommand
{
    /// <summary>What it is.</summary>
    public const string Purpose = "Say why a device runs what it runs";

    /// <summary>Builds the command.</summary>
    public static Command Create(CliContext context)
    {
        var explain = new Command("explain", Purpose);
        explain.Add(VerbFlags.Alone(Verb, context));
        return explain;
    }

    private static Verb<ExplainPayload> Verb => new()
    {
        Noun = "fleet explain",
        Name = "device",
        Purpose = "Say for each deployment which term of its selector decided about a device",
        Remark = "It compares the labels of the Device resource, those that people added included, with the selector of every deployment; nothing is asked of the device.",
        Examples = ["fleet explain device pi-42", "fleet explain device pi-42 --deployment hello-world"],
        Payload = FleetJson.Default.ExplainPayload,
        Fields =
        [
            new("device", "the device", Position: "DEVICE"),
            new("deployment", "one deployment; all when not given", "--deployment", "NAME"),
            new("namespace", "one namespace; all when not given", "--namespace", "NAME"),
            FleetCluster.Kubeconfig,
            FleetCluster.ContextName,
        ],
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(ExplainPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!FleetCluster.Open(payload.Kubeconfig, payload.Context, call).TryGet(out var client, out var refusal))
        {
            return refusal;
        }

        using (client)
        {
            if (!(await FleetReading.DeviceAsync(client, payload.Device, cancellationToken)).TryGet(out var device, out refusal)
                || !(await FleetReading.DeploymentsAsync(client, payload.Namespace, payload.Deployment, cancellationToken)).TryGet(out var deployments, out refusal))
            {
                return refusal;
            }

            var shown = Explain(device, deployments);
            return Answer.Of(shown, FleetJson.Default.DeviceExplained, screen => Show(screen, shown));
        }
    }

    /// <summary>What every deployment says about a device, those that select it first.</summary>
    internal static DeviceExplained Explain(FleetDevice device, IEnumerable<FleetDeployment> deployments)
    {
        var shown = DeviceShown.Of(device);
        return new DeviceExplained(shown, [.. deployments.Select(deployment => Explain(shown, deployment)).OrderByDescending(row => row.Selects)]);
    }

    private static DeploymentExplained Explain(DeviceShown device, FleetDeployment deployment)
    {
        var row = new DeploymentExplained { Namespace = deployment.Metadata.Namespace ?? "", Name = deployment.Metadata.Name, Selects = false };
        if (!deployment.Spec.TargetSelector.Compile().TryGet(out var selector, out var wrong))
        {
            return row with { Because = $"its selector means nothing ({wrong}); devices keep what they had" };
        }

        var terms = selector.Explain(device.Labels).Select(verdict => new TermExplained(verdict.Term.ToString(), verdict.IsMatch, verdict.Reason)).ToImmutableArray();
        var deciding = terms.FirstOrDefault(term => !term.Matches);
        return row with { Selects = deciding is null, Terms = terms, Because = deciding is null ? HeldBy(device, deployment) : deciding.Reason };
    }

    /// <summary>What keeps a deployment from a device that it selects; null when nothing that the cluster knows of does.</summary>
    private static string? HeldBy(DeviceShown device, FleetDeployment deployment)
    {
        var accepted = deployment.Status?.Conditions?.FirstOrDefault(condition => condition.Type == "Accepted");
        return deployment.Metadata.DeletionTimestamp is not null ? "it is being deleted"
            : accepted is { Status: "False" } ? $"it was not accepted ({accepted.Reason}): {accepted.Message}"
            : deployment.Spec.Paused == true ? "it is paused: devices keep what they had"
            : device.IsPaused ? "the device is paused: it keeps what it had"
            : device.Reachable == "False" ? $"the device cannot be reached ({device.Why}): it catches up when it is back"
            : deployment.Status?.Rollout is { State: "Paused" } ? "its roll-out is paused: devices of later batches keep what they had"
            : null;
    }

    private static void Show(Screen screen, DeviceExplained shown)
    {
        screen.Say($"Device {shown.Device.Name} · {(shown.Device.Reachable is "True" ? "reachable" : shown.Device.Why ?? "nothing known of its reachability")}");
        screen.Say($"  labels  {string.Join(", ", shown.Device.Labels.Select(label => $"{label.Key}={label.Value}"))}");
        foreach (var row in shown.Deployments)
        {
            screen.Say("");
            screen.Say($"{(row.Selects ? "+" : "-")} {row.Namespace}/{row.Name}{(row.Selects ? row.Because is null ? " selects it" : $" selects it, but {row.Because}" : $" does not select it: {row.Because}")}");
            foreach (var term in row.Terms)
            {
                screen.Say($"    {(term.Matches ? "yes" : "no "),-3}  {term.Term}    {term.Reason}");
            }

            if (row.Selects && row.Terms.IsEmpty)
            {
                screen.Say("    an empty selector selects every device");
            }
        }

        if (shown.Deployments.IsEmpty)
        {
            screen.Say("There are no deployments.");
        }
    }
}

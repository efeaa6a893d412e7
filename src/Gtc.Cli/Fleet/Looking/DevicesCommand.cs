using System.Collections.Immutable;
using System.CommandLine;
using Gtc.Cli.Fleet.Applying;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Fleet.Contracts;
using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Cli.Fleet.Looking;

/// <summary><c>gtc fleet devices</c>: the devices and whether they can be reached.</summary>
internal static class DevicesCommand
{
    /// <summary>What it is.</summary>
    public const string Purpose = "Show the devices of a fleet, all or those that labels select";

    private const int DefaultLimit = 500;

    /// <summary>Builds the command.</summary>
    public static Command Create(CliContext context) => VerbFlags.Alone(Verb, context);

    private static Verb<DevicesPayload> Verb => new()
    {
        Noun = "fleet",
        Name = "devices",
        Purpose = Purpose,
        Examples = ["fleet devices", "fleet devices --to group=lab", "fleet devices --to-expr \"arch in (arm64,armv7)\" --limit 50"],
        Payload = FleetJson.Default.DevicesPayload,
        Fields =
        [
            new("to", "labels that a device must have", "--to", "KEY=VALUE[,…]"),
            new("to_expr", "a requirement on labels: key in (a,b), key notin (a,b), key, !key", "--to-expr", "EXPR"),
            new("limit", $"how many at most; {DefaultLimit} when not given", "--limit", "N"),
            FleetCluster.Kubeconfig,
            FleetCluster.ContextName,
        ],
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(DevicesPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!WantedDeployment.Selector(new ApplyPayload { To = payload.To, ToExpr = payload.ToExpr }).TryGet(out var selector, out var refusal)
            || !FleetCluster.Open(payload.Kubeconfig, payload.Context, call).TryGet(out var client, out refusal))
        {
            return refusal;
        }

        var limit = (int)Math.Clamp(payload.Limit ?? DefaultLimit, 1, 100_000);
        var scope = new KubeScope(FleetCluster.Devices) { LabelSelector = selector?.Compile().Value.ToString() is { Length: > 0 } text ? text : null };
        var rows = ImmutableArray.CreateBuilder<DeviceShown>();
        var next = "";
        using (client)
        {
            do
            {
                var page = await client.ListPageAsync(scope, next, cancellationToken);
                if (page.Error is { } error)
                {
                    return FleetCluster.Refuse($"listing {FleetApi.Devices}", error);
                }

                foreach (var item in page.Value!.Items)
                {
                    if (FleetDevice.Parse(item).TryGet(out var device, out _))
                    {
                        rows.Add(DeviceShown.Of(device));
                    }
                }

                next = page.Value.Next;
            }
            while (next.Length > 0 && rows.Count < limit);
        }

        var shown = new DevicesShown([.. rows.Take(limit)], next.Length > 0 || rows.Count > limit);
        return Answer.Of(shown, FleetJson.Default.DevicesShown, screen => Show(screen, shown));
    }

    private static void Show(Screen screen, DevicesShown shown)
    {
        screen.Table(
            new TableView(
                [new("DEVICE"), new("REACHABLE"), new("LAST SEEN", 3), new("ARCH", 4), new("OS", 5), new("AGENT", 2), new("LABELS", 1)],
                [.. shown.Devices.Select(row => (ImmutableArray<string>)
                    [row.Name, row.Reachable is null ? "–" : row.Reachable == "True" ? "yes" : $"{(row.Reachable == "False" ? "no" : "unknown")} ({row.Why})", row.LastHeartbeat is { } at ? screen.Ago(at) : "–",
                        row.Arch ?? "–", row.Os ?? "–", row.Agent ?? "–", string.Join(',', row.Labels.Where(label => label.Key != DeviceInfo.DeviceIdLabel).Select(label => $"{label.Key}={label.Value}"))])]),
            "No devices. One joins when its agent first reaches the broker: gtc fleet agent --config agent.toml");
        if (shown.HasMore)
        {
            screen.Say($"There are more than these {shown.Devices.Length}: --limit shows more of them.");
        }
    }
}

using System.Text.Json;
using Gtc.Conformance;
using Gtc.Fleet.Contracts;
using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Cli.Conformance;

/// <summary>Tests the deployer of fleets on the cluster of a kubeconfig.</summary>
internal static class FleetRun
{
    private const string Leases = "/apis/coordination.k8s.io/v1/leases?fieldSelector=metadata.name%3Dfleet-operator";
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(30);

    /// <summary>Runs checks.</summary>
    public static async Task<Outcome<ConformanceShown>> RunAsync(ConformanceSuite suite, List<ConformanceCheck> checks, ConformancePayload payload, CliContext context, CancellationToken cancellationToken)
    {
        string? Variable(string name) => name == "KUBECONFIG" && payload.Kubeconfig is { } file ? context.PathOf(file) : context.Variable(name);
        var found = KubeConfig.Find(payload.Context, Variable);
        if (found.Error is { } error)
        {
            return new DeployerRefusal.Provider(error.Message) { Details = [new("expected", "--kubeconfig, KUBECONFIG, ~/.kube/config, or the account of a pod")] };
        }

        using var client = new KubeClient(found.Value!, CallTimeout, context.Time) { Patience = CallTimeout };
        var fleet = new ConformanceFleet(found.Value!, client, Variable, payload.Context, context);
        if ((await RefuseAsync(client, context.Time, cancellationToken) ?? await fleet.RefuseAsync(cancellationToken)) is { } refusal)
        {
            return refusal;
        }

        try
        {
            await fleet.PrepareAsync(cancellationToken);
            return ConformanceShown.Of([await suite.RunAsync(new FleetTarget(fleet), checks, cancellationToken)]);
        }
        finally
        {
            // Whoever stops the run wants what it made gone all the same.
            await fleet.RemoveAsync(CancellationToken.None);
        }
    }

    private static async Task<Refusal?> RefuseAsync(KubeClient client, TimeProvider time, CancellationToken cancellationToken)
    {
        foreach (var kind in (string[])[FleetApi.DeploymentKind, FleetApi.DeviceKind])
        {
            var listed = await client.ListAsync(KubeKind.Of(FleetApi.GroupVersion, kind)!, null, "gtc-conformance", cancellationToken);
            if (listed.Error is { } error)
            {
                return error.Kind == KubeErrorKind.NotFound
                    ? new DeployerRefusal.Provider($"the cluster has no fleet, its API does not know {FleetApi.Deployments}") { Next = "gtc fleet install --crds-only" }
                    : new DeployerRefusal.Provider($"listing {kind}: {error.Message}");
            }
        }

        var leases = await client.ReadTextAsync(Leases, cancellationToken);
        if (leases.Error is { } unread)
        {
            return new DeployerRefusal.Provider($"whether an operator runs cannot be asked: {unread.Message}");
        }

        using var document = JsonDocument.Parse(leases.Value!);
        return document.RootElement.GetProperty("items").EnumerateArray().Any(lease => IsHeld(lease, time.GetUtcNow()))
            ? new Refusal.Conflict("an operator of a fleet runs in this cluster, and the suite stands in for operator and devices") { Next = "gtc conformance --deployer fleet --kubeconfig FILE" }
            : null;
    }

    private static bool IsHeld(JsonElement lease, DateTimeOffset now) =>
        lease.TryGetProperty("spec", out var spec)
        && spec.TryGetProperty("holderIdentity", out var holder) && holder.ValueKind == JsonValueKind.String && holder.GetString()!.Length > 0
        && spec.TryGetProperty("renewTime", out var renewed) && renewed.TryGetDateTimeOffset(out var at)
        && now - at < TimeSpan.FromSeconds(spec.TryGetProperty("leaseDurationSeconds", out var seconds) ? seconds.GetInt32() : 15);
}

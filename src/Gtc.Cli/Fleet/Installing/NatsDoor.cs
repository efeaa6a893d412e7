using System.Text.Json;
using Gtc.Cli.Verbs;
using Gtc.Fleet.Operator.Installing;
using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Cli.Fleet.Installing;

/// <summary>Finds the address that a broker has outside the cluster, and knocks there.</summary>
internal static class NatsDoor
{
    /// <summary>Waits until the broker answers at its node port or load balancer.</summary>
    /// <returns>Its URL.</returns>
    public static async Task<Outcome<string>> OpenAsync(KubeClient client, ClusterInstaller installer, NatsServerScore score, TimeSpan wait, VerbCall call, CancellationToken cancellationToken)
    {
        var isNode = score.Exposure is NatsExposure.NodePort;
        var port = score.Exposure is NatsExposure.NodePort node ? node.Port : NatsServerScore.ClientPort;
        string? host = null;
        if (isNode)
        {
            var nodes = await client.ListAsync(KubeKind.Of("v1", "Node")!, null, null, cancellationToken);
            if (nodes.Error is { } unread)
            {
                return FleetCluster.Refuse("looking for a node's address", unread);
            }

            host = nodes.Value!.Items.Select(NodeAddress).FirstOrDefault(address => address is not null);
        }
        else if (await installer.UntilAsync(KubeKind.Of("v1", "Service")!, score.Namespace, score.Name, service => (host = BalancerAddress(service)) is not null, wait, cancellationToken) is not null)
        {
            return new Refusal.Conflict($"the cluster gave Service {score.Name} no address in {wait.TotalSeconds:F0} s: it may have nothing that makes load balancers")
            {
                Next = "gtc fleet nats install --expose node-port --node-port 30422",
            };
        }

        if (host is null)
        {
            return new Refusal.Conflict("no node of the cluster has an address") { Next = "kubectl get nodes -o wide" };
        }

        return await NatsReachability.AnswersAsync(host, port, wait, call.Context.Time, cancellationToken) is { } problem
            ? new Refusal.Conflict($"the broker's pods are ready, but no broker answers at {host}:{port}: {problem}") { Next = $"kubectl describe service {score.Name} --namespace {score.Namespace}" }
            : $"nats://{host}:{port}";
    }

    private static string? BalancerAddress(JsonElement service) =>
        service.TryGetProperty("status", out var status) && status.TryGetProperty("loadBalancer", out var balancer) && balancer.TryGetProperty("ingress", out var addresses)
            ? addresses.EnumerateArray().Select(address => Text(address, "ip") ?? Text(address, "hostname")).FirstOrDefault(address => address is not null)
            : null;

    private static string? NodeAddress(JsonElement node) =>
        node.TryGetProperty("status", out var status) && status.TryGetProperty("addresses", out var addresses)
            ? addresses.EnumerateArray().OrderByDescending(address => Text(address, "type") == "ExternalIP").Where(address => Text(address, "type") is "ExternalIP" or "InternalIP").Select(address => Text(address, "address")).FirstOrDefault()
            : null;

    private static string? Text(JsonElement item, string member) => item.TryGetProperty(member, out var value) ? value.GetString() : null;
}

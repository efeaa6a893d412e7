using System.Collections.Immutable;
using System.Text.Json;

namespace Gtc.Deployers.Kubernetes;

/// <summary>Under which addresses the routers are reached, as far as the cluster says (decision 31).</summary>
internal static class RouterAddress
{
    private const string Inside = "router_url";
    private const string ClusterIp = "router_cluster_ip";
    private const string Outside = "load_balancer_url";

    /// <summary>Their keys.</summary>
    public static ImmutableArray<string> Keys { get; } = [Inside, ClusterIp, Outside];

    /// <summary>The addresses by key.</summary>
    /// <param name="service">The Service in front of the routers.</param>
    /// <param name="ns">Its namespace.</param>
    public static ImmutableSortedDictionary<string, string> Of(JsonElement service, string ns)
    {
        var found = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        found[Inside] = $"http://gtc-router.{ns}.svc:{Pods.Port}";
        if (service.Text("spec", "clusterIP") is { Length: > 0 } address and not "None")
        {
            found[ClusterIp] = address;
        }

        var outside = service.Items("status", "loadBalancer", "ingress").Select(item => item.Text("hostname") ?? item.Text("ip")).FirstOrDefault(name => name is not null);
        if (outside is not null)
        {
            found[Outside] = $"http://{outside}:{Pods.Port}";
        }

        return found.ToImmutable();
    }
}

using System.Collections.Immutable;
using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Deployers.Kubernetes;

/// <summary>The six policies, always in this order (k8s-deployer.md §7): everything is closed, then what is needed is opened.</summary>
internal static class NetworkPolicies
{
    private static readonly ImmutableArray<NetworkPort> HttpPort = [new() { Protocol = "TCP", Port = Pods.Port }];

    public static IEnumerable<NetworkPolicy> Of(EnvironmentDocument document, RenderSettings settings)
    {
        var environment = document.EnvironmentId;
        var router = new LabelSelector { MatchLabels = Labels.Of(environment, Labels.Router) };
        var worker = new LabelSelector { MatchLabels = Labels.Of(environment, Labels.Worker) };
        var isPullable = IsPullable(document);
        return
        [
            Policy("gtc-default-deny", new() { PodSelector = new(), PolicyTypes = ["Ingress", "Egress"] }),
            Policy("gtc-allow-dns", new()
            {
                PodSelector = new(),
                PolicyTypes = ["Egress"],
                Egress = [new() { Ports = [new() { Protocol = "UDP", Port = 53 }, new() { Protocol = "TCP", Port = 53 }] }],
            }),
            Policy("gtc-allow-router", new()
            {
                PodSelector = router,
                PolicyTypes = ["Ingress", "Egress"],
                Ingress = [new() { Ports = HttpPort }],
                Egress = [new() { Ports = HttpPort, To = [new() { PodSelector = worker }] }],
            }),
            Policy("gtc-allow-workers", new()
            {
                PodSelector = worker,
                PolicyTypes = ["Ingress"],
                Ingress = [new() { Ports = HttpPort, From = [new() { PodSelector = router }] }],
            }),
            Policy("gtc-allow-worker-egress", Egress(worker, isPullable || settings.OpensTunnel || settings.Secrets is SecretsBackend.Vault, settings, ComponentEgressRules.Of(settings.Options.ComponentEgress))),
            Policy("gtc-allow-router-egress", Egress(router, isPullable, settings, [])),
        ];

        NetworkPolicy Policy(string name, NetworkPolicySpec spec) => new()
        {
            ApiVersion = "networking.k8s.io/v1",
            Kind = "NetworkPolicy",
            Metadata = new() { Name = name, Namespace = settings.Namespace, Labels = Labels.Of(environment, "network-policy") },
            Spec = spec,
        };
    }

    /// <summary>Rendered when closed too, so that a plain apply closes what was open.</summary>
    private static NetworkPolicySpec Egress(LabelSelector pods, bool isOpen, RenderSettings settings, IEnumerable<NetworkRule> more) => new()
    {
        PodSelector = pods,
        PolicyTypes = ["Egress"],
        Egress = isOpen && settings.Options.Egress.IsEmpty ? [new()] : [.. isOpen ? Allowed(settings) : [], .. Telemetry(settings), .. more],
    };

    /// <summary>The receiver of telemetry is known by its port only: policies know no names.</summary>
    private static IEnumerable<NetworkRule> Telemetry(RenderSettings settings) =>
        settings.Telemetry is { } telemetry ? [new NetworkRule { Ports = [new() { Protocol = "TCP", Port = telemetry.Port }] }] : [];

    private static IEnumerable<NetworkRule> Allowed(RenderSettings settings) =>
        settings.Options.Egress.Select(allowed => new NetworkRule { Ports = [new() { Protocol = "TCP", Port = allowed.Port }], To = [new() { IpBlock = new() { Cidr = allowed.Cidr } }] });

    /// <summary>Whether a revision that pods may be of is pulled from somewhere: a new colour warms at 0 % (decision 15).</summary>
    private static bool IsPullable(EnvironmentDocument document) => document.Revisions.Any(revision =>
        revision.BundleSourceUri is not null && (Renderer.IsPresent(revision) || document.TrafficSplits.Any(split => split.Entries.Any(entry => entry.RevisionId == revision.RevisionId))));
}

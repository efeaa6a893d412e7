using Gtc.Conformance;
using Gtc.Model;

namespace Gtc.Cli.Conformance;

/// <summary>The deployer of Kubernetes under test, on a real API server.</summary>
internal sealed class KubernetesTarget(ConformanceCluster cluster) : IConformanceTarget
{
    public string Name => $"greentic.deployer.k8s on {cluster.Config.Server.Authority}, {(cluster.RunsPods ? "whose nodes run pods" : "which has no nodes: the suite says what is ready")}";

    public DeployerCapabilities Capabilities { get; } = new() { ProvidesObjects = true, ProvidesHealthGate = true, ProvidesTraffic = true };

    public async Task<ConformanceSubject> CreateAsync(CancellationToken cancellationToken)
    {
        var subject = new KubernetesSubject(cluster);

        // The check of credentials asks about the namespace, and an account without rights lives there.
        await subject.PlaceAsync(ConformanceFixture.Environment(), cancellationToken);
        await subject.PrepareCredentialsAsync(cancellationToken);
        return subject;
    }
}

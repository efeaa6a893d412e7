using System.Collections.Immutable;
using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Deployers.Kubernetes;

/// <summary>Objects that are there only when the answers ask for them (k8s-deployer.md §16): they follow those that every environment has.</summary>
internal static class OptionalObjects
{
    // The autoscaler's aim when pods request a quarter of a processor: before a router is busy for most of its time another one helps.
    private const int AimPercent = 75;

    public static IEnumerable<KubeObject> Of(EnvId environment, RenderSettings settings)
    {
        if (WorkerSecrets.External(environment, settings) is { } secrets)
        {
            yield return secrets;
        }

        if (settings.Options.RouterMaxReplicas is { } most)
        {
            yield return new HorizontalPodAutoscaler
            {
                ApiVersion = "autoscaling/v1",
                Kind = "HorizontalPodAutoscaler",
                Metadata = Meta(),
                Spec = new()
                {
                    ScaleTargetRef = new() { ApiVersion = "apps/v1", Kind = "Deployment", Name = EnvironmentObjects.Router },
                    MinReplicas = settings.RouterReplicas,
                    MaxReplicas = most,
                    TargetCpuUtilizationPercentage = AimPercent,
                },
            };
        }

        if (settings.Options.Ingress is { } ingress)
        {
            yield return new Ingress { ApiVersion = "networking.k8s.io/v1", Kind = "Ingress", Metadata = Meta(), Spec = Spec(ingress) };
        }

        if (settings.Options.Gateway is { } gateway)
        {
            yield return new HttpRoute
            {
                ApiVersion = "gateway.networking.k8s.io/v1",
                Kind = "HTTPRoute",
                Metadata = Meta(),
                Spec = new()
                {
                    ParentRefs = [new() { Namespace = gateway.Namespace, Name = gateway.Name }],
                    Hostnames = gateway.Host is { } host ? [host] : null,
                    Rules = [new() { BackendRefs = [new() { Name = EnvironmentObjects.Router, Port = Pods.Port }] }],
                },
            };
        }

        ObjectMeta Meta() => new() { Name = EnvironmentObjects.Router, Namespace = settings.Namespace, Labels = Labels.Of(environment, Labels.Router) };
    }

    private static IngressSpec Spec(IngressOption option) => new()
    {
        IngressClassName = option.Class,
        Tls = option.TlsSecret is { } secret ? [new() { Hosts = [option.Host], SecretName = secret }] : null,
        Rules =
        [
            new()
            {
                Host = option.Host,
                Http = new() { Paths = [new() { Path = "/", PathType = "Prefix", Backend = new() { Service = new() { Name = EnvironmentObjects.Router, Port = new() { Number = Pods.Port } } } }] },
            },
        ],
    };
}

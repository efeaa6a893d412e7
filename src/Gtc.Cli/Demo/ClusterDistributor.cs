using System.Collections.Immutable;
using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Cli.Demo;

/// <summary>A distributor in the cluster: a pod of the same image that serves one bundle from a ConfigMap, in a namespace of its own.</summary>
internal sealed class ClusterDistributor(KubeClient client, string image, string ns = ClusterDistributor.Namespace)
{
    /// <summary>Its namespace in the demo.</summary>
    public const string Namespace = "gtc-demo";

    /// <summary>Its pods.</summary>
    public const string Selector = "app.kubernetes.io/name=distributor";

    private const string Name = "distributor";
    private const string Folder = "/bundles";
    private const int Port = 8080;

    // A ConfigMap holds 1 MiB with its name and labels, and base64 takes a third of it.
    private const long MaxBytes = 750 * 1024;

    private static ImmutableSortedDictionary<string, string> Labels => ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal)
        .Add("app.kubernetes.io/managed-by", "gtc-demo")
        .Add("app.kubernetes.io/name", Name);

    /// <summary>Applies its objects.</summary>
    /// <returns>Where pods pull the bundle from.</returns>
    public async Task<Outcome<Uri>> ApplyAsync(string bundle, CancellationToken cancellationToken)
    {
        if (new FileInfo(bundle).Length > MaxBytes)
        {
            return new Refusal.InvalidArgument($"the demo's distributor serves from a ConfigMap, and {Path.GetFileName(bundle)} has {new FileInfo(bundle).Length} bytes: the most is {MaxBytes}") { Next = "gtc demo kind-pull" };
        }

        var file = Path.GetFileName(bundle);
        foreach (var item in Objects(file, await File.ReadAllBytesAsync(bundle, cancellationToken)))
        {
            var applied = await client.ApplyAsync(KubeJson.ToElement(item), "gtc-demo", isForced: true, isDryRun: false, cancellationToken);
            applied.Value?.Dispose();
            if (applied.Error is { } error)
            {
                return new Refusal.FetchFailed($"the cluster refused {item.Kind} {item.Metadata.Name}: {error.Message}");
            }
        }

        return new Uri($"http://{Name}.{ns}.svc:{Port}/{Uri.EscapeDataString(file)}");
    }

    private IEnumerable<KubeObject> Objects(string file, byte[] bundle)
    {
        yield return new NamespaceObject { ApiVersion = "v1", Kind = "Namespace", Metadata = new() { Name = ns, Labels = Labels } };
        yield return new ConfigMap { ApiVersion = "v1", Kind = "ConfigMap", Metadata = Meta(), BinaryData = ImmutableSortedDictionary<string, string>.Empty.Add(file, Convert.ToBase64String(bundle)) };
        yield return new Deployment
        {
            ApiVersion = "apps/v1",
            Kind = "Deployment",
            Metadata = Meta(),
            Spec = new() { Replicas = 1, Selector = new() { MatchLabels = Labels }, Template = new() { Metadata = new() { Labels = Labels }, Spec = Pod() } },
        };
        yield return new Service
        {
            ApiVersion = "v1",
            Kind = "Service",
            Metadata = Meta(),
            Spec = new() { Selector = Labels, Ports = [new() { Protocol = "TCP", Port = Port, TargetPort = Port }] },
        };
    }

    private ObjectMeta Meta() => new() { Name = Name, Namespace = ns, Labels = Labels };

    private PodSpec Pod() => new()
    {
        AutomountServiceAccountToken = false,
        SecurityContext = new() { RunAsNonRoot = true, SeccompProfile = new() { Type = "RuntimeDefault" } },
        Containers =
        [
            new()
            {
                Name = Name,
                Image = image,
                Args = ["distributor", "serve", Folder, "--listen", $"0.0.0.0:{Port}"],
                VolumeMounts = [new() { Name = "bundles", MountPath = Folder, ReadOnly = true }],
                ReadinessProbe = new() { HttpGet = new() { Path = "/", Port = Port }, PeriodSeconds = 1 },
                SecurityContext = new() { AllowPrivilegeEscalation = false, ReadOnlyRootFilesystem = true, Capabilities = new() { Drop = ["ALL"] } },
            },
        ],
        Volumes = [new() { Name = "bundles", ConfigMap = new() { Name = Name } }],
    };
}

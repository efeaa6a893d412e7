using System.Collections.Immutable;
using System.Text;
using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Deployers.Kubernetes;

/// <summary>
/// What a cluster must hold for an environment, in the order in which it is applied (k8s-deployer.md §9). A pure function: no clock, no files, no
/// cluster; the same input always gives the same objects.
/// </summary>
public static class Renderer
{
    // A ConfigMap may have 1 MiB in all; the rest is left for its metadata.
    private const int MaxConfigBytes = 1_000_000;

    /// <summary>Whether a revision's worker runs: the one rule of rendering and pruning (k8s-deployer.md §6).</summary>
    public static bool IsPresent(Revision revision)
    {
        ArgumentNullException.ThrowIfNull(revision);
        return revision.Lifecycle is RevisionLifecycle.Warming or RevisionLifecycle.Ready or RevisionLifecycle.Draining;
    }

    /// <summary>The objects.</summary>
    public static Outcome<ImmutableArray<KubeObject>> Render(EnvironmentDocument document, RenderSettings settings)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(settings);
        var present = document.Revisions.Where(IsPresent).ToList();
        if (present.FirstOrDefault(revision => !Labels.IsValue(revision.BundleId)) is { } unfit)
        {
            return new Refusal.Conflict($"bundle id `{unfit.BundleId}` of revision {unfit.RevisionId} cannot be the value of a label")
            {
                Details = [new("expected", "up to 63 letters, digits, -, _ and ., a letter or digit first and last")],
            };
        }

        if (settings.OpensTunnel && present.Count > 1)
        {
            return new Refusal.Conflict($"`tunnel: cloudflared` opens one tunnel per worker, and {present.Count} revisions run")
            {
                Details = [new("expected", "one present revision; archive the others, or set tunnel: off and use an Ingress")],
            };
        }

        if (WorkerSecrets.FindFault(document.EnvironmentId, settings.Options) is { } unusable)
        {
            return unusable;
        }

        ImmutableArray<KubeObject> objects =
            [.. EnvironmentObjects.Of(document, settings).Concat(present.SelectMany(revision => WorkerObjects.Of(revision, settings))).Select(item => WithRawId(item, document.EnvironmentId))];
        return objects.OfType<ConfigMap>().FirstOrDefault(map => map.Data!.Values.Sum(Encoding.UTF8.GetByteCount) > MaxConfigBytes) is { } large
            ? new Refusal.Conflict($"{large.Metadata.Name} would have more than {MaxConfigBytes:N0} bytes, more than a ConfigMap can hold") { Next = $"gtc op revisions gc {document.EnvironmentId}" }
            : objects;
    }

    /// <summary>Where a label cannot hold the environment's id, an annotation does.</summary>
    private static KubeObject WithRawId(KubeObject item, EnvId environment) => Labels.ValueOf(environment) == environment.ToString()
        ? item
        : item with { Metadata = item.Metadata with { Annotations = (item.Metadata.Annotations ?? ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal)).SetItem(Labels.RawEnvironment, environment.ToString()) } };
}

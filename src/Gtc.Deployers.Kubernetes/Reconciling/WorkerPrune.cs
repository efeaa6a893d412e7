using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Model;

namespace Gtc.Deployers.Kubernetes;

/// <summary>Which objects are to be removed: workers of revisions that do not run, whether the environment still knows the revision or not (k8s-deployer.md §11).</summary>
/// <param name="Present">Objects that are there, Deployments before Services.</param>
/// <param name="Absent">Objects that are not.</param>
/// <param name="Warnings">What looks like one and is left.</param>
internal sealed record WorkerPrune(ImmutableArray<KeyValuePair<ObjectRef, JsonElement>> Present, ImmutableArray<ObjectRef> Absent, ImmutableArray<string> Warnings)
{
    private static readonly ImmutableArray<(string ApiVersion, string Kind)> Pair = [("apps/v1", "Deployment"), ("v1", "Service")];

    /// <summary>Finds them.</summary>
    public static WorkerPrune Of(EnvironmentDocument document, RenderSettings settings, ClusterReading reading, ReconcileOptions options)
    {
        var wanted = document.Revisions.Where(Renderer.IsPresent).Select(revision => WorkerObjects.NameOf(revision.RevisionId)).ToHashSet(StringComparer.Ordinal);
        var workers = reading.All.Where(pair => pair.Key.Kind is "Deployment" or "Service" && IsWorker(pair.Value) && !wanted.Contains(pair.Key.Name)).ToLookup(pair => OwnershipGuard.IsOfOtherStore(pair.Value, options) && !options.Adopts);
        var present = workers[false].OrderBy(pair => pair.Key.Name, StringComparer.Ordinal).ThenBy(pair => pair.Key.Kind, StringComparer.Ordinal).ToList();
        var secret = new ObjectRef("v1", "Secret", settings.Namespace, Pods.DevSecrets);
        if (settings.Secrets is not SecretsBackend.DevStore && reading.Find(secret) is { ValueKind: JsonValueKind.Object } live && live.Label(Labels.Environment) == Labels.ValueOf(document.EnvironmentId))
        {
            present.Add(new(secret, live));
        }

        return new(
            [.. present],
            [.. document.Revisions.Where(revision => !Renderer.IsPresent(revision) && revision.Lifecycle != RevisionLifecycle.Staged)
                .SelectMany(revision => NamesOf(revision.RevisionId, settings.Namespace))
                .Where(name => reading.Find(name).ValueKind == JsonValueKind.Undefined)],
            [.. workers[true].Select(pair => $"{pair.Key} is a worker of another store's environment `{document.EnvironmentId}` and is left")]);
    }

    /// <summary>The two objects of a revision's worker, in the order of applying and of removing.</summary>
    public static IEnumerable<ObjectRef> NamesOf(RevisionId revision, string ns) => Pair.Select(kind => new ObjectRef(kind.ApiVersion, kind.Kind, ns, WorkerObjects.NameOf(revision)));

    private static bool IsWorker(JsonElement live) =>
        live.Label(Labels.ManagedBy) == "greentic" && live.Label(Labels.Component) == Labels.Worker && live.Label(Labels.Revision) is not null;
}

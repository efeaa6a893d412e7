using System.Collections.Immutable;

namespace Gtc.Deployers.Kubernetes;

/// <summary>What is to be done, decided before the first write.</summary>
/// <param name="Settings">What the answers say, fitted to the cluster's versions.</param>
/// <param name="Objects">The rendered objects in order.</param>
/// <param name="Reading">What was there.</param>
/// <param name="Prune">What is to be removed.</param>
internal sealed record ReconcilePlan(RenderSettings Settings, ImmutableArray<PlannedObject> Objects, ClusterReading Reading, WorkerPrune Prune)
{
    /// <summary>Optional objects that the cluster was given and that are rendered no more.</summary>
    public ImmutableArray<ObjectRef> Leftovers { get; init; } = [];

    /// <summary>The Service in front of the routers.</summary>
    public ObjectRef Router => new("v1", "Service", Settings.Namespace, "gtc-router");

    /// <summary>The Deployments by name; nobody waits for one that is left as somebody else wants it.</summary>
    public ImmutableArray<string> Deployments => [.. Objects.Where(item => item is { Name.Kind: "Deployment", Outcome: not ObjectOutcome.Left }).Select(item => item.Name.Name)];

    /// <summary>A ConfigMap.</summary>
    public ObjectRef Map(string name) => new("v1", "ConfigMap", Settings.Namespace, name);

    /// <summary>With one object decided anew.</summary>
    public ReconcilePlan With(PlannedObject item) => this with { Objects = [.. Objects.Select(present => present.Name == item.Name ? item : present)] };
}

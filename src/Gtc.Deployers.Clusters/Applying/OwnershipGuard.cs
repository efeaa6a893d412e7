using System.Text.Json;
using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Deployers.Clusters;

/// <summary>Keeps off objects of others: an object is ours by the labels <c>greentic.ai/env</c> and <c>greentic.ai/store</c> (k8s-deployer.md §13.2).</summary>
internal static class OwnershipGuard
{
    public const string StoreLabel = "greentic.ai/store";

    /// <summary>Why an object may not be changed, or null.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="live">The object as it is.</param>
    /// <param name="environment">Whose it should be.</param>
    /// <param name="options">Which store, and whether unlabelled objects may be taken.</param>
    public static Refusal.Conflict? Refuse(ObjectRef name, JsonElement live, EnvId environment, ReconcileOptions options)
    {
        var owner = live.Label(Labels.Environment);
        if (owner is not null && owner != Labels.ValueOf(environment))
        {
            return new Refusal.Conflict($"{name} belongs to environment `{owner}`, not to `{environment}`")
            {
                Details = [new("expected", $"label {Labels.Environment}={Labels.ValueOf(environment)}"), new("found", $"label {Labels.Environment}={owner}")],
            };
        }

        if (options.Adopts)
        {
            return null;
        }

        if (owner is null)
        {
            return new Refusal.Conflict($"{name} is there already and is not gtc's: it has no label {Labels.Environment}")
            {
                Next = $"gtc op env reconcile {environment} --adopt",
            };
        }

        return IsOfOtherStore(live, options)
            ? new Refusal.Conflict($"{name} belongs to environment `{environment}` of another store")
            {
                Details = [new("expected", $"label {StoreLabel}={options.Store}"), new("found", $"label {StoreLabel}={live.Label(StoreLabel)}")],
                Next = $"gtc op env reconcile {environment} --adopt",
            }
            : null;
    }

    /// <summary>An object with the label of the store that it is of.</summary>
    public static KubeObject Stamped(KubeObject item, ReconcileOptions options) => options.Store is { } store
        ? item with { Metadata = item.Metadata with { Labels = item.Metadata.Labels!.SetItem(StoreLabel, store) } }
        : item;

    /// <summary>Whether an object says that it is of a store that is not this one.</summary>
    public static bool IsOfOtherStore(JsonElement live, ReconcileOptions options) =>
        options.Store is { } store && live.Label(StoreLabel) is { } found && found != store;
}

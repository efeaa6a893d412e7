using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Deployers.Fleet;

/// <summary>Compares what is rendered with what is there, and refuses before the first write what is somebody else's.</summary>
internal sealed class FleetGuard(KubeClient client, ReconcileOptions options)
{
    /// <summary>What is to be done about each object.</summary>
    public async Task<Outcome<ImmutableArray<PlannedObject>>> CheckAsync(ImmutableArray<KubeObject> rendered, FleetState state, CancellationToken cancellationToken)
    {
        var environment = state.Document.EnvironmentId;
        var known = state.Revisions.ToDictionary(live => live.Name, live => live.Object);
        var planned = ImmutableArray.CreateBuilder<PlannedObject>();

        // Under a bound identity the Namespace belongs to whoever made the identity.
        foreach (var item in rendered.Where(item => !(options.IsBound && item is NamespaceObject)))
        {
            var name = ObjectRef.Of(item);
            if (!known.TryGetValue(name, out var live) && !(await GetAsync(name, cancellationToken)).TryGet(out live, out var refusal))
            {
                return refusal;
            }

            if (live.ValueKind == JsonValueKind.Object && ((Refusal?)OwnershipGuard.Refuse(name, live, environment, options) ?? Leaving(name, live)) is { } foreign)
            {
                return foreign;
            }

            var wanted = PlannedObject.Of(name, KubeJson.ToElement(OwnershipGuard.Stamped(item, options)), live, options.Drift);
            if (options.Drift == DriftChoice.Adopt && wanted.Drift.FirstOrDefault(field => field.Field.StartsWith("spec.targetSelector", StringComparison.Ordinal)) is { } selector)
            {
                return new Refusal.Conflict($"{name}: `{selector.Field}` was changed by {string.Join(", ", selector.Owners)}; left so, a device could have two revisions")
                {
                    Next = $"gtc op env reconcile {environment} --drift repair",
                };
            }

            planned.Add(wanted);
        }

        return planned.ToImmutable();
    }

    private static DeployerRefusal.Provider? Leaving(ObjectRef name, JsonElement live) => live.Meta("deletionTimestamp") is null
        ? null
        : new DeployerRefusal.Provider($"{name} is being removed: the operator still takes it away from devices; try again when it is gone");

    private async Task<Outcome<JsonElement>> GetAsync(ObjectRef name, CancellationToken cancellationToken)
    {
        var result = await client.GetAsync(name.Known, name.Namespace, name.Name, cancellationToken);
        if (result.Error is { } error)
        {
            return error.Kind == KubeErrorKind.NotFound ? default(JsonElement) : Provider.Failed($"reading {name}", error);
        }

        using var document = result.Value!;
        return document.RootElement.Clone();
    }
}

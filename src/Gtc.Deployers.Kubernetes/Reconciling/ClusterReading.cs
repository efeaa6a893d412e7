using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Deployers.Kubernetes;

/// <summary>
/// What a cluster holds of an environment. Kinds of which there can be several are listed once, by label; those of which there is one are read by name,
/// so that no permission to list them is needed.
/// </summary>
internal sealed class ClusterReading
{
    private static readonly ImmutableArray<KubeKind> Listed =
        [KubeKind.Of("v1", "ConfigMap")!, KubeKind.Of("apps/v1", "Deployment")!, KubeKind.Of("v1", "Service")!, KubeKind.Of("networking.k8s.io/v1", "NetworkPolicy")!];

    private readonly FrozenDictionary<ObjectRef, JsonElement> _found;

    private ClusterReading(FrozenDictionary<ObjectRef, JsonElement> found) => _found = found;

    /// <summary>Everything that was found.</summary>
    public IEnumerable<KeyValuePair<ObjectRef, JsonElement>> All => _found.OrderBy(pair => pair.Key.Name, StringComparer.Ordinal);

    /// <summary>An object, or an undefined element.</summary>
    public JsonElement Find(ObjectRef name) => _found.TryGetValue(name, out var live) ? live : default;

    /// <summary>Reads it.</summary>
    /// <param name="client">The cluster.</param>
    /// <param name="environment">The environment.</param>
    /// <param name="ns">Its namespace.</param>
    /// <param name="named">Objects that are read by name besides.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task<Outcome<ClusterReading>> ReadAsync(KubeClient client, EnvId environment, string ns, IEnumerable<ObjectRef> named, CancellationToken cancellationToken)
    {
        var lists = Listed.Select(kind => ListAsync(client, kind, ns, environment, cancellationToken)).ToList();
        var items = named.Where(name => !Listed.Contains(name.Known)).Distinct().Select(name => GetAsync(client, name, cancellationToken)).ToList();
        var found = new Dictionary<ObjectRef, JsonElement>();
        foreach (var outcome in await Task.WhenAll([.. lists, .. items]))
        {
            if (!outcome.TryGet(out var part, out var refusal))
            {
                return refusal;
            }

            foreach (var (name, live) in part)
            {
                found[name] = live;
            }
        }

        return new ClusterReading(found.ToFrozenDictionary());
    }

    /// <summary>One object, found or not.</summary>
    public static async Task<Outcome<ImmutableArray<KeyValuePair<ObjectRef, JsonElement>>>> GetAsync(KubeClient client, ObjectRef name, CancellationToken cancellationToken)
    {
        var result = await client.GetAsync(name.Known, name.Namespace, name.Name, cancellationToken);
        if (result.Error is { } error)
        {
            return error.Kind == KubeErrorKind.NotFound ? (ImmutableArray<KeyValuePair<ObjectRef, JsonElement>>)[] : Provider.Failed($"reading {name}", error);
        }

        using var document = result.Value!;
        return (ImmutableArray<KeyValuePair<ObjectRef, JsonElement>>)[new(name, document.RootElement.Clone())];
    }

    private static async Task<Outcome<ImmutableArray<KeyValuePair<ObjectRef, JsonElement>>>> ListAsync(KubeClient client, KubeKind kind, string ns, EnvId environment, CancellationToken cancellationToken)
    {
        var result = await client.ListAsync(kind, ns, $"{Labels.Environment}={Labels.ValueOf(environment)}", cancellationToken);
        return result.Value is { } list
            ? (ImmutableArray<KeyValuePair<ObjectRef, JsonElement>>)[.. list.Items.Select(item => new KeyValuePair<ObjectRef, JsonElement>(ObjectRef.Of(kind, item), item))]
            : Provider.Failed($"listing {kind.Plural} in namespace {ns}", result.Error!);
    }
}

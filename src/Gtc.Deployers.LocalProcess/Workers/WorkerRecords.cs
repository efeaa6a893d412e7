using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Deployers.LocalProcess;

/// <summary>The workers that are recorded in <c>runtime.json</c>, under <c>discovered.workers</c>, by revision. Routers find their way by it.</summary>
public static class WorkerRecords
{
    /// <summary>The key in <c>discovered</c>.</summary>
    public const string Key = "workers";

    private static readonly PackDescriptor Deployer = PackDescriptor.TryParse(EnvironmentVerbs.LocalProcessDeployer, out var kind) ? kind : default;

    /// <summary>The recorded workers of an environment; what cannot be read counts as none, since processes are found without it.</summary>
    /// <param name="store">The store.</param>
    /// <param name="environment">The environment.</param>
    public static ImmutableSortedDictionary<string, WorkerProcess> Read(FileEnvironmentStore store, EnvId environment)
    {
        ArgumentNullException.ThrowIfNull(store);
        return store.Files(environment).Read(EnvironmentLayout.RuntimeName, Documents.MaxBytes).TryGet(out var bytes, out _)
            && bytes is not null
            && Documents.EnvironmentRuntime.Parse(bytes).TryGet(out var runtime, out _)
            ? Parse(runtime.Discovered)
            : ImmutableSortedDictionary<string, WorkerProcess>.Empty;
    }

    /// <summary>Records the worker of a revision, or that it has none.</summary>
    /// <returns>Null on success.</returns>
    internal static Task<Refusal?> SetAsync(FileEnvironmentStore store, EnvId environment, RevisionId revision, WorkerProcess? worker, CancellationToken cancellationToken) =>
        store.ChangeDiscoveredAsync(
            environment,
            Deployer,
            discovered =>
            {
                var known = Parse(discovered);
                var wanted = worker is null ? known.Remove(revision.ToString()) : known.SetItem(revision.ToString(), worker);
                return wanted.IsEmpty ? discovered.Remove(Key) : discovered.SetItem(Key, JsonSerializer.SerializeToElement(wanted, WorkerJson.Default.ImmutableSortedDictionaryStringWorkerProcess));
            },
            cancellationToken);

    private static ImmutableSortedDictionary<string, WorkerProcess> Parse(ImmutableSortedDictionary<string, JsonElement> discovered)
    {
        try
        {
            return discovered.TryGetValue(Key, out var written) && written.ValueKind == JsonValueKind.Object
                ? written.Deserialize(WorkerJson.Default.ImmutableSortedDictionaryStringWorkerProcess)!
                : ImmutableSortedDictionary<string, WorkerProcess>.Empty;
        }
        catch (JsonException)
        {
            return ImmutableSortedDictionary<string, WorkerProcess>.Empty;
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ImmutableSortedDictionary<string, WorkerProcess>))]
internal sealed partial class WorkerJson : JsonSerializerContext;

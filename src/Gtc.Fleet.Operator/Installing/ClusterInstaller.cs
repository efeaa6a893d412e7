using System.Text.Json;
using Gtc.Kubernetes;

namespace Gtc.Fleet.Operator.Installing;

/// <summary>Applies a list of typed objects and waits until what they make is there.</summary>
/// <param name="client">The cluster.</param>
/// <param name="fieldManager">Who applies.</param>
/// <param name="time">The clock.</param>
public sealed class ClusterInstaller(KubeClient client, string fieldManager, TimeProvider time)
{
    /// <summary>Applies every object in order; custom resource definitions are waited for before anything after them is applied.</summary>
    /// <param name="objects">The objects.</param>
    /// <param name="wait">How long a definition may take until it is served.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>Null, or why it came to nothing; what was applied stays, and the same again goes on.</returns>
    public async Task<KubeError?> ApplyAsync(IReadOnlyList<JsonElement> objects, TimeSpan wait, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(objects);
        foreach (var item in objects)
        {
            var (kind, ns, name) = Identify(item);
            var answer = await client.ApplyAsync(item, fieldManager, isForced: true, isDryRun: false, cancellationToken);
            using var document = answer.Value;
            if (answer.Error is { } error)
            {
                return error with { Message = $"{kind.Kind} {name}: {error.Message}" };
            }

            if (kind.Kind == "CustomResourceDefinition" && await UntilAsync(kind, ns, name, IsEstablished, wait, cancellationToken) is { } late)
            {
                return late;
            }
        }

        return null;
    }

    /// <summary>Waits until a Deployment or StatefulSet of the list runs on all its pods.</summary>
    /// <param name="item">The object; others are there as soon as they are applied.</param>
    /// <param name="wait">How long.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<KubeError?> ReadyAsync(JsonElement item, TimeSpan wait, CancellationToken cancellationToken)
    {
        var (kind, ns, name) = Identify(item);
        return kind.ApiVersion == "apps/v1" ? await UntilAsync(kind, ns, name, IsAvailable, wait, cancellationToken) : null;
    }

    /// <summary>Waits until an object is as wanted.</summary>
    /// <returns>Null when it is; the last error or <see cref="KubeErrorKind.Unavailable"/> when it is not in time.</returns>
    public async Task<KubeError?> UntilAsync(KubeKind kind, string? ns, string name, Func<JsonElement, bool> isWanted, TimeSpan wait, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(isWanted);
        using var late = new CancellationTokenSource(wait, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
        try
        {
            var scope = new KubeScope(kind) { Namespace = ns, FieldSelector = $"metadata.name={name}" };
            await foreach (var change in new ResumingWatch(client, scope, time, () => 0.5).RunAsync(either.Token))
            {
                switch (change)
                {
                    case WatchChange.Present present when isWanted(present.Item):
                        return null;
                    case WatchChange.Interrupted { Error: { Kind: KubeErrorKind.Forbidden } error }:
                        return error;
                    default:
                        break;
                }
            }
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // Said below.
        }

        return new KubeError(KubeErrorKind.Unavailable, $"{kind.Kind} {name} was not ready after {wait.TotalSeconds:F0} s");
    }

    /// <summary>Kind, namespace and name of an object of a list.</summary>
    public static (KubeKind Kind, string? Namespace, string Name) Identify(JsonElement item)
    {
        var metadata = item.GetProperty("metadata");
        var kind = KubeKind.Of(item.GetProperty("apiVersion").GetString()!, item.GetProperty("kind").GetString()!) ?? throw new ArgumentException($"{item.GetProperty("kind")} is no kind that can be installed.", nameof(item));
        return (kind, metadata.TryGetProperty("namespace", out var ns) ? ns.GetString() : null, metadata.GetProperty("name").GetString()!);
    }

    private static bool IsEstablished(JsonElement definition) =>
        definition.TryGetProperty("status", out var status)
        && status.TryGetProperty("conditions", out var conditions)
        && conditions.ValueKind == JsonValueKind.Array
        && conditions.EnumerateArray().Any(condition => condition.GetProperty("type").ValueEquals("Established") && condition.GetProperty("status").ValueEquals("True"));

    /// <summary>All pods of the newest template are ready, and the controller has seen that template.</summary>
    private static bool IsAvailable(JsonElement workload)
    {
        if (!workload.TryGetProperty("status", out var status) || Number(status, "observedGeneration") < Number(workload.GetProperty("metadata"), "generation"))
        {
            return false;
        }

        var wanted = Number(workload.GetProperty("spec"), "replicas");
        return Number(status, "updatedReplicas") >= wanted && Number(status, "readyReplicas") >= wanted;
    }

    private static long Number(JsonElement item, string member) => item.TryGetProperty(member, out var value) && value.TryGetInt64(out var number) ? number : 0;
}

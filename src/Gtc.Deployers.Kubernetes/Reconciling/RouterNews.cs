using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Deployers.Kubernetes;

/// <summary>
/// Tells running routers at once that a mounted ConfigMap has changed (decision 16): the kubelet looks at a pod's volumes again when its annotations
/// change, and otherwise only about once a minute. Pods that began after the change have it from the start and are left alone.
/// </summary>
internal static class RouterNews
{
    private const string Annotation = "greentic.ai/config-hash";

    private static readonly KubeKind Pods = KubeKind.Of("v1", "Pod")!;

    /// <summary>Tells them.</summary>
    /// <param name="client">The cluster.</param>
    /// <param name="environment">The environment.</param>
    /// <param name="ns">Its namespace.</param>
    /// <param name="maps">The ConfigMaps that routers mount, as they are now.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>How many were told. What the identity may not do is no failure: the kubelet will look by itself.</returns>
    public static async Task<Outcome<int>> TellAsync(KubeClient client, EnvId environment, string ns, ImmutableArray<JsonElement> maps, CancellationToken cancellationToken)
    {
        var since = maps.Max(map => new FieldOwners(map).OursSince);
        var hash = Hash(maps);
        var listed = await client.ListAsync(Pods, ns, $"{Labels.Environment}={Labels.ValueOf(environment)},{Labels.Component}={Labels.Router}", cancellationToken);
        if (listed.Error is { } unlisted)
        {
            return Provider.Failed($"listing pods in namespace {ns}", unlisted);
        }

        var stale = listed.Value!.Items.Where(pod => pod.Annotation(Annotation) != hash && (pod.Time("metadata", "creationTimestamp") is not { } created || created <= since) && pod.Meta("deletionTimestamp") is null).ToList();
        using var change = JsonDocument.Parse($$"""{"metadata": {"annotations": {"{{Annotation}}": "{{hash}}"} } }""");
        foreach (var pod in stale)
        {
            var told = await client.MergeAsync(Pods, ns, pod.Meta("name")!, change.RootElement, Reconciler.FieldManager, cancellationToken);
            told.Value?.Dispose();
            if (told.Error is { Kind: not KubeErrorKind.NotFound } error)
            {
                return Provider.Failed($"telling pod {pod.Meta("name")}", error);
            }
        }

        return stale.Count;
    }

    private static string Hash(ImmutableArray<JsonElement> maps) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n',
        maps.SelectMany(map => map.At("data") is { ValueKind: JsonValueKind.Object } data ? data.EnumerateObject().Select(file => file.Value.GetString()) : [])))));
}

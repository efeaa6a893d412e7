using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gtc.Conformance;
using Gtc.Deployers.Kubernetes;
using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Cli.Conformance;

/// <summary>A real API server with a log of the deployer's calls and faults on demand. Where there are no nodes it also says that Deployments are ready.</summary>
internal sealed class ObservedCluster(ConformanceCluster cluster) : IObservedProvider
{
    // A namespace has one environment only.
    private const string Selector = "app.kubernetes.io/managed-by=greentic";
    private const string RevisionLabel = "greentic.ai/revision";
    private const int MaxName = 63;

    private static readonly KubeKind Deployments = KubeKind.Of("apps/v1", "Deployment")!;

    /// <summary>What an environment without optional answers can have.</summary>
    private static readonly ImmutableArray<string> Kinds = ["ConfigMap", "Secret", "ServiceAccount", "Deployment", "Service", "PodDisruptionBudget", "NetworkPolicy"];

    private readonly ObservedCalls _calls = new();

    public ImmutableArray<ProviderCall> Calls => _calls.All;

    public bool IsReady { get; set; } = true;

    /// <summary>Stands between a client and the server.</summary>
    public HttpMessageHandler Around(HttpMessageHandler connections) => _calls.Around(connections, (request, stop) =>
        StandsIn && request.Method == HttpMethod.Get && request.RequestUri!.AbsolutePath.EndsWith("/deployments", StringComparison.Ordinal) ? SeeToDeploymentsAsync(stop) : Task.CompletedTask);

    public void ForgetCalls() => _calls.Forget();

    public void FailCall(int number) => _calls.Fail(number);

    public async Task<ImmutableArray<ProviderObject>> SnapshotAsync(CancellationToken cancellationToken)
    {
        var policy = await cluster.Client.VersionsAsync("policy", cancellationToken);
        var found = ImmutableArray.CreateBuilder<ProviderObject>();
        foreach (var (environment, ns) in cluster.Placed)
        {
            foreach (var name in Kinds)
            {
                var kind = KubeKind.All.First(kind => kind.Kind == name && (name != "PodDisruptionBudget" || policy.Value?.Contains(kind.ApiVersion) == true));
                found.AddRange((await ListAsync(kind, ns, cancellationToken)).Select(item => new ProviderObject($"{kind.ApiVersion} {kind.Kind} {ns}/{Name(item)}", Content(item))
                {
                    Environment = environment,
                    Revision = RevisionId.TryParse(Label(item, RevisionLabel), out var id) ? id : null,
                    HoldsSecrets = name == "Secret",
                }));
            }
        }

        return found.ToImmutable();
    }

    public async Task<bool> IsServingAsync(EnvironmentDocument environment, RevisionId revision, CancellationToken cancellationToken) =>
        (await ListAsync(Deployments, NamespaceName.Of(environment.EnvironmentId), cancellationToken))
            .Any(item => Label(item, RevisionLabel) == revision.ToString() && Number(item, "status", "availableReplicas") > 0);

    public async Task<ImmutableArray<TrafficShare>> RoutesAsync(EnvironmentDocument environment, DeploymentId deployment, CancellationToken cancellationToken)
    {
        var maps = await ListAsync(KubeKind.Of("v1", "ConfigMap")!, NamespaceName.Of(environment.EnvironmentId), cancellationToken);
        var written = maps.Single(item => Name(item) == "gtc-runtime-config").GetProperty("data").GetProperty("runtime-config.json").GetString()!;
        return Documents.RuntimeConfig.Parse(System.Text.Encoding.UTF8.GetBytes(written)).TryGet(out var config, out var refusal)
            ? [.. config.Revisions.Where(block => block.DeploymentId == deployment).Select(block => new TrafficShare { RevisionId = block.RevisionId, WeightBps = block.WeightBps })]
            : throw new InvalidOperationException(refusal.Message);
    }

    public string? FindNameFault(string name) => name.Split(' ')[^1].Split('/').FirstOrDefault(part => part.Length is 0 or > MaxName || part[0] == '-' || part[^1] == '-' || !part.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '-')) is { } wrong
        ? $"`{wrong}` is no DNS label"
        : null;

    /// <summary>All but what the server counts by itself.</summary>
    private static string Content(JsonElement item)
    {
        var shown = JsonObject.Create(item)!;
        var metadata = shown["metadata"]!.AsObject();
        metadata.Remove("resourceVersion");
        metadata.Remove("generation");
        metadata.Remove("managedFields");
        shown.Remove("status");
        return shown.ToJsonString();
    }

    private static string Name(JsonElement item) => item.GetProperty("metadata").GetProperty("name").GetString()!;

    private static string? Label(JsonElement item, string name) => item.GetProperty("metadata").TryGetProperty("labels", out var labels) && labels.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static long? Number(JsonElement item, string part, string name) =>
        item.TryGetProperty(part, out var holder) && holder.ValueKind == JsonValueKind.Object && holder.TryGetProperty(name, out var value) ? value.GetInt64() : null;

    private async Task<IReadOnlyList<JsonElement>> ListAsync(KubeKind kind, string ns, CancellationToken cancellationToken)
    {
        var listed = await cluster.Client.ListAsync(kind, ns, Selector, cancellationToken);
        return listed.Value?.Items ?? throw new InvalidOperationException($"listing {kind.Plural} in {ns}: {listed.Error!.Message}");
    }

    /// <summary>In place of controllers and kubelets: every Deployment is where it was asked to be.</summary>
    private async Task SeeToDeploymentsAsync(CancellationToken cancellationToken)
    {
        foreach (var (_, ns) in cluster.Placed)
        {
            foreach (var item in await ListAsync(Deployments, ns, cancellationToken))
            {
                var (generation, replicas) = (Number(item, "metadata", "generation") ?? 0, Number(item, "spec", "replicas") ?? 1);
                if (Number(item, "status", "observedGeneration") != generation)
                {
                    var counters = new JsonObject { ["observedGeneration"] = generation, ["replicas"] = replicas, ["updatedReplicas"] = replicas, ["readyReplicas"] = replicas, ["availableReplicas"] = replicas };
                    var change = JsonElement.Parse(new JsonObject { ["status"] = counters }.ToJsonString());
                    (await cluster.Client.MergeStatusAsync(Deployments, ns, Name(item), change, "gtc-conformance", cancellationToken)).Value?.Dispose();
                }
            }
        }
    }

    private bool StandsIn => IsReady && !cluster.RunsPods;
}

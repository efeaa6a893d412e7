using System.Text.Json;
using Gtc.Cli.Demo;
using Gtc.Cli.Op.Clusters;
using Gtc.Cli.Verbs;
using Gtc.Conformance;
using Gtc.Deployers.Kubernetes;
using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Cli.Conformance;

/// <summary>Tests the deployer of Kubernetes on the cluster of a kubeconfig.</summary>
internal static class KubernetesRun
{
    private const string SourceNamespace = "gtc-conformance-source";

    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan MostPerCheck = TimeSpan.FromMinutes(15);

    /// <summary>Runs checks.</summary>
    public static async Task<Outcome<ConformanceShown>> RunAsync(ConformanceSuite suite, List<ConformanceCheck> checks, ConformancePayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        var context = call.Context;
        if (!Convergence.Wait(noWait: false, payload.Timeout, call).TryGet(out var patience, out var refusal))
        {
            return refusal;
        }

        string? Variable(string name) => name == "KUBECONFIG" && payload.Kubeconfig is { } file ? context.PathOf(file) : context.Variable(name);
        var found = KubeConfig.Find(payload.Context, Variable);
        if (found.Error is { } error)
        {
            return new DeployerRefusal.Provider(error.Message) { Details = [new("expected", "--kubeconfig, KUBECONFIG, ~/.kube/config, or the account of a pod")] };
        }

        using var client = new KubeClient(found.Value!, CallTimeout, context.Time) { Patience = CallTimeout };
        if (!(await HasNodesAsync(client, cancellationToken)).TryGet(out var hasNodes, out refusal)
            || !(await IsFreeAsync(client, cancellationToken)).TryGet(out _, out refusal))
        {
            return refusal;
        }

        var image = payload.Image ?? ClusterSettings.DefaultImage;
        var place = new ConformanceCluster(found.Value!, client, Variable, payload.Context, hasNodes, image, patience!.Value, context);
        try
        {
            if (hasNodes)
            {
                if (!(await ServeAsync(client, image, context, cancellationToken)).TryGet(out var bundle, out refusal))
                {
                    return refusal;
                }

                place = place with { Bundle = bundle };
            }

            var bounded = new ConformanceSuite { Time = suite.Time, Ended = suite.Ended, MostPerCheck = hasNodes ? MostPerCheck : suite.MostPerCheck };
            return ConformanceShown.Of([await bounded.RunAsync(new KubernetesTarget(place), checks, cancellationToken)]);
        }
        finally
        {
            // Whoever stops the run wants its namespaces gone all the same.
            await place.RemoveAsync(deletesNamespaces: true, CancellationToken.None);
            if (hasNodes)
            {
                (await client.DeleteAsync(KubeKind.Of("v1", "Namespace")!, null, SourceNamespace, null, CancellationToken.None)).Value?.Dispose();
            }
        }
    }

    /// <summary>A bundle that pods can pull: from a pod beside them, since they need not reach this machine.</summary>
    private static async Task<Outcome<ServedBundle>> ServeAsync(KubeClient client, string image, CliContext context, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("gtc-conformance-").FullName;
        try
        {
            if (!(await ServedBundle.BuildAsync(folder, cancellationToken)).TryGet(out var bundle, out var refusal)
                || !(await new ClusterDistributor(client, image, SourceNamespace).ApplyAsync(new Uri(bundle.Source).LocalPath, cancellationToken)).TryGet(out var source, out refusal)
                || !(await new ClusterView(client, context.Time).WaitAsync(SourceNamespace, ClusterDistributor.Selector, cancellationToken)).TryGet(out _, out refusal))
            {
                return refusal;
            }

            return bundle with { Source = source.ToString() };
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<Outcome<bool>> HasNodesAsync(KubeClient client, CancellationToken cancellationToken)
    {
        var listed = await client.ReadTextAsync("/api/v1/nodes?limit=1", cancellationToken);
        if (listed.Error is { } error)
        {
            return new DeployerRefusal.Provider($"the nodes of the cluster cannot be listed: {error.Message}");
        }

        using var nodes = JsonDocument.Parse(listed.Value!);
        return nodes.RootElement.TryGetProperty("items", out var items) && items.ValueKind == JsonValueKind.Array && items.GetArrayLength() > 0;
    }

    private static async Task<Outcome<bool>> IsFreeAsync(KubeClient client, CancellationToken cancellationToken)
    {
        var name = NamespaceName.Of(ConformanceFixture.EnvironmentId);
        var read = await client.GetAsync(KubeKind.Of("v1", "Namespace")!, null, name, cancellationToken);
        read.Value?.Dispose();
        return read.Error switch
        {
            { Kind: KubeErrorKind.NotFound } => true,
            { } error => new DeployerRefusal.Provider($"reading namespace {name}: {error.Message}"),
            _ => new Refusal.Conflict($"namespace {name} is there already, and the suite works in namespaces of its own only") { Next = $"kubectl delete namespace {name}" },
        };
    }
}

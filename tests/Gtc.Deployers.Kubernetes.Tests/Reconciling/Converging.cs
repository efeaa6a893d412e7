using Gtc.Model;

namespace Gtc.Deployers.Kubernetes.Tests.Reconciling;

/// <summary>Converges small environments on a cluster in this process.</summary>
internal static class Converging
{
    public const string Home = "/api/v1/namespaces/gtc-local";
    public const string RouterPath = "/apis/apps/v1/namespaces/gtc-local/deployments/gtc-router";
    public const string WorkerPath = "/apis/apps/v1/namespaces/gtc-local/deployments/gtc-worker-01j9zk3v7t5w8q2r4n6m0p1xyz";

    public static Rendered Running() => new Rendered { Secrets = new SecretsBackend.DevStore("QQ==") }.With(Rendered.First, RevisionLifecycle.Ready, 10_000);

    public static async Task<Outcome<ReconcileReport>> ReconcileAsync(FakeCluster cluster, Rendered wanted, ReconcileOptions? options = null, TimeSpan? patience = null)
    {
        using var client = cluster.Client(patience: patience);
        return await new Reconciler(client, TimeProvider.System).RunAsync(wanted.Document, wanted.Settings(), options ?? new ReconcileOptions(), TestContext.Current.CancellationToken);
    }

    public static async Task<ReconcileReport> ConvergedAsync(FakeCluster cluster, Rendered wanted, ReconcileOptions? options = null, TimeSpan? patience = null)
    {
        (await ReconcileAsync(cluster, wanted, options, patience)).TryGet(out var report, out var refusal).ShouldBeTrue(refusal?.ToString());
        return report!;
    }
}

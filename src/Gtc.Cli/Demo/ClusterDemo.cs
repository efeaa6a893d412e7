using System.Text.Json;
using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Cli.Demo;

/// <summary>
/// Tracks "kind-serve" and "kind-pull" of the seeds: author on this machine, reconcile, and watch a worker pod boot. For kind-serve the revision names no
/// source, so the pod serves its probes only; for kind-pull a distributor in the cluster has the bundle, and the pod pulls it from there.
/// </summary>
internal sealed class ClusterDemo(CliContext context, DemoFolder folder, DemoFolder author, DemoSteps steps)
{
    private const string Namespace = "gtc-local";
    private static readonly TimeSpan CallDeadline = TimeSpan.FromSeconds(30);
    private static readonly string Image = $"localhost/gtc:{GtcCommandLine.Version}";

    /// <summary>Runs a track.</summary>
    /// <param name="pulls">Whether the pod pulls a bundle.</param>
    /// <param name="ownBundle">A person's own bundle, or null.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>Null on success; everything is left running.</returns>
    public async Task<Refusal?> RunAsync(bool pulls, string? ownBundle, CancellationToken cancellationToken)
    {
        if (DemoCluster.Find(folder.Root, DemoCluster.FindRepository(context.WorkingDirectory)) is not { } cluster)
        {
            return new Refusal.Missing("the demo has no cluster yet") { Next = "gtc demo kind-up" };
        }

        var found = KubeConfig.Find(cluster.Context, name => name == "KUBECONFIG" ? cluster.Kubeconfig : context.Variable(name));
        if (found.Error is { } error)
        {
            return new Refusal.FetchFailed(error.Message) { Next = "gtc demo kind-down; gtc demo kind-up" };
        }

        steps.Title($"gtc {GtcCommandLine.Version} · {(pulls ? "pull at boot, inside a cluster" : "a worker pod boots and serves its probes")}");
        using var client = new KubeClient(found.Value!, CallDeadline, context.Time);
        var view = new ClusterView(client, context.Time);
        author.Reset();
        if (!(await new DemoBundle(context, author, steps).PrepareAsync(ownBundle, cancellationToken)).TryGet(out var bundle, out var refusal))
        {
            return refusal;
        }

        Uri? source = null;
        if (pulls && !(await DistributeAsync(client, view, bundle, cancellationToken)).TryGet(out source, out refusal))
        {
            return refusal;
        }

        if (!(await ReconcileAsync(cluster, bundle, source, cancellationToken)).TryGet(out var revision, out refusal)
            || !(await BootAsync(view, revision, cancellationToken)).TryGet(out _, out refusal))
        {
            return refusal;
        }

        refusal = pulls ? await AskAsync(view, cancellationToken) : null;
        if (refusal is null)
        {
            steps.Close(
                $"Look at it:    export KUBECONFIG={cluster.Kubeconfig}; kubectl get all -n {Namespace}",
                $"Its log:       kubectl logs deployment/{WorkerOf(revision)} -n {Namespace} | grep \"revision(s) for env\"",
                "Take it away:  gtc demo kind-down");
        }

        return refusal;
    }

    private async Task<Outcome<Uri>> DistributeAsync(KubeClient client, ClusterView view, string bundle, CancellationToken cancellationToken)
    {
        if (!(await new ClusterDistributor(client, Image).ApplyAsync(bundle, cancellationToken)).TryGet(out var source, out var refusal)
            || !(await view.WaitAsync(ClusterDistributor.Namespace, ClusterDistributor.Selector, cancellationToken)).TryGet(out var pod, out refusal))
        {
            return refusal;
        }

        steps.Tell("serve", $"pod {pod} has the bundle at {source}", [("pod", pod), ("source", source.ToString())]);
        return source;
    }

    /// <summary>Authors the revision and converges the cluster on it.</summary>
    /// <returns>The revision's id.</returns>
    private async Task<Outcome<string>> ReconcileAsync(DemoCluster cluster, string bundle, Uri? source, CancellationToken cancellationToken)
    {
        using (var answers = File.Create(author.DeployerAnswers))
        {
            using var json = new Utf8JsonWriter(answers);
            json.WriteStartObject();
            json.WriteString("kubeconfig_context", cluster.Context);
            json.WriteString("runtime_image", Image);
            json.WriteEndObject();
        }

        // The store of an earlier run is gone, so what that run brought to the cluster is another store's: --adopt takes it over.
        var op = new OpCalls(context, author, cluster.Kubeconfig);
        if (!(await new Authoring(op, steps).RunAsync(bundle, source, author.DeployerAnswers, cancellationToken)).TryGet(out var revision, out var refusal)
            || !(await op.RunAsync(cancellationToken, "env", "reconcile", "local", "--adopt")).TryGet(out var reconciled, out refusal))
        {
            return refusal;
        }

        var count = reconciled.GetProperty("applied_count").GetRawText();
        steps.Tell("reconcile", $"{count} objects in namespace {Namespace}", [("applied_count", count)]);
        return revision;
    }

    private async Task<Outcome<string>> BootAsync(ClusterView view, string revision, CancellationToken cancellationToken)
    {
        if (!(await view.WaitAsync(Namespace, $"greentic.ai/revision={revision}", cancellationToken)).TryGet(out var pod, out var refusal)
            || !(await view.WaitAsync(Namespace, "app.kubernetes.io/component=router", cancellationToken)).TryGet(out _, out refusal))
        {
            return refusal;
        }

        steps.Tell("boot", $"pod {pod} is ready: the kubelet's probe of /healthz passes", [("pod", pod)]);
        var log = await view.LogAsync(Namespace, pod, cancellationToken);
        BootTale.Tell(steps, log);
        if (WorkerLog.Banner(log) is not { } banner)
        {
            return new Refusal.Conflict($"pod {pod} is ready but its log does not say what it serves: {WorkerLog.LastMessage(log)}") { Next = $"kubectl logs {pod} -n {Namespace}" };
        }

        var text = banner[..banner.IndexOf(". Press", StringComparison.Ordinal)];
        steps.Tell("log", text, [("banner", text)], isPart: true);
        return pod;
    }

    private async Task<Refusal?> AskAsync(ClusterView view, CancellationToken cancellationToken)
    {
        const string Question = "{\"text\":\"Ada\"}";
        if (!(await view.StatusAsync(cancellationToken)).TryGet(out var status, out var refusal)
            || !(await view.AskAsync(JsonElement.Parse(Question), cancellationToken)).TryGet(out var reply, out refusal))
        {
            return refusal;
        }

        steps.Tell("status", DemoText.Active(JsonElement.Parse(status)), [("status", status)]);
        steps.Tell("ask", $"POST / {Question}   →   {DemoText.Reply(reply)}", [("reply", reply)]);
        return null;
    }

    private static string WorkerOf(string revision) => $"gtc-worker-{revision.ToLowerInvariant()}";
}

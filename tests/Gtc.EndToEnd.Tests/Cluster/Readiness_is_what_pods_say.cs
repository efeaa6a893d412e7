using System.Diagnostics;

namespace Gtc.EndToEnd.Tests.Cluster;

/// <summary>The health gate where kubelets decide: the driving test of deployers with pods that run, and an image that never answers.</summary>
[Collection(ClusterTests.Name)]
public sealed class Readiness_is_what_pods_say(RunningCluster cluster) : IAsyncLifetime
{
    private const string Paused = "localhost/paused:1";
    private const int PausedTimeout = 20;
    private static readonly TimeSpan PodPatience = TimeSpan.FromMinutes(2);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await cluster.UpAsync();

        // What other classes left would hold the processors that these pods ask for.
        await cluster.KubectlAsync("delete", "namespace", "gtc-local", "gtc-blue", "--ignore-not-found");
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    [Trait("fact", "deployers-and-conformance:16.1")]
    public async Task The_deployer_passes_every_check_with_pods_that_run()
    {
        var told = (await cluster.GtcAsync("conformance", "--deployer", "k8s", "--timeout", "120")).Single().GetProperty("result").GetProperty("reports")[0];
        told.GetProperty("deployer").GetString()!.ShouldEndWith("whose nodes run pods");
        var checks = told.GetProperty("checks").EnumerateArray().ToList();
        checks.Select(check => (check.GetProperty("id").GetString(), check.GetProperty("status").GetString()))
            .ShouldBe(Enumerable.Range(1, 31).Select(number => ((string?)$"C{number}", (string?)"passed")), told.GetRawText());
        TestContext.Current.TestOutputHelper!.WriteLine(string.Join(", ", checks.Select(check => $"{check.GetProperty("id").GetString()} {check.GetProperty("elapsed_ms").GetDouble() / 1000:0.0} s")));
    }

    [Fact]
    [Trait("fact", "k8s-deployer:17.29")]
    public async Task An_image_that_answers_no_health_makes_warm_fail_at_its_timeout()
    {
        await PausedImageAsync();
        await cluster.OpAsync("env", "create", "paused");
        await cluster.OpAsync("trust-root", "bootstrap", "paused");
        await cluster.OpAsync("env-packs", "add", "environment_id=paused", "slot=deployer", "kind=greentic.deployer.k8s@1.0.0", "pack_ref=builtin", $$"""answers:={"runtime_image":"{{Paused}}"}""");
        await cluster.OpAsync("bundles", "add", "environment_id=paused", "bundle_id=hello-worker", "customer_id=acme");
        var revision = (await cluster.OpAsync("revisions", "stage", "paused", "bundle_source_uri=http://nowhere.invalid/a.gtbundle", $"bundle_digest=sha256:{new string('1', 64)}")).GetProperty("revision_id").GetString()!;
        await cluster.OpAsync("revisions", "warm", "paused", $"revision_id={revision}");
        await cluster.OpAsync("env", "reconcile", "paused", "--no-wait");
        var pods = (string[])["get", "pods", "-n", "gtc-paused", "-l", $"greentic.ai/revision={revision}", "-o", "jsonpath={.items[0].status.phase} {.items[0].status.containerStatuses[0].ready}"];
        await RunningCluster.UntilAsync("the pod of the paused image runs", PodPatience, async () => (await cluster.KubectlAsync(pods)).StartsWith("Running", StringComparison.Ordinal));

        var began = Stopwatch.StartNew();
        var refused = await cluster.RefusedAsync("op", "env", "apply-revision", "paused", revision, "--timeout", $"{PausedTimeout}");

        began.Elapsed.ShouldBeGreaterThanOrEqualTo(TimeSpan.FromSeconds(PausedTimeout));
        refused.GetProperty("kind").GetString().ShouldBe("provider");
        refused.GetRawText().ShouldContain($"gtc-worker-{revision.ToLowerInvariant()}");
        refused.GetRawText().ShouldContain("0 available of 1");
        (await cluster.KubectlAsync(pods)).ShouldBe("Running false", "it runs, and nothing answers");
        await cluster.KubectlAsync("delete", "namespace", "gtc-paused");
    }

    /// <summary>Gives the node an image that stages files like gtc's and then sleeps, whatever it is told.</summary>
    private async Task PausedImageAsync()
    {
        var node = Path.GetDirectoryName(cluster.Kubeconfig)!;
        Assert.SkipUnless(File.Exists(Path.Combine(node, ".kube-node")), "the image is given to a node of eng/kube-node");
        var layer = cluster.PathTo("paused");
        Directory.CreateDirectory(Path.Combine(layer, "bin"));
        File.Copy("/bin/busybox", Path.Combine(layer, "bin", "busybox"));
        var archive = cluster.PathTo("paused.tar");
        await Script.EngAsync(
            "oci-archive", "--name", Paused, "--output", archive, "--layer", layer, "--config",
            """{"Entrypoint":["/bin/busybox","sh","-c","[ \"$1\" = stage-file ] || exec /bin/busybox sleep 86400","paused"]}""");
        await Script.EngAsync("kube-node", "load", archive, "--dir", node);
    }
}

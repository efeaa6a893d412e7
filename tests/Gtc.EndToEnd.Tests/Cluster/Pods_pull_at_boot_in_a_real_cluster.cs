using System.Text.Json;

namespace Gtc.EndToEnd.Tests.Cluster;

/// <summary>seeds: pull at boot, track 2, on a real cluster: the walk-through as typed, a bad revision beside a good one, and the dial.</summary>
[Collection(ClusterTests.Name)]
public sealed class Pods_pull_at_boot_in_a_real_cluster(RunningCluster cluster) : IAsyncLifetime
{
    private const string Source = "http://distributor.gtc-demo.svc:8080/greeter.gtbundle";
    private static readonly TimeSpan BootPatience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan DialPatience = TimeSpan.FromMinutes(1);

    public async ValueTask InitializeAsync() => await cluster.UpAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Kind_serve_lets_a_worker_pod_boot_and_serve_its_probes()
    {
        var told = Steps(await cluster.GtcAsync("demo", "kind-serve"));
        told["reconcile"].GetProperty("applied_count").GetString().ShouldBe("14");
        told["log"].GetProperty("banner").GetString()!.ShouldContain("serving probes only");
    }

    [Fact]
    public async Task Kind_pull_ends_with_fourteen_objects_and_the_banner_and_archiving_with_twelve()
    {
        var told = Steps(await cluster.GtcAsync("demo", "kind-pull"));
        told["reconcile"].GetProperty("applied_count").GetString().ShouldBe("14");
        told["ask"].GetProperty("text").GetString()!.ShouldContain("Hello, Ada. I am revision ");
        var revision = told["author"].GetProperty("revision_id").GetString()!;
        var log = await cluster.KubectlAsync("logs", $"deployment/gtc-worker-{revision.ToLowerInvariant()}", "-n", "gtc-local");
        log.ShouldContain("serving 1 revision(s) for env `local` across 1 deployment(s)");

        await cluster.OpAsync("--store-root", cluster.DemoStore, "revisions", "archive", "local", "--revision", revision, "--force");
        var reconciled = await cluster.OpAsync("--store-root", cluster.DemoStore, "env", "reconcile", "local");
        reconciled.GetProperty("applied_count").GetInt32().ShouldBe(12);
        (await cluster.KubectlAsync("get", "deployments,services", "-n", "gtc-local", "-l", "app.kubernetes.io/component=worker", "-o", "name")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_wrong_digest_keeps_one_pod_down_while_the_router_serves_the_old_revision_and_the_dial_needs_no_restart()
    {
        await cluster.GtcAsync("demo", "kind-pull");
        await AuthorAsync();
        var good = await StageAsync();
        await cluster.OpAsync("traffic", "set", "blue");
        await cluster.OpAsync("env", "reconcile", "blue");
        var routers = await RoutersAsync();
        (await AskAsync()).ShouldContain(good);

        var bad = await StageAsync($"bundle_digest=sha256:{new string('1', 64)}");
        await cluster.OpAsync("traffic", "set", "blue", $"{good}=90%", $"{bad}=10%");
        await cluster.OpAsync("env", "reconcile", "blue", "--no-wait");
        var pod = $"greentic.ai/revision={bad}";
        await RunningCluster.UntilAsync("the worker of the wrong digest crashed twice", BootPatience, async () =>
            int.TryParse(await cluster.KubectlAsync("get", "pods", "-n", "gtc-blue", "-l", pod, "-o", "jsonpath={.items[0].status.containerStatuses[0].restartCount}"), out var restarts) && restarts > 1);

        // Between two crashes there is a moment in which the node has removed the log of the one and not begun that of the other.
        await RunningCluster.UntilAsync("the log says why", BootPatience, async () =>
            (await cluster.KubectlAsync("logs", "-n", "gtc-blue", "-l", pod, "--previous", "--tail=20")).Contains("refusing to serve unpinned bytes", StringComparison.Ordinal));
        for (var asked = 0; asked < 20; asked++)
        {
            (await AskAsync()).ShouldContain(good);
        }

        var next = await StageAsync();
        await cluster.OpAsync("traffic", "set", "blue", $"{good}=90%", $"{next}=10%");
        await cluster.OpAsync("revisions", "archive", "blue", "--revision", bad);
        await cluster.OpAsync("env", "reconcile", "blue");
        await ReachesRoutersAsync((good, 9000), (next, 1000));
        await cluster.OpAsync("traffic", "set", "blue", $"{next}=100%");
        await cluster.OpAsync("env", "reconcile", "blue", "--no-wait");
        await ReachesRoutersAsync((next, 10000));
        (await AskAsync()).ShouldContain(next);
        await cluster.OpAsync("traffic", "rollback", "blue");
        await cluster.OpAsync("env", "reconcile", "blue", "--no-wait");
        await ReachesRoutersAsync((good, 9000), (next, 1000));
        (await RoutersAsync()).ShouldBe(routers, "no router was restarted");
    }

    private static Dictionary<string, JsonElement> Steps(List<JsonElement> lines) =>
        lines.GroupBy(line => line.GetProperty("step").GetString()!).ToDictionary(group => group.Key, group => group.Last());

    private async Task AuthorAsync()
    {
        var version = (await Script.RunAsync(GtcExecutable.Path, null, "--version")).Trim().Split(' ')[1];
        await cluster.OpAsync("env", "create", "blue");
        await cluster.OpAsync("trust-root", "bootstrap", "blue");
        await cluster.OpAsync(
            "env-packs", "add", "environment_id=blue", "slot=deployer", "kind=greentic.deployer.k8s@1.0.0", "pack_ref=builtin", $$"""answers:={"runtime_image":"localhost/gtc:{{version}}"}""");
        await cluster.OpAsync("bundles", "add", "environment_id=blue", "bundle_id=greeter", "customer_id=acme");
    }

    /// <summary>Stages a revision that the demo's distributor serves, declared by its digest, and warms it.</summary>
    private async Task<string> StageAsync(string? digest = null)
    {
        var staged = await cluster.OpAsync("revisions", "stage", "blue", $"bundle_source_uri={Source}", digest ?? $"bundle_digest={await DigestAsync()}");
        var id = staged.GetProperty("revision_id").GetString()!;
        await cluster.OpAsync("revisions", "warm", "blue", $"revision_id={id}");
        return id;
    }

    private async Task<string> DigestAsync()
    {
        var revisions = await cluster.OpAsync("--store-root", cluster.DemoStore, "revisions", "list", "local");
        return revisions.GetProperty("revisions")[0].GetProperty("bundle_digest").GetString()!;
    }

    private async Task<string> AskAsync() =>
        await cluster.KubectlAsync("create", "--raw", "/api/v1/namespaces/gtc-blue/services/gtc-router:8080/proxy/", "-f", await QuestionAsync());

    private async Task<string> QuestionAsync()
    {
        var path = Path.Combine(cluster.DemoStore, "..", "question.json");
        await File.WriteAllTextAsync(path, """{"text":"Ada"}""", TestContext.Current.CancellationToken);
        return path;
    }

    /// <summary>Names and starts of the routers: both stay when nothing is restarted.</summary>
    private Task<string> RoutersAsync() => cluster.KubectlAsync(
        "get", "pods", "-n", "gtc-blue", "-l", "app.kubernetes.io/component=router", "-o", "jsonpath={range .items[*]}{.metadata.name} {.status.containerStatuses[0].state.running.startedAt} {end}");

    /// <summary>Waits until every router says that the shares are so.</summary>
    private async Task ReachesRoutersAsync(params (string Revision, int Weight)[] shares)
    {
        var pods = (await RoutersAsync()).Split(' ').Where(word => word.StartsWith("gtc-router-", StringComparison.Ordinal)).ToList();
        pods.Count.ShouldBe(2);
        foreach (var pod in pods)
        {
            await RunningCluster.UntilAsync($"{pod} has the new shares", DialPatience, async () =>
            {
                var status = JsonElement.Parse(await cluster.KubectlAsync("get", "--raw", $"/api/v1/namespaces/gtc-blue/pods/{pod}:8080/proxy/status"));
                return status.GetProperty("revisions").EnumerateArray().Where(revision => revision.GetProperty("weight_bps").GetInt32() > 0)
                    .Select(revision => (revision.GetProperty("revision_id").GetString()!, revision.GetProperty("weight_bps").GetInt32())).Order().SequenceEqual(shares.Order());
            });
        }
    }
}

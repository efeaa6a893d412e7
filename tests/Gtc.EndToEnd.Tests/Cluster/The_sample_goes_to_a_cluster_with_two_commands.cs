using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Gtc.EndToEnd.Tests.Cluster;

/// <summary>seeds: the environment's manifest and its answers as they are in <c>samples/declarative</c>, changed in image and bundle source only.</summary>
[Collection(ClusterTests.Name)]
public sealed class The_sample_goes_to_a_cluster_with_two_commands(RunningCluster cluster) : IAsyncLifetime
{
    private const string Namespace = "gtc-local";
    private const string Source = "http://distributor.gtc-demo.svc:8080/greeter.gtbundle";
    private const int Turns = 25;
    private static readonly TimeSpan DialPatience = TimeSpan.FromSeconds(60);

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(5) };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await cluster.UpAsync();

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (cluster.Kubeconfig.Length > 0)
        {
            await cluster.KubectlAsync("delete", "namespace", Namespace, "--ignore-not-found");
        }
    }

    [Fact]
    [Trait("fact", "k8s-deployer:17.29")]
    public async Task Apply_and_reconcile_serve_it_and_the_dial_turns_under_running_routers()
    {
        await cluster.GtcAsync("demo", "kind-pull");
        var digest = (await cluster.OpAsync("--store-root", cluster.DemoStore, "revisions", "list", "local")).GetProperty("revisions")[0].GetProperty("bundle_digest").GetString()!;
        await cluster.KubectlAsync("delete", "namespace", Namespace);
        var manifest = await WriteSampleAsync(digest);

        await cluster.OpAsync("env", "apply", "--answers", manifest, "--yes");
        (await cluster.OpAsync("env", "reconcile", "local")).GetProperty("applied_count").GetInt32().ShouldBe(15);
        var first = (await cluster.OpAsync("revisions", "list", "local")).GetProperty("revisions")[0].GetProperty("revision_id").GetString()!;
        (await ReadyAsync("router")).ShouldBe(2);
        (await ReadyAsync("worker")).ShouldBe(1);
        await ReachesRoutersAsync((first, 10_000));
        (await cluster.OpAsync("env", "reconcile", "local")).GetProperty("unchanged_count").GetInt32().ShouldBe(15, "idle");

        var second = (await cluster.OpAsync("revisions", "stage", "local", $"bundle_source_uri={Source}", $"bundle_digest={digest}")).GetProperty("revision_id").GetString()!;
        await cluster.OpAsync("revisions", "warm", "local", $"revision_id={second}");
        await cluster.OpAsync("traffic", "set", "local", $"{first}=90%", $"{second}=10%");
        await cluster.OpAsync("env", "reconcile", "local");
        await ReachesRoutersAsync((first, 9000), (second, 1000));
        await cluster.OpAsync("traffic", "set", "local", $"{second}=100%");
        await cluster.OpAsync("env", "reconcile", "local", "--no-wait");
        await ReachesRoutersAsync((second, 10_000));
        await cluster.OpAsync("traffic", "rollback", "local");
        await cluster.OpAsync("env", "reconcile", "local", "--no-wait");
        await ReachesRoutersAsync((first, 9000), (second, 1000));
        await TurnAsync(first, second);

        await cluster.OpAsync("traffic", "set", "local", $"{second}=100%");
        await cluster.OpAsync("revisions", "archive", "local", "--revision", first);
        await cluster.OpAsync("revisions", "archive", "local", "--revision", second, "--force");
        (await cluster.OpAsync("env", "reconcile", "local")).GetProperty("applied_count").GetInt32().ShouldBe(13);
        (await cluster.KubectlAsync("get", "deployments,services", "-n", Namespace, "-o", "name")).Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldBe(["deployment.apps/gtc-router", "service/gtc-router"]);
    }

    /// <summary>Turns the dial many times, by shares and by rollbacks, until the last router has it; how long that took is written down and not judged, since a busy machine is no fault.</summary>
    private async Task TurnAsync(string first, string second)
    {
        var routers = await RoutersAsync();
        var took = new List<(double Turn, double Reconcile, double Reach)>();
        for (var turn = 0; turn < Turns; turn++)
        {
            // Every third turn is a rollback to what was before.
            var isBack = turn % 3 == 2;
            var next = isBack ? Shares(1000 + (100 * (turn - 2))) : Shares(1000 + (100 * turn));
            var began = Stopwatch.StartNew();
            await cluster.OpAsync(isBack ? ["traffic", "rollback", "local"] : ["traffic", "set", "local", .. next.Select(share => $"{share.Revision}={share.Weight}bps")]);
            var turned = began.Elapsed.TotalMilliseconds;
            await cluster.OpAsync("env", "reconcile", "local", "--no-wait");
            var reconciled = began.Elapsed.TotalMilliseconds;
            await ReachesRoutersAsync(next);
            took.Add((turned, reconciled - turned, began.Elapsed.TotalMilliseconds - reconciled));
        }

        var output = TestContext.Current.TestOutputHelper!;
        output.WriteLine($"{Turns} turns of the dial on a node, {routers.Count} routers, load average {(await File.ReadAllTextAsync("/proc/loadavg", Token)).Split(' ')[0]}");
        output.WriteLine(Spread("traffic set or rollback", took.Select(turn => turn.Turn)));
        output.WriteLine(Spread("env reconcile", took.Select(turn => turn.Reconcile)));
        output.WriteLine(Spread("from the end of reconcile to all routers", took.Select(turn => turn.Reach)));
        output.WriteLine(Spread("from the start of reconcile to all routers", took.Select(turn => turn.Reconcile + turn.Reach)));
        output.WriteLine(Spread("from the start of traffic set to all routers", took.Select(turn => turn.Turn + turn.Reconcile + turn.Reach)));
        (await RoutersAsync()).ShouldBe(routers, "no router was restarted");

        (string Revision, int Weight)[] Shares(int share) => [(first, 10_000 - share), (second, share)];
    }

    private static string Spread(string what, IEnumerable<double> took)
    {
        var sorted = took.Order().ToList();
        return string.Create(CultureInfo.InvariantCulture, $"  {what}: p50 {sorted[sorted.Count / 2]:0} ms, p99 {sorted[(int)Math.Ceiling(sorted.Count * 0.99) - 1]:0} ms, worst {sorted[^1]:0} ms");
    }

    private async Task<string> WriteSampleAsync(string digest)
    {
        var sample = Path.Combine(Repository.Root, "samples", "declarative");
        var version = (await Script.RunAsync(GtcExecutable.Path, null, "--version")).Trim().Split(' ')[1];
        var answers = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(sample, "deployer-answers.json"), Token))!;
        answers["runtime_image"] = $"localhost/gtc:{version}";

        // A tunnel ends on the internet, which tests never ask for.
        answers.AsObject().Remove("tunnel");
        await File.WriteAllTextAsync(cluster.PathTo("deployer-answers.json"), answers.ToJsonString(), Token);
        var manifest = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(sample, "k8s.env.json"), Token))!;
        manifest["bundles"]![0]!["bundle_source_uri"] = Source;
        manifest["bundles"]![0]!["bundle_digest"] = digest;
        await File.WriteAllTextAsync(cluster.PathTo("k8s.env.json"), manifest.ToJsonString(), Token);
        cluster.Variables["TELEGRAM_DEMO_BOT_TOKEN"] = "4711:of-a-test";
        return cluster.PathTo("k8s.env.json");
    }

    private async Task<int> ReadyAsync(string component)
    {
        var conditions = await cluster.KubectlAsync(
            "get", "pods", "-n", Namespace, "-l", $"app.kubernetes.io/component={component}", "-o", "jsonpath={range .items[*]}{.status.conditions[?(@.type==\"Ready\")].status} {end}");
        return conditions.Split(' ').Count(status => status == "True");
    }

    /// <summary>Names and addresses of the routers.</summary>
    private async Task<Dictionary<string, string>> RoutersAsync() =>
        (await cluster.KubectlAsync("get", "pods", "-n", Namespace, "-l", "app.kubernetes.io/component=router", "-o", "jsonpath={range .items[*]}{.metadata.name}={.status.podIP} {end}"))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => word.Split('=')).ToDictionary(parts => parts[0], parts => parts[1]);

    /// <summary>Waits until every router says that the shares are so; pods are routed from this machine.</summary>
    private async Task<TimeSpan> ReachesRoutersAsync(params (string Revision, int Weight)[] shares)
    {
        var began = Stopwatch.StartNew();
        foreach (var (pod, address) in await RoutersAsync())
        {
            await RunningCluster.UntilAsync($"{pod} has the new shares", DialPatience, async () => (await SharesAsync(address)).SequenceEqual(shares.Order()));
        }

        return began.Elapsed;
    }

    private async Task<List<(string, int)>> SharesAsync(string address)
    {
        var status = JsonNode.Parse(await _http.GetStringAsync($"http://{address}:8080/status", Token))!;
        return [.. status["revisions"]!.AsArray().Select(revision => (revision!["revision_id"]!.GetValue<string>(), revision["weight_bps"]!.GetValue<int>())).Where(pair => pair.Item2 > 0).Order()];
    }
}

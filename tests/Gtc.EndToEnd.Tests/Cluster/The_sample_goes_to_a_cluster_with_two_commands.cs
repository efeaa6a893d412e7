using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Gtc.EndToEnd.Tests.Cluster;

/// <summary>seeds: the environment's manifest and its answers as they are in <c>samples/declarative</c>, changed in image and bundle source only.</summary>
[Collection(ClusterTests.Name)]
public sealed class The_sample_goes_to_a_cluster_with_two_commands(RunningCluster cluster) : IAsyncLifetime
{
    private const string Namespace = "gtc-local";
    private const string Source = "http://distributor.gtc-demo.svc:8080/hello-worker.gtbundle";
    private const int Turns = 25;
    private static readonly TimeSpan DialPatience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan DialAim = TimeSpan.FromSeconds(3);

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

    /// <summary>Turns the dial many times and measures from the end of each reconcile to the last router.</summary>
    private async Task TurnAsync(string first, string second)
    {
        var routers = await RoutersAsync();
        var took = new List<(TimeSpan Reconcile, TimeSpan Reach)>();
        for (var turn = 0; turn < Turns; turn++)
        {
            var share = 1000 + (100 * turn);
            await cluster.OpAsync("traffic", "set", "local", $"{first}={10_000 - share}bps", $"{second}={share}bps");
            var began = Stopwatch.StartNew();
            await cluster.OpAsync("env", "reconcile", "local", "--no-wait");
            took.Add((began.Elapsed, await ReachesRoutersAsync((first, 10_000 - share), (second, share))));
        }

        var reached = took.Select(turn => turn.Reach.TotalMilliseconds).Order().ToList();
        var whole = took.Select(turn => (turn.Reconcile + turn.Reach).TotalMilliseconds).Order().ToList();
        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{Turns} turns: from the end of reconcile to all routers p50 {reached[Turns / 2]:0} ms, worst {reached[^1]:0} ms; from its start p50 {whole[Turns / 2]:0} ms, worst {whole[^1]:0} ms"));
        reached[Turns / 2].ShouldBeLessThan(DialAim.TotalMilliseconds, string.Join(", ", reached.Select(value => value.ToString("0", CultureInfo.InvariantCulture))));
        (await RoutersAsync()).ShouldBe(routers, "no router was restarted");
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

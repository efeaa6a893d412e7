using Gtc.Model;

namespace Gtc.Runtime.Tests.Routers;

public sealed class A_router_forwards_to_the_workers_of_revisions : IDisposable
{
    private readonly WorkerLab _lab = new();
    private readonly Dictionary<RevisionId, string> _addresses = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task Each_request_reaches_one_worker_and_a_new_dial_moves_them()
    {
        var bundle = await WorkerLab.BuildAsync("hello-worker", _lab.Root);
        var deployment = _lab.Deploy();
        var a = await _lab.StageAsync(deployment, bundle, bundle);
        var b = await _lab.StageAsync(deployment, bundle, bundle);
        _lab.Route(deployment, (a, 10_000), (b, 0));
        _lab.Save();
        await using var workerOfA = await WorkerAsync(a);
        await using var workerOfB = await WorkerAsync(b);
        await using var router = await RouterAsync();
        using var client = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = new Uri($"http://{router.Address}") };
        (await client.GetStringAsync("/healthz", Token)).ShouldBe("ok");
        (await GreetAsync(client)).ShouldContain(a.ToString());

        _lab.Route(deployment, (a, 0), (b, 10_000));
        _lab.Save();
        await Eventually.HoldsAsync(async () => (await GreetAsync(client)).Contains(b.ToString(), StringComparison.Ordinal));
        var status = System.Text.Json.JsonElement.Parse(await client.GetStringAsync("/status", Token));
        status.GetProperty("revisions").EnumerateArray().Select(row => row.GetProperty("healthy").GetBoolean()).ShouldBe([true, true]);
        status.GetProperty("revisions")[0].GetProperty("requests").GetInt64().ShouldBeGreaterThan(0);
        (await client.GetStringAsync("/metrics", Token)).ShouldContain($"revision=\"{b}\"");

        // What a worker of one revision serves does not follow the dial.
        using var direct = new WorkerClient(workerOfA);
        var own = await direct.GreetAsync();
        (own.IsFrom(a), own.Cookies.Count).ShouldBe((true, 0));
    }

    [Fact]
    public async Task A_broken_environment_changes_nothing_and_a_worker_that_is_not_found_loses_its_share()
    {
        var bundle = await WorkerLab.BuildAsync("hello-worker", _lab.Root);
        var deployment = _lab.Deploy();
        var a = await _lab.StageAsync(deployment, bundle, bundle);
        var b = await _lab.StageAsync(deployment, bundle, bundle);
        _lab.Route(deployment, (a, 5000), (b, 5000));
        _lab.Save();
        _addresses[b] = "worker-of-b.invalid:8080";
        await using var workerOfA = await WorkerAsync(a);
        var number = 0ul;
        await using var router = await RouterAsync(options => options with { Random = () => Interlocked.Increment(ref number) });
        using var client = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = new Uri($"http://{router.Address}") };
        for (var request = 0; request < 20; request++)
        {
            (await GreetAsync(client)).ShouldContain(a.ToString());
        }

        (await client.GetStringAsync("/status", Token)).ShouldContain("worker-of-b.invalid");
        _lab.Replace("environment.json", "nonsense"u8);
        await Eventually.HoldsAsync(async () => (await client.GetStringAsync("/status", Token)).Contains("runtime-config reload failed: ", StringComparison.Ordinal));
        (await GreetAsync(client)).ShouldContain(a.ToString());
    }

    [Fact]
    public async Task A_mounted_configuration_says_what_is_routed_and_is_followed_through_swapped_links()
    {
        var bundle = await WorkerLab.BuildAsync("hello-worker", _lab.Root);
        var deployment = _lab.Deploy();
        var a = await _lab.StageAsync(deployment, bundle, bundle);
        var b = await _lab.StageAsync(deployment, bundle, bundle);
        _lab.Route(deployment, (a, 10_000), (b, 0));
        _lab.Save();
        await using var workerOfA = await WorkerAsync(a);
        await using var workerOfB = await WorkerAsync(b);

        // As the kubelet does it: what is read is a link, and the link is swapped.
        var mount = Directory.CreateDirectory(Path.Combine(_lab.Root, "mount")).FullName;
        Publish(mount, "1", _lab.Document);
        var path = Path.Combine(mount, "runtime-config.json");
        await using var router = await RouterAsync(options => options with { Variable = name => name == "GREENTIC_RUNTIME_CONFIG_PATH" ? path : options.Variable(name) });
        using var client = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = new Uri($"http://{router.Address}") };
        (await GreetAsync(client)).ShouldContain(a.ToString());

        _lab.Route(deployment, (a, 0), (b, 10_000));
        Publish(mount, "2", _lab.Document);
        await Eventually.HoldsAsync(async () => (await GreetAsync(client)).Contains(b.ToString(), StringComparison.Ordinal));

        File.WriteAllText(Path.Combine(mount, "2.json"), "nonsense");
        await Eventually.HoldsAsync(async () => (await client.GetStringAsync("/status", Token)).Contains("runtime-config reload failed: ", StringComparison.Ordinal));
        (await GreetAsync(client)).ShouldContain(b.ToString());
    }

    private static void Publish(string mount, string version, EnvironmentDocument document)
    {
        File.WriteAllBytes(Path.Combine(mount, $"{version}.json"), Documents.RuntimeConfig.ToLine(RuntimeProjection.Project(document)));
        var beside = Path.Combine(mount, "beside");
        File.CreateSymbolicLink(beside, $"{version}.json");
        File.Move(beside, Path.Combine(mount, "runtime-config.json"), overwrite: true);
    }

    private static async Task<string> GreetAsync(HttpClient client)
    {
        using var answer = await client.PostAsync(new Uri("/", UriKind.Relative), new StringContent("""{"text":"Ada"}"""), Token);
        return await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync(Token);
    }

    private async Task<WorkerHost> WorkerAsync(RevisionId revision)
    {
        var worker = (await _lab.BootAsync(options => options with { Variable = name => name == "GREENTIC_REVISION_ID" ? revision.ToString() : options.Variable(name) })).Value;
        _addresses[revision] = worker.Address.ToString();
        return worker;
    }

    private async Task<RouterHost> RouterAsync(Func<WorkerOptions, WorkerOptions>? change = null) =>
        (await RouterHost.StartAsync((change ?? (same => same))(_lab.Options() with { WorkerAddress = id => _addresses[id] }), Token)).Value;
}

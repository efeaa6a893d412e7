using System.Net.Sockets;
using System.Text;
using Gtc.Model;

namespace Gtc.Runtime.Tests.Reloading;

public sealed class A_running_worker_follows_its_environment : IDisposable
{
    private const string ReloadFailed = "runtime-config reload failed: ";

    private readonly WorkerLab _lab = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task A_new_dial_counts_within_a_second()
    {
        var (a, b, deployment) = await TwoAsync(10_000, 0);
        await using var worker = (await _lab.BootAsync()).Value;
        using var client = new WorkerClient(worker);
        (await client.GreetAsync()).IsFrom(a).ShouldBeTrue();
        var began = TimeProvider.System.GetTimestamp();
        _lab.Route(deployment, (a, 0), (b, 10_000));
        _lab.SaveAll();
        await Eventually.HoldsAsync(async () => (await client.GreetAsync()).IsFrom(b));
        TimeProvider.System.GetElapsedTime(began).ShouldBeLessThan(TimeSpan.FromSeconds(30), "a second is the aim; the bound leaves room for a busy machine");
        _lab.Logs.Lines.ShouldContain(line => line.Text == "runtime-config reloaded: 1 → 1 deployment(s), 2 → 2 revision(s)");
        (await client.StatusAsync()).GetProperty("reloads").GetInt32().ShouldBe(1);
    }

    [Fact]
    public async Task A_change_of_runtime_config_alone_counts_too()
    {
        var (a, b, deployment) = await TwoAsync(10_000, 0);
        await using var worker = (await _lab.BootAsync()).Value;
        using var client = new WorkerClient(worker);
        var edited = RuntimeProjection.Project(_lab.Document);
        edited = edited with { Revisions = [.. edited.Revisions.Select(block => block with { WeightBps = block.RevisionId == b ? 10_000u : 0 })] };
        _lab.Replace("runtime-config.json", Documents.RuntimeConfig.ToFile(edited));
        await Eventually.HoldsAsync(async () => (await client.GreetAsync()).IsFrom(b));
        (await File.ReadAllBytesAsync(_lab.RuntimeConfig, Token)).ShouldBe(Documents.RuntimeConfig.ToFile(edited));
    }

    [Fact]
    public async Task A_new_revision_is_pulled_and_one_that_is_gone_is_drained_and_evicted()
    {
        var (a, b, deployment) = await TwoAsync(10_000, 0);
        await using var worker = (await _lab.BootAsync()).Value;
        using var client = new WorkerClient(worker);
        var c = await _lab.StageAsync(deployment, Bundle, Bundle);
        _lab.Route(deployment, (c, 10_000));
        _lab.SaveAll();
        await Eventually.HoldsAsync(async () => (await client.GreetAsync()).IsFrom(c));
        await Eventually.HoldsAsync(() => Count("RevisionEvicted") == 2);
        foreach (var gone in new[] { a, b })
        {
            _lab.Logs.Lines.ShouldContain(line => line.Text.StartsWith($"RevisionDraining: {gone} of deployment {deployment}", StringComparison.Ordinal));
        }

        (await client.StatusAsync()).GetProperty("revisions_active").GetInt32().ShouldBe(1);
    }

    [Fact]
    public async Task A_revision_that_cannot_be_had_stays_out_and_its_share_goes_to_the_others()
    {
        var (a, b, deployment) = await TwoAsync(10_000, 0);
        await using var worker = (await _lab.BootAsync(options => options with { Random = Counting() })).Value;
        using var client = new WorkerClient(worker);
        var bad = await _lab.StageAsync(deployment, Bundle, Bundle, Sha256Digest.Prefix + new string('0', 64));
        _lab.Route(deployment, (a, 5000), (bad, 5000));
        _lab.SaveAll();
        await Eventually.HoldsAsync(async () => (await client.StatusAsync()).GetProperty("reloads").GetInt32() == 1);
        for (var request = 0; request < 20; request++)
        {
            (await client.GreetAsync()).IsFrom(a).ShouldBeTrue();
        }

        var status = await client.StatusAsync();
        status.GetProperty("problems").GetRawText().ShouldContain("refusing to serve unpinned bytes");
        status.GetProperty("revisions").EnumerateArray().Single(row => row.GetProperty("revision_id").GetString() == bad.ToString()).GetProperty("healthy").GetBoolean().ShouldBeFalse();
        _lab.Logs.Lines.ShouldContain(line => line.Text.StartsWith($"HealthGateFailed: {bad}", StringComparison.Ordinal));
        ((int)(await client.GetAsync($"/healthz/{bad}")).StatusCode).ShouldBe(503);
        ((int)(await client.GetAsync($"/healthz/{a}")).StatusCode).ShouldBe(200);
        ((int)(await client.GetAsync($"/healthz/{b}")).StatusCode).ShouldBe(404);

        _lab.Route(deployment, (bad, 10_000));
        _lab.SaveAll();
        await Eventually.HoldsAsync(async () => (await client.GreetAsync()).Status == 503);
    }

    [Fact]
    public async Task A_revision_whose_source_comes_back_is_pulled_then()
    {
        var (a, _, deployment) = await TwoAsync(10_000, 0);
        await using var worker = (await _lab.BootAsync(options => options with { HealthInterval = TimeSpan.FromMilliseconds(100) })).Value;
        using var client = new WorkerClient(worker);
        var late = _lab.PathTo("late.gtbundle");
        var c = await _lab.StageAsync(deployment, Bundle, late);
        _lab.Route(deployment, (c, 10_000));
        _lab.SaveAll();
        await Eventually.HoldsAsync(async () => (await client.GreetAsync()).Status == 503);
        File.Copy(Bundle, late);
        await Eventually.HoldsAsync(async () => (await client.GreetAsync()).IsFrom(c));
        (await client.StatusAsync()).GetProperty("problems").GetArrayLength().ShouldBe(0);
        Count($"RevisionDraining: {a}").ShouldBe(1);
    }

    [Theory]
    [InlineData("runtime-config.json", "{\"schema\":")]
    [InlineData("runtime-config.json", "{\"schema\":\"greentic.runtime-config.v1\",\"env_id\":\"other\",\"revisions\":[]}")]
    [InlineData("environment.json", "nonsense")]
    [Trait("fact", "dispatcher:6.13")]
    public async Task A_broken_file_changes_nothing_and_is_told(string name, string content)
    {
        var (a, _, _) = await TwoAsync(10_000, 0);
        await using var worker = (await _lab.BootAsync()).Value;
        using var client = new WorkerClient(worker);
        _lab.Replace(name, Encoding.UTF8.GetBytes(content));
        await Eventually.HoldsAsync(() => Count(ReloadFailed) == 1);
        (await client.GreetAsync()).IsFrom(a).ShouldBeTrue();
        (await client.StatusAsync()).GetProperty("problems").GetRawText().ShouldContain(ReloadFailed);
        (await (await client.GetAsync("/metrics")).Content.ReadAsStringAsync(Token)).ShouldContain("gtc_reloads_total{result=\"failed\"} 1");

        _lab.SaveAll();
        await Eventually.HoldsAsync(async () => (await client.StatusAsync()).GetProperty("problems").GetArrayLength() == 0);
    }

    [Fact]
    [Trait("fact", "dispatcher:6.16")]
    public async Task Shares_that_do_not_sum_up_are_refused()
    {
        var (a, b, _) = await TwoAsync(10_000, 0);
        await using var worker = (await _lab.BootAsync()).Value;
        using var client = new WorkerClient(worker);
        var broken = RuntimeProjection.Project(_lab.Document);
        broken = broken with { Revisions = [.. broken.Revisions.Select(block => block with { WeightBps = block.RevisionId == b ? 4000u : 5000 })] };
        _lab.Replace("runtime-config.json", Documents.RuntimeConfig.ToFile(broken));
        await Eventually.HoldsAsync(() => Count(ReloadFailed) == 1);
        (await client.GreetAsync()).IsFrom(a).ShouldBeTrue();
    }

    [Fact]
    [Trait("fact", "dispatcher:6.15")]
    public async Task A_touched_file_changes_nothing()
    {
        var (a, b, deployment) = await TwoAsync(10_000, 0);
        await using var worker = (await _lab.BootAsync()).Value;
        using var client = new WorkerClient(worker);
        File.SetLastWriteTimeUtc(_lab.RuntimeConfig, DateTime.UnixEpoch);
        _lab.Replace("runtime-config.json", await File.ReadAllBytesAsync(_lab.RuntimeConfig, Token));

        // A real change after it shows that the touch was seen and passed over.
        _lab.Route(deployment, (a, 0), (b, 10_000));
        _lab.SaveAll();
        await Eventually.HoldsAsync(async () => (await client.GreetAsync()).IsFrom(b));
        Count("runtime-config reloaded").ShouldBe(1);
    }

    [Fact]
    public async Task A_mounted_map_is_followed_when_its_link_is_swapped()
    {
        var (a, b, deployment) = await TwoAsync(10_000, 0);
        Mount("first");
        await using var worker = (await _lab.BootAsync()).Value;
        using var client = new WorkerClient(worker);
        (await client.GreetAsync()).IsFrom(a).ShouldBeTrue();
        _lab.Route(deployment, (a, 0), (b, 10_000));
        Mount("second");
        await Eventually.HoldsAsync(async () => (await client.GreetAsync()).IsFrom(b));
    }

    [Fact]
    [Trait("fact", "dispatcher:6.14")]
    public async Task A_running_request_ends_on_the_revision_it_began_with()
    {
        var (a, b, deployment) = await TwoAsync(10_000, 0);
        await using var worker = (await _lab.BootAsync()).Value;
        using var client = new WorkerClient(worker);
        using var body = new SlowContent("""{"text":"Ada"}"""u8.ToArray());
        var running = client.SendAsync(body, ("x-greentic-session", "ada"));
        await Eventually.HoldsAsync(async () => (await client.StatusAsync()).GetProperty("revisions")[0].GetProperty("in_flight").GetInt32() == 1);
        _lab.Route(deployment, (b, 10_000));
        _lab.SaveAll();
        await Eventually.HoldsAsync(async () => (await client.GreetAsync()).IsFrom(b));
        var draining = (await client.StatusAsync()).GetProperty("draining")[0];
        (draining.GetProperty("revision_id").GetString(), draining.GetProperty("in_flight").GetInt32()).ShouldBe((a.ToString(), 1));
        Count("RevisionEvicted").ShouldBe(0);

        body.Finish();
        (await WorkerClient.Reply.OfAsync(await running)).IsFrom(a).ShouldBeTrue();
        await Eventually.HoldsAsync(() => Count($"RevisionEvicted: {a}") == 1);
    }

    [Fact]
    public async Task What_is_wanted_again_while_it_drains_stays()
    {
        var (a, b, deployment) = await TwoAsync(10_000, 0);
        await using var worker = (await _lab.BootAsync()).Value;
        using var client = new WorkerClient(worker);
        using var body = new SlowContent("""{"text":"Ada"}"""u8.ToArray());
        var running = client.SendAsync(body, ("x-greentic-session", "ada"));
        await Eventually.HoldsAsync(async () => (await client.StatusAsync()).GetProperty("revisions")[0].GetProperty("in_flight").GetInt32() == 1);
        _lab.Route(deployment, (b, 10_000));
        _lab.SaveAll();
        await Eventually.HoldsAsync(async () => (await client.GreetAsync()).IsFrom(b));
        _lab.Route(deployment, (a, 10_000), (b, 0));
        _lab.SaveAll();
        await Eventually.HoldsAsync(async () => (await client.GreetAsync()).IsFrom(a));
        body.Finish();
        (await WorkerClient.Reply.OfAsync(await running)).IsFrom(a).ShouldBeTrue();
        (await client.GreetAsync()).IsFrom(a).ShouldBeTrue();
        Count($"RevisionEvicted: {a}").ShouldBe(0);
    }

    [Fact]
    public async Task Requests_that_outstay_the_drain_time_are_cut()
    {
        var (a, b, deployment) = await TwoAsync(10_000, 0);
        _lab.Change(document => document with { Revisions = [.. document.Revisions.Select(revision => revision with { DrainSeconds = 1 })] });
        _lab.Save();
        await using var worker = (await _lab.BootAsync()).Value;
        using var client = new WorkerClient(worker);
        using var connection = new TcpClient();
        await connection.ConnectAsync(worker.Address, Token);
        var stream = connection.GetStream();
        await stream.WriteAsync("POST / HTTP/1.1\r\nHost: x\r\nx-greentic-session: ada\r\nContent-Length: 14\r\n\r\n{"u8.ToArray(), Token);
        await Eventually.HoldsAsync(async () => (await client.StatusAsync()).GetProperty("revisions")[0].GetProperty("in_flight").GetInt32() == 1);
        _lab.Route(deployment, (b, 10_000));
        _lab.SaveAll();
        await Eventually.HoldsAsync(() => Count($"RevisionEvicted: {a}") == 1);
        _lab.Logs.Lines.ShouldContain(line => line.Text.Contains("requests were cut: True", StringComparison.Ordinal));
        using var reader = new StreamReader(stream);
        (await reader.ReadLineAsync(Token)).ShouldBe("HTTP/1.1 503 Service Unavailable");
    }

    [Fact]
    public async Task A_revision_that_drains_in_place_is_evicted_when_its_time_is_over()
    {
        var (a, b, _) = await TwoAsync(10_000, 0);
        await using var worker = (await _lab.BootAsync()).Value;
        using var client = new WorkerClient(worker);
        _lab.Change(document => document with { Revisions = [.. document.Revisions.Select(revision => revision with { Lifecycle = RevisionLifecycle.Draining, DrainSeconds = 0 })] });
        _lab.SaveAll();
        await Eventually.HoldsAsync(() => Count($"RevisionDraining: {a}") == 1 && Count($"RevisionDraining: {b}") == 1);
        await Eventually.HoldsAsync(() => Count($"RevisionEvicted: {a}") == 1);
        (await client.GreetAsync()).Status.ShouldBe(503);
    }

    [Fact]
    public async Task A_revision_whose_packs_are_not_the_pinned_ones_leaves_the_table_and_comes_back()
    {
        var (a, b, _) = await TwoAsync(5000, 5000);
        await using var worker = (await _lab.BootAsync(options => options with { Random = Counting(), HealthInterval = TimeSpan.FromMilliseconds(50) })).Value;
        using var client = new WorkerClient(worker);
        var pack = Directory.GetFiles(_lab.RevisionFolder(a), "*.gtpack", SearchOption.AllDirectories).Single();
        var content = await File.ReadAllBytesAsync(pack, Token);
        File.Move(pack, pack + ".away");
        await Eventually.HoldsAsync(async () => (int)(await client.GetAsync($"/healthz/{a}")).StatusCode == 503);
        _lab.Logs.Lines.ShouldContain(line => line.Text.StartsWith($"HealthGateFailed: {a}", StringComparison.Ordinal));
        for (var request = 0; request < 20; request++)
        {
            (await client.GreetAsync()).IsFrom(b).ShouldBeTrue();
        }

        ((int)(await client.GetAsync("/healthz")).StatusCode).ShouldBe(200);
        await File.WriteAllBytesAsync(pack, content, Token);
        await Eventually.HoldsAsync(async () => (await client.GreetAsync()).IsFrom(a));
        Count($"HealthGatePassed: {a}").ShouldBe(2);
    }

    [Fact]
    public async Task A_change_of_the_listener_asks_for_a_restart()
    {
        await TwoAsync(10_000, 0);
        await using var worker = (await _lab.BootAsync()).Value;
        using var client = new WorkerClient(worker);
        (await client.GetAsync("/healthz")).Headers.Contains("x-greentic-restart-required").ShouldBeFalse();
        _lab.Change(document => document with { HostConfig = document.HostConfig with { ListenAddr = "127.0.0.2:8081" } });
        _lab.SaveAll();
        await Eventually.HoldsAsync(async () => (await client.StatusAsync()).GetProperty("restart_required").GetBoolean());
        (await client.GetAsync("/healthz")).Headers.GetValues("x-greentic-restart-required").ShouldBe(["true"]);
    }

    [Fact]
    public async Task Ten_changes_a_second_fail_no_request()
    {
        const int Changes = 30;
        var (a, b, deployment) = await TwoAsync(10_000, 0);
        await using var worker = (await _lab.BootAsync(options => options with { Random = Counting() })).Value;
        using var client = new WorkerClient(worker);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var callers = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            var answered = 0;
            for (; !over.IsCancellationRequested; answered++)
            {
                var reply = await client.GreetAsync();
                (reply.IsFrom(a) || reply.IsFrom(b)).ShouldBeTrue($"{reply.Status} {reply.Text}");
            }

            return answered;
        }, Token)).ToList();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        for (var change = 0; change < Changes && await timer.WaitForNextTickAsync(Token); change++)
        {
            // Every third time one of them goes altogether, so that revisions drain, are evicted and come back.
            _lab.Route(deployment, (change % 3) switch { 0 => [(a, 5000), (b, 5000)], 1 => [(b, 10_000)], _ => [(a, 10_000)] });
            _lab.SaveAll();
        }

        await over.CancelAsync();
        (await Task.WhenAll(callers)).Sum().ShouldBeGreaterThan(Changes);
        Count("runtime-config reloaded").ShouldBeGreaterThan(3);
        Count(ReloadFailed).ShouldBe(0);
    }

    private string Bundle => _lab.PathTo("hello-worker.gtbundle");

    private static Func<ulong> Counting()
    {
        var number = 0ul;
        return () => Interlocked.Increment(ref number);
    }

    private async Task<(RevisionId A, RevisionId B, DeploymentId Deployment)> TwoAsync(uint shareOfA, uint shareOfB)
    {
        await WorkerLab.BuildAsync("hello-worker", _lab.Root);
        var deployment = _lab.Deploy();
        var a = await _lab.StageAsync(deployment, Bundle, Bundle);
        var b = await _lab.StageAsync(deployment, Bundle, Bundle);
        _lab.Route(deployment, (a, shareOfA), (b, shareOfB));
        _lab.Save();
        return (a, b, deployment);
    }

    /// <summary>Puts environment.json behind a link to a folder, and swaps that link, as the kubelet does.</summary>
    private void Mount(string version)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_lab.Environment, $"..{version}")).FullName;
        File.WriteAllBytes(Path.Combine(folder, "environment.json"), Documents.Environment.ToFile(_lab.Document));
        var link = Path.Combine(_lab.Environment, "..data");
        File.Delete(link);
        Directory.CreateSymbolicLink(link, $"..{version}");
        var file = Path.Combine(_lab.Environment, "environment.json");
        if (new FileInfo(file).LinkTarget is null)
        {
            File.Delete(file);
            File.CreateSymbolicLink(file, "..data/environment.json");
        }
    }

    private int Count(string start) => _lab.Logs.Lines.Count(line => line.Text.StartsWith(start, StringComparison.Ordinal));
}

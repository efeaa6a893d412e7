using Gtc.Model;
using Microsoft.Extensions.Logging;

namespace Gtc.Runtime.Tests.Boot;

public sealed class A_boot_keeps_what_is_live : IDisposable
{
    private readonly WorkerLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Fact]
    [Trait("fact", "worker-runtime:8.14")]
    public async Task A_second_boot_does_not_pull()
    {
        var bundle = await WorkerLab.BuildAsync("hello-worker", _lab.Root);
        await _lab.RouteOneAsync(bundle);
        await using (var first = (await _lab.BootAsync()).Value)
        {
            _lab.Logs.Lines.ShouldContain(line => line.Text == "materialized 1 revision(s) from bundle sources for env `local`");
        }

        File.Delete(bundle);
        await using var second = (await _lab.BootAsync()).Value;
        _lab.Logs.Lines.Count(line => line.Text.StartsWith("materialized", StringComparison.Ordinal)).ShouldBe(1);
        _lab.Banners.ToString().Split("serving 1 revision(s)").Length.ShouldBe(3);
    }

    [Fact]
    public async Task An_older_revision_keeps_serving_when_the_new_one_is_not_the_pinned_one()
    {
        var bundle = await WorkerLab.BuildAsync("hello-worker", _lab.Root);
        var deployment = _lab.Deploy();
        var older = await _lab.StageAsync(deployment, bundle, bundle);
        _lab.Route(deployment, (older, 10_000));
        _lab.Save();
        await using (var first = (await _lab.BootAsync()).Value)
        {
        }

        var live = await File.ReadAllBytesAsync(_lab.RuntimeConfig, Token);
        var newer = await _lab.StageAsync(deployment, bundle, bundle, Sha256Digest.Prefix + new string('0', 64));
        _lab.Route(deployment, (newer, 10_000));
        _lab.Save();
        await using var second = (await _lab.BootAsync()).Value;
        _lab.Logs.Lines.ShouldContain(line => line.Level == LogLevel.Error && line.Text.Contains("refusing to serve unpinned bytes", StringComparison.Ordinal));
        (await File.ReadAllBytesAsync(_lab.RuntimeConfig, Token)).ShouldBe(live);
        Directory.GetDirectories(Path.Combine(_lab.Environment, "revisions")).ShouldBe([_lab.RevisionFolder(older)]);
        using var client = new HttpClient { BaseAddress = new Uri($"http://{second.Address}") };
        (await client.GetStringAsync("/status", Token)).ShouldContain("refusing to serve unpinned bytes");
        (await (await client.PostAsync("/", new StringContent("{\"text\":\"x\"}"), Token)).Content.ReadAsStringAsync(Token)).ShouldContain(older.ToString());
    }

    [Fact]
    public async Task A_new_route_is_pulled_although_an_older_configuration_is_live()
    {
        var bundle = await WorkerLab.BuildAsync("hello-worker", _lab.Root);
        var deployment = _lab.Deploy();
        var older = await _lab.StageAsync(deployment, bundle, bundle);
        _lab.Route(deployment, (older, 10_000));
        _lab.Save();
        await using (var first = (await _lab.BootAsync()).Value)
        {
        }

        var newer = await _lab.StageAsync(deployment, bundle, bundle);
        _lab.Route(deployment, (newer, 10_000));
        _lab.Save();
        await using var second = (await _lab.BootAsync()).Value;
        (await File.ReadAllTextAsync(_lab.RuntimeConfig, Token)).ShouldContain(newer.ToString());
        Directory.Exists(_lab.RevisionFolder(newer)).ShouldBeTrue();
    }

    [Theory]
    [Trait("fact", "worker-runtime:8.20")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_half_swap_is_mended(bool hadNewOne)
    {
        var bundle = await WorkerLab.BuildAsync("hello-worker", _lab.Root);
        var revision = await _lab.RouteOneAsync(bundle);
        await using (var first = (await _lab.BootAsync()).Value)
        {
        }

        // The moment between the two renames, and the one after them.
        var live = _lab.RevisionFolder(revision);
        if (hadNewOne)
        {
            Directory.CreateDirectory(live + ".bak");
            await File.WriteAllTextAsync(Path.Combine(live + ".bak", "old"), "old", Token);
        }
        else
        {
            Directory.Move(live, live + ".bak");
        }

        Directory.CreateDirectory(live + ".new");
        File.Delete(_lab.RuntimeConfig);
        await using var second = (await _lab.BootAsync()).Value;
        Directory.GetDirectories(Path.Combine(_lab.Environment, "revisions")).ShouldBe([live]);
        File.Exists(Path.Combine(live, "pack-list.lock")).ShouldBeTrue();
    }

    [Fact]
    public async Task What_was_damaged_on_disk_is_pulled_again()
    {
        var bundle = await WorkerLab.BuildAsync("hello-worker", _lab.Root);
        var revision = await _lab.RouteOneAsync(bundle);
        await using (var first = (await _lab.BootAsync()).Value)
        {
        }

        var pack = Directory.GetFiles(_lab.RevisionFolder(revision), "*.gtpack", SearchOption.AllDirectories).Single();
        await File.WriteAllBytesAsync(pack, [], Token);
        await using (var second = (await _lab.BootAsync()).Value)
        {
            new FileInfo(pack).Length.ShouldBeGreaterThan(0);
        }

        File.Delete(bundle);
        await File.WriteAllBytesAsync(pack, [], Token);
        (await _lab.BootAsync()).IsOk.ShouldBeFalse();
    }

    [Fact]
    [Trait("fact", "worker-runtime:8.17")]
    public async Task A_deployment_without_its_lock_is_quarantined_and_the_other_is_served()
    {
        var bundle = await WorkerLab.BuildAsync("hello-worker", _lab.Root);
        var (a, b) = (_lab.Deploy("a", "/a"), _lab.Deploy("b", "/b"));
        var lost = await _lab.StageAsync(a, bundle, source: null);
        var good = await _lab.StageAsync(b, bundle, bundle);
        _lab.Route(a, (lost, 10_000));
        _lab.Route(b, (good, 10_000));
        _lab.Save();
        await using var worker = (await _lab.BootAsync()).Value;
        _lab.Logs.Lines.ShouldContain(line => line.Level == LogLevel.Error && line.Text.StartsWith("deployment QUARANTINED", StringComparison.Ordinal));
        _lab.Banners.ToString().ShouldContain("serving 1 revision(s) for env `local` across 1 deployment(s)");
    }

    [Fact]
    [Trait("fact", "worker-runtime:8.15")]
    public async Task A_worker_of_one_revision_pulls_that_one_alone()
    {
        var bundle = await WorkerLab.BuildAsync("hello-worker", _lab.Root);
        var (mine, foreign) = (_lab.Deploy("mine", "/mine"), _lab.Deploy("foreign", "/foreign"));
        var good = await _lab.StageAsync(mine, bundle, bundle);
        var bad = await _lab.StageAsync(foreign, bundle, bundle, Sha256Digest.Prefix + new string('0', 64));
        _lab.Route(foreign, (bad, 10_000));
        _lab.Save();
        _lab.Variables["GREENTIC_REVISION_ID"] = good.ToString().ToLowerInvariant();
        await using var worker = (await _lab.BootAsync()).Value;
        _lab.Banners.ToString().ShouldContain("serving 1 revision(s) for env `local` across 1 deployment(s)");
        Directory.GetDirectories(Path.Combine(_lab.Environment, "revisions")).ShouldBe([_lab.RevisionFolder(good)]);
    }

    [Theory]
    [Trait("fact", "worker-runtime:8.16")]
    [InlineData(null)]
    [InlineData(" ")]
    [InlineData("01ARZ3NDEKTSV4RRFFQ69G5FAV")]
    public async Task Without_a_known_revision_of_its_own_every_failure_is_fatal(string? own)
    {
        var bundle = await WorkerLab.BuildAsync("hello-worker", _lab.Root);
        var (mine, foreign) = (_lab.Deploy("mine", "/mine"), _lab.Deploy("foreign", "/foreign"));
        _lab.Route(mine, (await _lab.StageAsync(mine, bundle, bundle), 10_000));
        _lab.Route(foreign, (await _lab.StageAsync(foreign, bundle, bundle, Sha256Digest.Prefix + new string('0', 64)), 10_000));
        _lab.Save();
        _lab.Variables["GREENTIC_REVISION_ID"] = own;
        (await _lab.BootAsync()).Refusal.ShouldBeOfType<Refusal.DigestMismatch>();
    }

    [Fact]
    public async Task An_unrouted_revision_does_not_hold_up_the_boot_and_the_newest_waits_on_disk_soon_after()
    {
        var bundle = await WorkerLab.BuildAsync("hello-worker", _lab.Root);
        var deployment = _lab.Deploy();
        var old = await _lab.StageAsync(deployment, bundle, bundle);
        var next = await _lab.StageAsync(deployment, bundle, bundle);
        _lab.Save();
        await using var worker = (await _lab.BootAsync()).Value;
        _lab.Banners.ToString().ShouldContain("serving probes only");
        await Eventually.HoldsAsync(() => _lab.Logs.Lines.Any(line => line.Text.StartsWith($"Revision {next}", StringComparison.Ordinal) && line.Text.EndsWith("is on disk and waits; it is not routed", StringComparison.Ordinal)));
        (File.Exists(Path.Combine(_lab.RevisionFolder(next), "pack-list.lock")), Directory.Exists(_lab.RevisionFolder(old))).ShouldBe((true, false));
    }

    [Fact]
    public async Task A_new_colour_that_cannot_be_pulled_disturbs_nothing_and_is_told()
    {
        var bundle = await WorkerLab.BuildAsync("hello-worker", _lab.Root);
        var live = await _lab.RouteOneAsync(bundle);
        var next = await _lab.StageAsync(_lab.Document.Bundles.Single().DeploymentId, bundle, bundle, Sha256Digest.Prefix + new string('0', 64));
        _lab.Save();
        await using var worker = (await _lab.BootAsync()).Value;
        using var client = new WorkerClient(worker);
        await Eventually.HoldsAsync(async () => (await client.StatusAsync()).GetProperty("problems").GetRawText().Contains($"revision {next} is not routed yet and could not be pulled", StringComparison.Ordinal));
        (await client.GreetAsync()).IsFrom(live).ShouldBeTrue();
        (await client.StatusAsync()).GetProperty("reloads").GetInt32().ShouldBe(0);
    }

    [Fact]
    public async Task A_stop_request_ends_the_wait()
    {
        await using var worker = (await _lab.BootAsync()).Value;
        var waiting = worker.WaitForStopAsync(Token);
        StopRequest.Make(_lab.Environment);
        await waiting.WaitAsync(TimeSpan.FromMinutes(1), Token);
        _lab.Banners.ToString().ShouldContain("shutting down.");
        File.Exists(Path.Combine(_lab.Environment, ".stop-request")).ShouldBeFalse();
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}

using System.Security.Cryptography;
using System.Text;
using Gtc.Model;
using Gtc.Routing;
using Gtc.Store;

namespace Gtc.Runtime.Tests.Http;

public sealed class Callers_stay_on_their_revision : IDisposable
{
    private readonly WorkerLab _lab = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string KeyFile => Path.Combine(_lab.Environment, RevisionSigningKey.FileName);

    public void Dispose() => _lab.Dispose();

    [Fact]
    [Trait("fact", "dispatcher:6.1")]
    public async Task Strangers_are_drawn_by_the_shares()
    {
        var (a, b, _) = await TwoAsync(9000, 1000);
        await using var worker = await BootAsync();
        var counts = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            using var client = new WorkerClient(worker);
            var seen = 0;
            for (var request = 0; request < 2500; request++)
            {
                seen += (await client.GreetAsync()).IsFrom(b) ? 1 : 0;
            }

            return seen;
        }, Token)));
        counts.Sum().ShouldBeInRange(800, 1200);
        using var observer = new WorkerClient(worker);
        var rows = (await observer.StatusAsync()).GetProperty("revisions");
        rows.EnumerateArray().Sum(row => row.GetProperty("requests").GetInt64()).ShouldBe(10_000);
        rows[1].GetProperty("seen_bps").GetDouble().ShouldBe(counts.Sum());
    }

    [Fact]
    [Trait("fact", "dispatcher:6.2")]
    [Trait("fact", "dispatcher:6.3")]
    public async Task A_pin_is_honoured_without_a_new_one_and_a_forged_one_is_replaced()
    {
        await TwoAsync(5000, 5000);
        await using var worker = await BootAsync();
        using var client = new WorkerClient(worker);
        var first = await client.GreetAsync(("X-Show-Revision", "1"));
        first.Cookies[0].ShouldContain("; Path=/; HttpOnly; Secure; SameSite=Lax; Max-Age=3600");
        for (var request = 0; request < 100; request++)
        {
            var again = await client.GreetAsync(("Cookie", first.Pin!), ("X-Show-Revision", "1"));
            (again.Served, again.Cookies.Count).ShouldBe((first.Served, 0));
        }

        var forged = first.Pin![..^1] + (first.Pin[^1] == 'A' ? 'B' : 'A');
        (await client.GreetAsync(("Cookie", forged))).Pin.ShouldNotBeNull().ShouldNotBe(forged);
    }

    [Fact]
    [Trait("fact", "dispatcher:6.4")]
    public async Task A_pin_of_another_tenant_deployment_or_environment_is_ignored()
    {
        var (a, b, deployment) = await TwoAsync(10_000, 0);
        await using var worker = await BootAsync();
        using var client = new WorkerClient(worker);
        var key = await File.ReadAllBytesAsync(KeyFile, Token);
        var now = TimeProvider.System.GetUtcNow();
        EnvId.TryParse("other", out var other).ShouldBeTrue();
        _lab.Route(deployment, (a, 5000), (b, 5000));
        _lab.SaveAll();
        await Eventually.HoldsAsync(async () => (await client.StatusAsync()).GetProperty("reloads").GetInt32() == 1);
        var sticky = _lab.Document.TrafficSplits.Single().StickyGeneration ?? 0;
        foreach (var revision in new[] { a, b })
        {
            var good = new RevisionCookie(key, EnvId.Local).Write("default", deployment, revision, sticky, now);
            (await client.GreetAsync(("Cookie", $"_gt_rev_{deployment}={good}"))).Cookies.ShouldBeEmpty();
        }

        foreach (var foreign in new[]
        {
            new RevisionCookie(key, other).Write("default", deployment, a, sticky, now),
            new RevisionCookie(key, EnvId.Local).Write("acme", deployment, a, sticky, now),
            new RevisionCookie(key, EnvId.Local).Write("default", new DeploymentId(a.Value), a, sticky, now),
            new RevisionCookie(new byte[32], EnvId.Local).Write("default", deployment, a, sticky, now),
            new RevisionCookie(key, EnvId.Local).Write("default", deployment, a, sticky, now - TimeSpan.FromHours(2)),
        })
        {
            (await client.GreetAsync(("Cookie", $"_gt_rev_{deployment}={foreign}"))).Pin.ShouldNotBeNull();
        }
    }

    [Fact]
    [Trait("fact", "dispatcher:6.5")]
    [Trait("fact", "dispatcher:6.6")]
    [Trait("fact", "dispatcher:6.7")]
    public async Task A_pin_outlives_a_new_weight_but_not_the_removal_of_its_revision()
    {
        var (a, b, deployment) = await TwoAsync(9000, 1000);
        await using var worker = await BootAsync();
        using var client = new WorkerClient(worker);
        var pin = await PinToAsync(client, a);
        await DialAsync(client, deployment, (a, 1), (b, 9999));
        (await client.GreetAsync(("Cookie", pin))).IsFrom(a).ShouldBeTrue();

        await DialAsync(client, deployment, (b, 10_000));
        var moved = await client.GreetAsync(("Cookie", pin));
        (moved.IsFrom(b), moved.Pin is null).ShouldBe((true, false));

        await DialAsync(client, deployment, (a, 1), (b, 9999));
        (await client.GreetAsync(("Cookie", pin))).Pin.ShouldNotBeNull("the old pin must not live again");
    }

    [Fact]
    [Trait("fact", "dispatcher:6.8")]
    [Trait("fact", "dispatcher:6.9")]
    [Trait("fact", "dispatcher:6.10")]
    public async Task A_draining_revision_keeps_its_callers_and_gets_no_new_ones()
    {
        var (a, b, _) = await TwoAsync(5000, 5000);
        await using var worker = await BootAsync();
        using var client = new WorkerClient(worker);
        var pin = await PinToAsync(client, a);
        await MarkDrainingAsync(client, a);
        var kept = await client.GreetAsync(("Cookie", pin));
        (kept.IsFrom(a), kept.Cookies.Count).ShouldBe((true, 0));
        for (var request = 0; request < 50; request++)
        {
            (await client.GreetAsync()).IsFrom(b).ShouldBeTrue();
        }

        await MarkDrainingAsync(client, a, b);
        var refused = await client.GreetAsync();
        (refused.Status, refused.Text, refused.Cookies.Count).ShouldBe((500, "revision dispatch failed", 0));
    }

    [Fact]
    [Trait("fact", "dispatcher:6.11")]
    public async Task The_revision_header_counts_only_from_trusted_peers()
    {
        var (a, b, _) = await TwoAsync(9999, 1);
        await using (var worker = await BootAsync(options => options with { Random = () => 0 }))
        {
            using var client = new WorkerClient(worker);
            (await client.GreetAsync(("X-Greentic-Revision", b.ToString()))).IsFrom(a).ShouldBeTrue();
        }

        await using var trusting = await BootAsync(options => options with { TrustedProxies = PeerRanges.Parse("10.0.0.0/8, 127.0.0.0/8")! });
        using var behind = new WorkerClient(trusting);
        var answer = await behind.GreetAsync(("X-Greentic-Revision", b.ToString()));
        (answer.IsFrom(b), answer.Cookies.Count).ShouldBe((true, 0));
    }

    [Fact]
    [Trait("fact", "dispatcher:6.12")]
    public async Task Concurrent_first_requests_of_a_session_reach_one_revision()
    {
        await TwoAsync(5000, 5000);
        await using var worker = await BootAsync();
        using var client = new WorkerClient(worker);
        for (var session = 0; session < 20; session++)
        {
            var hint = $"session-{session}";
            var replies = await Task.WhenAll(
                client.GreetAsync(("x-greentic-session", hint), ("X-Show-Revision", "1")),
                client.GreetAsync(("x-greentic-session", hint), ("X-Show-Revision", "1")));
            replies[0].Served.ShouldNotBeNull().ShouldBe(replies[1].Served);
        }
    }

    [Fact]
    public async Task A_key_decides_wherever_it_comes_from()
    {
        var (a, b, deployment) = await TwoAsync(5000, 5000);
        await using var worker = await BootAsync(options => options with { CallerField = "X-Account" });
        using var client = new WorkerClient(worker);
        var slots = new CallerSlot(deployment);
        for (var number = 0; number < 20; number++)
        {
            var key = $"caller-{number}";
            var expected = slots.Of(Encoding.UTF8.GetBytes(key)) < 5000 ? a : b;
            (await client.GreetAsync(("X-Account", key))).IsFrom(expected).ShouldBeTrue();
            (await client.GreetAsync(("x-greentic-user", key))).IsFrom(expected).ShouldBeTrue();
            using var said = await client.SendAsync(new StringContent($$"""{"text":"Ada","user":"{{key}}"}"""));
            (await WorkerClient.Reply.OfAsync(said)).IsFrom(expected).ShouldBeTrue();
            var stranger = await client.GreetAsync();
            (await client.GreetAsync(("Cookie", stranger.Caller!))).Text.ShouldBe(stranger.Text);
        }
    }

    [Fact]
    public async Task Only_successful_answers_set_cookies_and_the_revision_is_shown_on_request()
    {
        var (a, _, _) = await TwoAsync(10_000, 0);
        await using var worker = await BootAsync();
        using var client = new WorkerClient(worker);
        using var malformed = await client.SendAsync(new StringContent("nonsense"));
        malformed.Headers.Contains("Set-Cookie").ShouldBeFalse();
        (await client.GetAsync("/")).Headers.Contains("Set-Cookie").ShouldBeFalse();
        (await client.GetAsync("/healthz")).Headers.Contains("Set-Cookie").ShouldBeFalse();
        (await client.GreetAsync()).Served.ShouldBeNull();
        (await client.GreetAsync(("X-Show-Revision", "1"))).Served.ShouldBe(a.ToString());

        _lab.Change(document => document with { Bundles = [.. document.Bundles.Select(bundle => bundle with { ExposeRevision = true })] });
        _lab.SaveAll();
        await Eventually.HoldsAsync(async () => (await client.GreetAsync()).Served == a.ToString());
    }

    [Fact]
    public async Task The_key_is_made_once_for_the_owner_alone_and_in_a_cluster_never()
    {
        await TwoAsync(5000, 5000);
        await using (var worker = await BootAsync())
        {
            using var client = new WorkerClient(worker);
            (await client.GreetAsync()).Pin.ShouldNotBeNull();
        }

        var key = await File.ReadAllBytesAsync(KeyFile, Token);
        key.Length.ShouldBe(RevisionSigningKey.Length);
        File.GetUnixFileMode(KeyFile).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await (await BootAsync()).DisposeAsync();
        (await File.ReadAllBytesAsync(KeyFile, Token)).ShouldBe(key);

        await File.WriteAllBytesAsync(KeyFile, key[1..], Token);
        (await _lab.BootAsync()).Refusal.ShouldBeOfType<Refusal.StoreFailed>().Message.ShouldContain("must have exactly 32 bytes");

        File.Delete(KeyFile);
        _lab.Variables["KUBERNETES_SERVICE_HOST"] = "10.0.0.1";
        await using var pod = await BootAsync();
        using var inside = new WorkerClient(pod);
        var answer = await inside.GreetAsync();
        (answer.Pin is null, answer.Caller is null, File.Exists(KeyFile)).ShouldBe((true, false, false));
    }

    [Fact]
    public async Task Two_processes_that_make_the_key_at_once_agree()
    {
        Directory.CreateDirectory(_lab.Environment);
        var keys = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => RevisionSigningKey.LoadOrMake(_lab.Store.Files(EnvId.Local), RandomNumberGenerator.Fill).Value, Token)));
        keys.Select(Convert.ToHexString).Distinct().ShouldHaveSingleItem();
    }

    private async Task<WorkerHost> BootAsync(Func<WorkerOptions, WorkerOptions>? change = null) =>
        (await _lab.BootAsync(options => (change ?? (same => same))(options with { Random = RandomBits }))).Value;

    private static ulong RandomBits() => BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));

    private async Task<(RevisionId A, RevisionId B, DeploymentId Deployment)> TwoAsync(uint shareOfA, uint shareOfB)
    {
        var bundle = await WorkerLab.BuildAsync("hello-worker", _lab.Root);
        var deployment = _lab.Deploy();
        var a = await _lab.StageAsync(deployment, bundle, bundle);
        var b = await _lab.StageAsync(deployment, bundle, bundle);
        _lab.Route(deployment, (a, shareOfA), (b, shareOfB));
        _lab.Save();
        return (a, b, deployment);
    }

    private static async Task<string> PinToAsync(WorkerClient client, RevisionId revision)
    {
        WorkerClient.Reply? reply = null;
        await Eventually.HoldsAsync(async () => (reply = await client.GreetAsync()).IsFrom(revision));
        return reply!.Pin!;
    }

    private async Task DialAsync(WorkerClient client, DeploymentId deployment, params (RevisionId Revision, uint Weight)[] shares)
    {
        _lab.Route(deployment, shares);
        await TakeOverAsync(client);
    }

    private Task MarkDrainingAsync(WorkerClient client, params RevisionId[] revisions)
    {
        _lab.Change(document => document with { Revisions = [.. document.Revisions.Select(revision => revisions.Contains(revision.RevisionId) ? revision with { Lifecycle = RevisionLifecycle.Draining } : revision)] });
        return TakeOverAsync(client);
    }

    private async Task TakeOverAsync(WorkerClient client)
    {
        var before = (await client.StatusAsync()).GetProperty("reloads").GetInt32();
        _lab.SaveAll();
        await Eventually.HoldsAsync(async () => (await client.StatusAsync()).GetProperty("reloads").GetInt32() > before);
    }
}

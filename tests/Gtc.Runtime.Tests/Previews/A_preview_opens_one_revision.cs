using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using System.Text.Json;
using Gtc.Model;
using Gtc.Routing;
using Gtc.Store;

namespace Gtc.Runtime.Tests.Previews;

public sealed class A_preview_opens_one_revision : IDisposable
{
    private const string Token = "a-token-that-was-shown-once";
    private const string Host = "next.shop.test";

    private readonly WorkerLab _lab = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private static (string, string) ByToken => (PreviewRoute.Field, Token);

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task An_unrouted_revision_is_pulled_and_answers_by_token_and_by_host()
    {
        var (a, b, deployment) = await TwoAsync();
        await using var worker = await BootAsync();
        using var client = new WorkerClient(worker);
        (await client.GreetAsync(ByToken)).IsFrom(a).ShouldBeTrue("there is no preview yet");

        _lab.Preview(deployment, b, Token, Host);
        _lab.Save();
        await Eventually.HoldsAsync(async () => (await client.GreetAsync(ByToken)).IsFrom(b));
        (await client.GreetAsync(("Host", Host))).IsFrom(b).ShouldBeTrue();
        (await client.GreetAsync(("Host", Host + ":8080"))).IsFrom(b).ShouldBeTrue();
        (await client.GreetAsync(ByToken, ("X-Greentic-Revision", "next"))).IsFrom(b).ShouldBeTrue();
        (await client.GreetAsync(ByToken, ("X-Greentic-Revision", a.ToString()))).IsFrom(a).ShouldBeTrue("the token is not for the one that is named");
        (await client.GreetAsync((PreviewRoute.Field, Token + "x"))).IsFrom(a).ShouldBeTrue();
        (await client.GreetAsync((PreviewRoute.Field, new string('x', 4000)))).IsFrom(a).ShouldBeTrue();
        (await client.GreetAsync()).IsFrom(a).ShouldBeTrue();
        ((int)(await client.GetAsync($"/healthz/{b}")).StatusCode).ShouldBe(200);

        _lab.Change(document => PreviewVerbs.Remove(document, deployment, b).Value.Document);
        _lab.Save();
        await Eventually.HoldsAsync(async () => (await client.GreetAsync(("Host", Host))).IsFrom(a));
        (await client.GreetAsync(ByToken)).IsFrom(a).ShouldBeTrue();
        ((int)(await client.GetAsync($"/healthz/{b}")).StatusCode).ShouldBe(404);
    }

    [Fact]
    public async Task It_pins_nobody_and_is_evidence_of_nothing()
    {
        var (a, b, deployment) = await TwoAsync();
        _lab.Route(deployment, (a, 5000), (b, 5000));
        _lab.Preview(deployment, b, Token, Host);
        _lab.Save();
        await using var worker = await BootAsync();
        using var client = new WorkerClient(worker);
        var seen = await client.GreetAsync(ByToken, ("X-Show-Revision", "1"));
        (seen.IsFrom(b), seen.Served, seen.Cookies.Count).ShouldBe((true, b.ToString(), 0));
        (await client.GreetAsync(("Host", Host))).Cookies.ShouldBeEmpty();
        using var failing = await client.SendAsync(new StringContent("nonsense"), ByToken);
        ((int)failing.StatusCode).ShouldBe(400);
        var pinned = await client.GreetAsync(("X-Show-Revision", "1"));
        (await client.GreetAsync(("Cookie", pinned.Pin!), ByToken)).IsFrom(b).ShouldBeTrue("a preview goes before a pin");

        var status = await client.StatusAsync();
        status.GetProperty("revisions").EnumerateArray().Sum(row => row.GetProperty("requests").GetInt64()).ShouldBe(1);
        status.GetProperty("revisions").EnumerateArray().Single(row => row.GetProperty("revision_id").GetString() == pinned.Served).GetProperty("seen_bps").GetDouble().ShouldBe(10_000);
        var row = status.GetProperty("previews").EnumerateArray().ShouldHaveSingleItem();
        (row.GetProperty("revision_id").GetString(), row.GetProperty("requests").GetInt64(), row.GetProperty("open").GetBoolean(), row.GetProperty("healthy").GetBoolean()).ShouldBe((b.ToString(), 4, true, true));
        status.GetRawText().ShouldNotContain(_lab.Document.Bundles.Single().Previews!.Value.Single().HeaderTokenHash);
        var pointers = status.GetProperty("pointers")[0];
        (pointers.GetProperty("stable").GetString(), pointers.GetProperty("next").GetString()).ShouldBe((a.ToString(), b.ToString()));
        var metrics = (await (await client.GetAsync("/metrics")).Content.ReadAsStringAsync(Cancelled)).Split('\n');
        metrics.ShouldContain(line => line.StartsWith("gtc_preview_requests_total{", StringComparison.Ordinal) && line.EndsWith($"revision=\"{b}\"}} 4", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Its_requests_have_spans_and_are_in_no_metric_of_a_revision()
    {
        const string Own = "gtc.customer=looked-at";
        var (a, b, deployment) = await TwoAsync();
        _lab.Route(deployment, (a, 5000), (b, 5000));
        _lab.Preview(deployment, b, Token);
        _lab.Change(document => document with { Bundles = [document.Bundles.Single() with { CustomerId = "looked-at" }] });
        _lab.Save();
        var spans = new ConcurrentQueue<string>();
        var measured = new ConcurrentQueue<string>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Gtc.Runtime",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = span => spans.Enqueue(Text(span.TagObjects)),
        };
        ActivitySource.AddActivityListener(listener);
        using var meters = new MeterListener { InstrumentPublished = (instrument, on) => { if (instrument.Meter.Name == "Gtc.Runtime") { on.EnableMeasurementEvents(instrument); } } };
        meters.SetMeasurementEventCallback<long>((instrument, _, tags, _) => measured.Enqueue($"{instrument.Name} {Text(tags.ToArray())}"));
        meters.SetMeasurementEventCallback<double>((instrument, _, tags, _) => measured.Enqueue($"{instrument.Name} {Text(tags.ToArray())}"));
        meters.Start();
        await using var worker = await BootAsync();
        using var client = new WorkerClient(worker);
        (await client.GreetAsync(ByToken)).IsFrom(b).ShouldBeTrue();
        await Eventually.HoldsAsync(() => spans.Any(span => span.Contains(Own, StringComparison.Ordinal)));
        spans.Single(span => span.Contains(Own, StringComparison.Ordinal)).ShouldContain("gtc.preview=True");
        await client.GreetAsync();

        // The ordinary request is counted, how long it took and for whom, and it alone.
        foreach (var name in (string[])["gtc.requests", "gtc.request.duration", "gtc.usage.requests"])
        {
            bool IsOwn(string measure) => measure.StartsWith($"{name} ", StringComparison.Ordinal) && measure.Contains(Own, StringComparison.Ordinal);
            await Eventually.HoldsAsync(() => measured.Any(IsOwn));
            measured.Count(IsOwn).ShouldBe(1, name);
        }

        spans.Count(span => span.Contains(Own, StringComparison.Ordinal) && span.Contains("gtc.preview", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public async Task Once_its_time_is_over_its_token_opens_nothing_its_host_leads_nowhere_and_its_revision_is_let_go()
    {
        var (a, b, deployment) = await TwoAsync();
        _lab.Preview(deployment, b, Token, Host);
        _lab.Save();
        var time = new LateTime();
        await using var worker = await BootAsync(options => options with { Time = time, HealthInterval = TimeSpan.FromMilliseconds(50) });
        using var client = new WorkerClient(worker);
        await Eventually.HoldsAsync(async () => (await client.GreetAsync(ByToken)).IsFrom(b));
        time.Late = AddPreview.DefaultLifetime;
        (await client.GreetAsync(ByToken)).IsFrom(a).ShouldBeTrue();
        var closed = await client.GreetAsync(("Host", Host));
        (closed.Status, closed.Text).ShouldBe((404, "no preview is open at this host and path"));
        (await client.StatusAsync()).GetProperty("previews")[0].GetProperty("open").GetBoolean().ShouldBeFalse();
        await Eventually.HoldsAsync(async () => (await client.StatusAsync()).GetProperty("revisions_active").GetInt32() == 1);
    }

    [Fact]
    public async Task A_deployment_that_is_not_routed_yet_can_be_looked_at()
    {
        var bundle = await WorkerLab.BuildAsync("hello-worker", _lab.Root);
        var deployment = _lab.Deploy();
        var first = await _lab.StageAsync(deployment, bundle, bundle);
        _lab.Preview(deployment, first, Token);
        _lab.Save();
        await using var worker = await BootAsync();
        using var client = new WorkerClient(worker);
        await Eventually.HoldsAsync(async () => (await client.GreetAsync(ByToken)).IsFrom(first));
        (await client.GreetAsync()).Status.ShouldBe(404);
    }

    [Fact]
    public async Task What_cannot_be_had_answers_503_and_disturbs_nobody()
    {
        var (a, _, deployment) = await TwoAsync();
        var bad = await _lab.StageAsync(deployment, Bundle, Bundle, Sha256Digest.Prefix + new string('0', 64));
        _lab.Preview(deployment, bad, Token, Host);
        _lab.Save();
        await using var worker = await BootAsync();
        using var client = new WorkerClient(worker);
        await Eventually.HoldsAsync(async () => (await client.StatusAsync()).GetProperty("problems").GetRawText().Contains($"revision {bad} is not routed yet and could not be pulled", StringComparison.Ordinal));
        (await client.StatusAsync()).GetProperty("problems").GetRawText().ShouldContain($"revision {bad} of deployment {deployment} is previewed and not served");
        foreach (var way in new[] { ByToken, ("Host", Host) })
        {
            var away = await client.GreetAsync(way);
            (away.Status, away.Text).ShouldBe((503, "the previewed revision cannot take the request at the moment"));
        }

        (await client.GreetAsync()).IsFrom(a).ShouldBeTrue();
        (await client.StatusAsync()).GetProperty("previews")[0].GetProperty("healthy").GetBoolean().ShouldBeFalse();
    }

    [Fact]
    public async Task A_router_forwards_it_to_the_worker_of_its_revision()
    {
        var (a, b, deployment) = await TwoAsync();
        _lab.Preview(deployment, b, Token, Host);
        _lab.Save();
        await using var workerOfA = await WorkerAsync(a);
        var workerOfB = await WorkerAsync(b);
        var addresses = new Dictionary<RevisionId, string> { [a] = workerOfA.Address.ToString(), [b] = workerOfB.Address.ToString() };
        await using var router = (await RouterHost.StartAsync(_lab.Options() with { WorkerAddress = id => addresses[id] }, Cancelled)).Value;
        using var client = new WorkerClient(router.Address);
        (await client.GreetAsync()).IsFrom(a).ShouldBeTrue();
        var seen = await client.GreetAsync(ByToken, ("X-Show-Revision", "1"));
        (seen.IsFrom(b), seen.Served, seen.Cookies.Count).ShouldBe((true, b.ToString(), 0));
        (await client.GreetAsync(("Host", Host))).IsFrom(b).ShouldBeTrue();
        (await client.GreetAsync((PreviewRoute.Field, "wrong"))).IsFrom(a).ShouldBeTrue();

        await Eventually.HoldsAsync(async () => Requests((await client.StatusAsync()).GetProperty("previews")[0]) == 2);
        Requests((await client.StatusAsync()).GetProperty("revisions")[0]).ShouldBe(2);
        using var behind = new WorkerClient(workerOfB);
        var status = await behind.StatusAsync();
        (Requests(status.GetProperty("revisions")[0]), Requests(status.GetProperty("previews")[0])).ShouldBe((0, 2), "the worker sees for itself that it is looked at");

        _lab.Preview(deployment, b, "another", null, TimeProvider.System.GetUtcNow().AddHours(-23));
        _lab.Save();
        await Eventually.HoldsAsync(async () => (await client.GreetAsync(ByToken)).IsFrom(a));
        (await client.GreetAsync((PreviewRoute.Field, "another"))).IsFrom(b).ShouldBeTrue();
        await workerOfB.DisposeAsync();
        await Eventually.HoldsAsync(async () => (await client.GreetAsync((PreviewRoute.Field, "another"))).Status is 502 or 503);
        (await client.GreetAsync()).IsFrom(a).ShouldBeTrue();
    }

    [Fact]
    [Trait("fact", "dispatcher:6.11")]
    public async Task A_keyed_token_lets_any_peer_name_a_routed_revision_of_its_deployment()
    {
        var (a, b, deployment) = await TwoAsync();
        _lab.Route(deployment, (a, 9999), (b, 1));
        _lab.Save();
        var key = RevisionSigningKey.LoadOrMake(_lab.Store.Files(EnvId.Local), RandomNumberGenerator.Fill).Value;
        var tokens = new RevisionHeaderToken(key, EnvId.Local);
        var now = TimeProvider.System.GetUtcNow();
        await using var workerOfA = await WorkerAsync(a);
        await using var workerOfB = await WorkerAsync(b);
        var addresses = new Dictionary<RevisionId, string> { [a] = workerOfA.Address.ToString(), [b] = workerOfB.Address.ToString() };
        await using var router = (await RouterHost.StartAsync(_lab.Options() with { WorkerAddress = id => addresses[id] }, Cancelled)).Value;
        await using var both = await BootAsync();
        foreach (var client in new[] { new WorkerClient(router.Address), new WorkerClient(both) })
        {
            using (client)
            {
                (string, string) Naming(string token) => (RevisionHeaderToken.Field, token);
                foreach (var name in new[] { b.ToString(), "next" })
                {
                    (await client.GreetAsync(("X-Greentic-Revision", name))).IsFrom(a).ShouldBeTrue();
                    var named = await client.GreetAsync(("X-Greentic-Revision", name), Naming(tokens.Write(deployment, now.AddMinutes(5))));
                    (named.IsFrom(b), named.Pin).ShouldBe((true, null));
                }

                foreach (var bad in new[] { tokens.Write(deployment, now.AddSeconds(-1)), tokens.Write(new DeploymentId(b.Value), now.AddMinutes(5)), new RevisionHeaderToken(new byte[32], EnvId.Local).Write(deployment, now.AddMinutes(5)), "x" })
                {
                    (await client.GreetAsync(("X-Greentic-Revision", b.ToString()), Naming(bad))).IsFrom(a).ShouldBeTrue();
                }
            }
        }
    }

    private static string Text(IEnumerable<KeyValuePair<string, object?>> tags) => string.Join(' ', tags.Select(tag => $"{tag.Key}={tag.Value}"));

    private static long Requests(JsonElement row) => row.GetProperty("requests").GetInt64();

    private string Bundle => _lab.PathTo("hello-worker.gtbundle");

    private async Task<WorkerHost> BootAsync(Func<WorkerOptions, WorkerOptions>? change = null) => (await _lab.BootAsync(change)).Value;

    private async Task<WorkerHost> WorkerAsync(RevisionId revision) =>
        (await _lab.BootAsync(options => options with { Variable = name => name == "GREENTIC_REVISION_ID" ? revision.ToString() : options.Variable(name) })).Value;

    /// <summary>Two ready revisions, the older one with everything, saved.</summary>
    private async Task<(RevisionId A, RevisionId B, DeploymentId Deployment)> TwoAsync()
    {
        await WorkerLab.BuildAsync("hello-worker", _lab.Root);
        var deployment = _lab.Deploy();
        var a = await _lab.StageAsync(deployment, Bundle, Bundle);
        var b = await _lab.StageAsync(deployment, Bundle, Bundle);
        _lab.Route(deployment, (a, 10_000));
        _lab.Save();
        return (a, b, deployment);
    }

    /// <summary>The real time, and some more.</summary>
    private sealed class LateTime : TimeProvider
    {
        private long _ticks;

        public TimeSpan Late
        {
            set => Interlocked.Exchange(ref _ticks, value.Ticks);
        }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddTicks(Interlocked.Read(ref _ticks));
    }
}

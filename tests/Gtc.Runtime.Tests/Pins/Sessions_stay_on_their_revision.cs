using System.Net;
using Gtc.Model;
using Gtc.Routing;
using Microsoft.AspNetCore.Http.Features;

namespace Gtc.Runtime.Tests.Pins;

public sealed class Sessions_stay_on_their_revision : IDisposable
{
    private const string Session = "x-greentic-session";
    private const string User = "x-greentic-user";

    private readonly SessionLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task A_session_without_cookies_stays_when_the_shares_move_and_moves_when_its_revision_leaves()
    {
        var (a, b) = await _lab.TwoAsync(5000, 5000);
        var session = _lab.KeyOn(first: true);
        await using var worker = await _lab.BootAsync();
        using var client = new WorkerClient(worker);
        (await client.GreetAsync((Session, session))).IsFrom(a).ShouldBeTrue();

        // Its slot belongs to b by now; the pin, which survived the reload, keeps it on a.
        await _lab.DialAsync(client, (a, 1), (b, 9999));
        (await client.GreetAsync((Session, session))).IsFrom(a).ShouldBeTrue();
        using var said = await client.SendAsync(new StringContent($$"""{"text":"Ada","session":"{{session}}"}"""));
        (await WorkerClient.Reply.OfAsync(said)).IsFrom(a).ShouldBeTrue("the body names the session as well as the header does");
        (await client.GreetAsync((User, session))).IsFrom(b).ShouldBeTrue("a user without a session has no pin");

        // A new generation: every older pin is dead, and stays so when the revision comes back.
        await _lab.DialAsync(client, (b, 10_000));
        (await client.GreetAsync((Session, session))).IsFrom(b).ShouldBeTrue();
        await _lab.DialAsync(client, (a, 9999), (b, 1));
        (await client.GreetAsync((Session, session))).IsFrom(b).ShouldBeTrue("the pin of the new generation counts, not the slot and not the old pin");
        (await client.StatusAsync()).GetProperty("pins").GetProperty("store").GetString().ShouldBe("memory");
    }

    [Fact]
    public async Task A_trusted_header_and_a_cookie_go_before_a_pin()
    {
        var (a, b) = await _lab.TwoAsync(5000, 5000);
        await using var worker = await _lab.BootAsync(options => options with { TrustedProxies = PeerRanges.Parse("127.0.0.0/8")! });
        using var client = new WorkerClient(worker);
        var onB = await client.GreetAsync((User, _lab.KeyOn(first: false)));
        onB.IsFrom(b).ShouldBeTrue();
        var session = _lab.KeyOn(first: true);
        (await client.GreetAsync((Session, session))).IsFrom(a).ShouldBeTrue();
        (await client.GreetAsync((Session, session), ("Cookie", onB.Pin!))).IsFrom(b).ShouldBeTrue();
        (await client.GreetAsync((Session, session), ("X-Greentic-Revision", b.ToString()))).IsFrom(b).ShouldBeTrue();
        (await client.GreetAsync((Session, session))).IsFrom(a).ShouldBeTrue("neither of them is remembered as a pin");
    }

    [Fact]
    public async Task A_draining_revision_keeps_its_sessions_and_an_unhealthy_one_loses_them()
    {
        var (a, b) = await _lab.TwoAsync(5000, 5000);
        var session = _lab.KeyOn(first: true);
        await using var worker = await _lab.BootAsync(options => options with { HealthInterval = TimeSpan.FromMilliseconds(50) });
        using var client = new WorkerClient(worker);
        (await client.GreetAsync((Session, session))).IsFrom(a).ShouldBeTrue();
        _lab.Worker.Change(document => document with { Revisions = [.. document.Revisions.Select(each => each.RevisionId == a ? each with { Lifecycle = RevisionLifecycle.Draining } : each)] });
        await _lab.TakeOverAsync(client);
        (await client.GreetAsync((Session, session))).IsFrom(a).ShouldBeTrue();
        (await client.GreetAsync((Session, _lab.KeyOn(first: true, skip: 1)))).IsFrom(b).ShouldBeTrue("a draining revision gets no new session");

        File.Delete(Directory.GetFiles(_lab.Worker.RevisionFolder(a), "pack-list.lock").Single());
        await Eventually.HoldsAsync(async () => !(await client.StatusAsync()).GetProperty("revisions")[0].GetProperty("healthy").GetBoolean());
        (await client.GreetAsync((Session, session))).IsFrom(b).ShouldBeTrue();
        var rows = (await client.StatusAsync()).GetProperty("revisions");
        rows.EnumerateArray().Select(row => row.GetProperty("live_bps").GetDouble()).ShouldBe([0, 10_000]);
    }

    [Fact]
    public async Task Only_a_peer_on_this_machine_may_name_a_session()
    {
        await _lab.TwoAsync(5000, 5000);
        var options = _lab.Worker.Options();
        foreach (var (peer, hint) in new[] { ("127.0.0.1", "s"), ("::1", "s"), ("::ffff:127.0.0.1", "s"), ("10.0.0.1", null), ("2001:db8::1", null) })
        {
            var head = new HttpRequestFeature { Path = "/", Headers = { [Session] = "s", ["X-Forwarded-For"] = "127.0.0.1" } };
            var features = new FeatureCollection();
            features.Set<IHttpRequestFeature>(head);
            features.Set<IHttpConnectionFeature>(new HttpConnectionFeature { RemoteIpAddress = IPAddress.Parse(peer) });
            new IngressRequest(features, options).VisitorWith(message: null).Hint.ShouldBe(hint, peer);
        }
    }
}

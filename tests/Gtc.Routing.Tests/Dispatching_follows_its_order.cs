using System.Collections.Immutable;
using System.Text;
using Gtc.Model;

namespace Gtc.Routing.Tests;

public class Dispatching_follows_its_order
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly DeploymentId Deployment = DeploymentId.TryParse("01J9ZQ3F5E8M7X2K4T6V8Y0A1B", out var id) ? id : throw new InvalidOperationException();
    private static readonly RevisionId A = Revision('A');
    private static readonly RevisionId B = Revision('B');
    private static readonly RevisionId C = Revision('C');

    private readonly RevisionCookie _cookies = new(new byte[32], EnvId.Local);
    private readonly Dictionary<RevisionId, RevisionState> _states = [];
    private readonly Dispatcher _dispatcher;

    public Dispatching_follows_its_order() => _dispatcher = new Dispatcher(_cookies);

    [Fact]
    public void A_trusted_header_beats_a_cookie_beats_a_pin_beats_the_shares()
    {
        var route = Route((A, 8000), (B, 1000), (C, 1000));
        var cookie = Cookie(route, B);
        Choose(route, new Caller { TrustedRevision = Encoding.ASCII.GetBytes(C.ToString().ToLowerInvariant()), Cookie = cookie, Pin = A }).ShouldBe((C, DispatchSource.Header));
        Choose(route, new Caller { Cookie = cookie, Pin = C }).ShouldBe((B, DispatchSource.Cookie));
        Choose(route, new Caller { Pin = C }).ShouldBe((C, DispatchSource.Pin));
        Choose(route, default).Source.ShouldBe(DispatchSource.Weighted);
    }

    [Fact]
    public void What_names_a_revision_without_a_share_or_an_unknown_one_falls_through()
    {
        var route = Route((A, 10_000), (B, 0));
        foreach (var revision in new[] { B, C })
        {
            Choose(route, new Caller { TrustedRevision = Encoding.ASCII.GetBytes(revision.ToString()), Cookie = Cookie(route, revision), Pin = revision }).ShouldBe((A, DispatchSource.Weighted));
        }

        Choose(route, new Caller { TrustedRevision = "nonsense"u8, Cookie = "x.y"u8 }).ShouldBe((A, DispatchSource.Weighted));
    }

    [Fact]
    public void A_pointer_names_a_revision_unless_one_is_called_like_that_itself()
    {
        var route = Route(new RevisionPointers(A, C, B), (A, 8000), (B, 2000));
        Choose(route, new Caller { TrustedRevision = "next"u8 }).ShouldBe((B, DispatchSource.Header));
        Choose(route, new Caller { TrustedRevision = "Stable"u8 }).ShouldBe((A, DispatchSource.Header));
        Choose(route, new Caller { TrustedRevision = "previous"u8 }).Source.ShouldBe(DispatchSource.Weighted, "it has no share any more");
        _states[A] = new RevisionState(A) { Name = "next" };
        Choose(Route(new RevisionPointers(A, null, B), (A, 8000), (B, 2000)), new Caller { TrustedRevision = "next"u8 }).Revision.ShouldBe(A);
    }

    [Fact]
    [Trait("fact", "dispatcher:6.1")]
    public void Callers_without_a_key_are_drawn_by_the_shares()
    {
        var route = Route((A, 9000), (B, 1000));
        var random = new Random(5);
        Enumerable.Range(0, 10_000).Count(_ => _dispatcher.Choose(route, default, (ulong)random.NextInt64(), Now)!.Value.Revision.Revision == B).ShouldBeInRange(800, 1200);
    }

    [Fact]
    [Trait("fact", "dispatcher:6.2")]
    public void A_cookie_is_set_once_and_keeps_its_caller()
    {
        var route = Route((A, 5000), (B, 5000));
        var first = _dispatcher.Choose(route, default, 77, Now)!.Value;
        first.SetsCookie.ShouldBeTrue();
        var cookie = Cookie(route, first.Revision.Revision);
        for (var request = 0; request < 100; request++)
        {
            var again = _dispatcher.Choose(route, new Caller { Cookie = cookie }, (ulong)request * 0x9e3779b97f4a7c15, Now)!.Value;
            again.Revision.Revision.ShouldBe(first.Revision.Revision);
            again.SetsCookie.ShouldBeFalse();
        }
    }

    [Fact]
    [Trait("fact", "dispatcher:6.5")]
    [Trait("fact", "dispatcher:6.6")]
    public void A_cookie_outlives_new_shares_and_not_the_removal_of_its_revision()
    {
        var cookie = Cookie(Route((A, 9000), (B, 1000)), A);
        Choose(Route((A, 5000), (B, 5000)), new Caller { Cookie = cookie }).ShouldBe((A, DispatchSource.Cookie));
        Choose(Route((B, 10_000)), new Caller { Cookie = cookie }).ShouldBe((B, DispatchSource.Weighted));
    }

    [Fact]
    [Trait("fact", "dispatcher:6.8")]
    [Trait("fact", "dispatcher:6.9")]
    public void A_draining_revision_keeps_its_callers_and_gets_no_new_ones()
    {
        var route = Route((A, 5000), (B, 5000));
        _states[A].IsDraining = true;
        var kept = _dispatcher.Choose(route, new Caller { Cookie = Cookie(route, A) }, 0, Now)!.Value;
        kept.Revision.Revision.ShouldBe(A);
        kept.SetsCookie.ShouldBeFalse();
        for (var caller = 0; caller < 1000; caller++)
        {
            Choose(route, new Caller { Key = BitConverter.GetBytes(caller) }).Revision.ShouldBe(B);
        }
    }

    [Fact]
    [Trait("fact", "dispatcher:6.10")]
    public void Nobody_left_is_no_choice()
    {
        var route = Route((A, 5000), (B, 5000));
        _states[A].IsDraining = true;
        _states[B].IsHealthy = false;
        _dispatcher.Choose(route, default, 0, Now).ShouldBeNull();
        _dispatcher.Choose(Route(), default, 0, Now).ShouldBeNull();
    }

    [Fact]
    public void An_unhealthy_revision_leaves_its_callers_to_the_others_by_their_shares_and_moves_nobody_else()
    {
        const int Callers = 20_000;
        var route = Route((A, 5000), (B, 4000), (C, 1000));
        var before = Enumerable.Range(0, Callers).Select(caller => Choose(route, new Caller { Key = BitConverter.GetBytes(caller) }).Revision).ToList();
        _states[A].IsHealthy = false;
        var after = Enumerable.Range(0, Callers).Select(caller => Choose(route, new Caller { Key = BitConverter.GetBytes(caller), Cookie = Cookie(route, A), Pin = A }).Revision).ToList();
        before.Zip(after).Where(pair => pair.First != A).ShouldAllBe(pair => pair.First == pair.Second);
        after.ShouldNotContain(A);
        ((double)after.Count(revision => revision == B) / Callers).ShouldBeInRange(0.78, 0.82);
        _states[A].IsHealthy = true;
        Enumerable.Range(0, Callers).Select(caller => Choose(route, new Caller { Key = BitConverter.GetBytes(caller) }).Revision).ShouldBe(before);
    }

    [Fact]
    public void Choosing_allocates_nothing()
    {
        var route = Route((A, 9000), (B, 1000));
        var cookie = Cookie(route, A);
        var key = "alice"u8.ToArray();
        void All()
        {
            _ = _dispatcher.Choose(route, new Caller { Key = key }, 1, Now);
            _ = _dispatcher.Choose(route, new Caller { TrustedRevision = key }, 1, Now);
            _ = _dispatcher.Choose(route, default, 1, Now);
        }

        All();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var number = 0; number < 1000; number++)
        {
            All();
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
        cookie.ShouldNotBeEmpty();
    }

    private (RevisionId Revision, DispatchSource Source) Choose(DeploymentRoute route, in Caller caller)
    {
        var choice = _dispatcher.Choose(route, caller, 12345, Now).ShouldNotBeNull();
        return (choice.Revision.Revision, choice.Source);
    }

    private byte[] Cookie(DeploymentRoute route, RevisionId revision) => Encoding.ASCII.GetBytes(_cookies.Write(route.Tenant.Tenant, Deployment, revision, route.StickyGeneration, Now));

    private DeploymentRoute Route(params (RevisionId Revision, uint Weight)[] shares) => Route(RevisionPointers.None, shares);

    private DeploymentRoute Route(RevisionPointers pointers, params (RevisionId Revision, uint Weight)[] shares) => new(
        Deployment,
        "bundle",
        new RouteBinding { TenantSelector = TenantSelector.Default },
        [.. shares.Select(share => new TrafficShare { RevisionId = share.Revision, WeightBps = share.Weight })],
        id => _states.TryGetValue(id, out var state) ? state : _states[id] = new RevisionState(id))
    {
        StickyGeneration = 3,
        Pointers = pointers,
    };

    private static RevisionId Revision(char last) => RevisionId.TryParse($"01J9ZQ3F5E8M7X2K4T6V8Y0A1{last}", out var id) ? id : throw new InvalidOperationException();
}

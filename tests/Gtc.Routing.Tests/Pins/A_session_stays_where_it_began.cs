using Gtc.Model;
using static Gtc.Routing.Tests.Pins.PinSamples;

namespace Gtc.Routing.Tests.Pins;

public class A_session_stays_where_it_began
{
    private readonly MemoryPins _pins = new(TimeProvider.System);
    private readonly RevisionCookie _cookies = new(new byte[32], EnvId.Local);
    private readonly SessionDispatcher _dispatcher;

    public A_session_stays_where_it_began() => _dispatcher = new SessionDispatcher(new Dispatcher(_cookies), _pins, EnvId.Local);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("fact", "dispatcher:6.12")]
    public async Task Two_first_requests_at_once_are_served_by_one_revision()
    {
        var route = Route(1, (A, 5000), (B, 5000));
        var random = new Random(3);
        for (var session = 0; session < 200; session++)
        {
            var caller = new SessionCaller { Hint = $"s{session}" };
            var one = (await _dispatcher.ChooseAsync(route, caller, (ulong)random.NextInt64(), default, Cancel))!.Value;
            var two = (await _dispatcher.ChooseAsync(route, caller, (ulong)random.NextInt64(), default, Cancel))!.Value;
            var kept = await Task.WhenAll(_dispatcher.KeepAsync(route, caller.Hint, two, Cancel).AsTask(), _dispatcher.KeepAsync(route, caller.Hint, one, Cancel).AsTask());
            kept[0].Revision.Revision.ShouldBe(kept[1].Revision.Revision);
            var later = (await _dispatcher.ChooseAsync(route, caller, (ulong)random.NextInt64(), default, Cancel))!.Value;
            (later.Revision.Revision, later.Source).ShouldBe((kept[0].Revision.Revision, DispatchSource.Pin));
        }
    }

    [Fact]
    public async Task A_pin_outlives_new_shares_and_not_a_new_sticky_generation()
    {
        var caller = new SessionCaller { Hint = "s" };
        await PinAsync(A);
        (await Choose(Route(1, (A, 1), (B, 9999)), caller)).ShouldBe((A, DispatchSource.Pin));
        (await Choose(Route(2, (A, 1), (B, 9999)), caller)).ShouldBe((B, DispatchSource.Weighted));
        (await Choose(Route(1, (A, 1), (B, 9999)), caller)).ShouldBe((B, DispatchSource.Weighted));
    }

    [Fact]
    public async Task Nothing_is_stored_before_it_is_kept_nor_for_a_header_a_cookie_or_no_session()
    {
        var route = Route(1, (A, 5000), (B, 5000));
        await Choose(route, new SessionCaller { Hint = "s" });
        _pins.Count.ShouldBe(0);
        foreach (var source in new[] { DispatchSource.Header, DispatchSource.Cookie, DispatchSource.Pin })
        {
            await _dispatcher.KeepAsync(route, "s", new Dispatch(route.Revisions[0], source), Cancel);
        }

        await _dispatcher.KeepAsync(route, null, new Dispatch(route.Revisions[0], DispatchSource.Weighted), Cancel);
        _pins.Count.ShouldBe(0);
    }

    [Fact]
    public async Task A_header_and_a_cookie_go_before_the_pin()
    {
        await PinAsync(A);
        var route = Route(1, (A, 5000), (B, 5000));
        var cookie = System.Text.Encoding.ASCII.GetBytes(_cookies.Write(route.Tenant.Tenant, Deployment, B, 1, default));
        (await Choose(route, new SessionCaller { Hint = "s", Cookie = cookie })).ShouldBe((B, DispatchSource.Cookie));
        (await Choose(route, new SessionCaller { Hint = "s", TrustedRevision = System.Text.Encoding.ASCII.GetBytes(B.ToString()) })).ShouldBe((B, DispatchSource.Header));
    }

    [Fact]
    public async Task A_session_stays_on_a_draining_revision_although_nobody_else_is_left()
    {
        await PinAsync(A);
        var route = Route(1, (A, 10_000));
        route.Revisions[0].State.IsDraining = true;
        (await Choose(route, new SessionCaller { Hint = "s" })).ShouldBe((A, DispatchSource.Pin));
        (await _dispatcher.ChooseAsync(route, new SessionCaller { Hint = "new" }, 0, default, Cancel)).ShouldBeNull();
    }

    private async Task PinAsync(RevisionId revision)
    {
        var route = Route(1, (revision, 10_000));
        await _dispatcher.KeepAsync(route, "s", new Dispatch(route.Revisions[0], DispatchSource.Weighted), Cancel);
    }

    private async Task<(RevisionId Revision, DispatchSource Source)> Choose(DeploymentRoute route, SessionCaller caller)
    {
        var choice = (await _dispatcher.ChooseAsync(route, caller, 12345, default, Cancel)).ShouldNotBeNull();
        return (choice.Revision.Revision, choice.Source);
    }
}

using System.Globalization;
using System.Text;
using Gtc.Model;
using Gtc.Routing;

namespace Gtc.Runtime;

/// <summary>A request that is in the revision that answers it.</summary>
/// <param name="Route">Its deployment.</param>
/// <param name="Revision">The revision; to be left when the request is over.</param>
/// <param name="Source">What decided.</param>
/// <param name="Cookies">The cookies that a successful answer carries.</param>
internal sealed record Seat(DeploymentRoute Route, ActiveRevision Revision, DispatchSource Source, string[] Cookies)
{
    /// <summary>Counts what the request uses; null when nobody is billed for it.</summary>
    public UsageMeter? Usage { get; init; }

    /// <summary>Whether it came in by a preview: then it is evidence of nothing, and counted apart.</summary>
    public bool IsPreview => Source == DispatchSource.Preview;

    /// <summary>The choice that is yet to be pinned, and to which session; null when there is nothing to pin.</summary>
    public LaterPin? LaterPin { get; init; }
}

/// <summary>A choice that is pinned once its caller is known to be honest (dispatcher.md §3).</summary>
/// <param name="Hint">What the session is known by.</param>
/// <param name="Choice">The choice.</param>
internal sealed record LaterPin(string Hint, Dispatch Choice);

/// <summary>Who wants a seat, as far as its request says.</summary>
/// <param name="Hint">What its session is known by, or null.</param>
/// <param name="Key">What the caller is known by; empty for nothing.</param>
internal readonly record struct Visitor(string? Hint, byte[] Key)
{
    /// <summary>Whether the session is pinned by <see cref="RevisionDesk.KeepAsync"/> and not at once.</summary>
    public bool IsPinnedLater { get; init; }

    /// <summary>The tenant whose deployment is asked for; null when host and path say which.</summary>
    public string? Tenant { get; init; }

    /// <summary>The deployment that is asked for; null when host and path, or the tenant, say which.</summary>
    public DeploymentId? Deployment { get; init; }
}

/// <summary>Why a request got no seat.</summary>
/// <param name="Status">The status of the answer.</param>
/// <param name="Text">Its text.</param>
internal sealed record NoSeat(int Status, string Text);

/// <summary>What became of a request that asked for a seat: one of the two.</summary>
/// <param name="Seat">The seat.</param>
/// <param name="Why">Why there is none.</param>
internal readonly record struct Seating(Seat? Seat, NoSeat? Why);

/// <summary>Gives each request its revision (dispatcher.md §1).</summary>
/// <param name="live">What is served, and where sessions are pinned.</param>
/// <param name="options">The clock and the random numbers.</param>
/// <param name="keyed">Reads and writes the cookies that pin, and checks tokens, where there is a key that all replicas share.</param>
internal sealed class RevisionDesk(LiveServing live, WorkerOptions options, PinCookies keyed)
{
    // A revision is closed only after the table without it is live: looking again finds another one.
    private const int MaxTries = 8;

    private static readonly NoSeat NotBound = new(404, "no deployment is bound to this host and path");
    public static readonly NoSeat NoTenant = new(404, "no active deployment resolves for the requested tenant");
    private static readonly NoSeat Failed = new(500, "revision dispatch failed");
    public static readonly NoSeat NobodyLeft = new(503, "no revision of this deployment can take the request at the moment");

    private static readonly NoSeat PreviewOver = new(404, "no preview is open at this host and path");
    private static readonly NoSeat PreviewAway = new(503, "the previewed revision cannot take the request at the moment");

    private readonly SessionDispatcher _dispatcher = new(new Dispatcher(keyed.Cookie), live.Pins.Pins, options.Environment);

    /// <summary>Whether a request has a deployment at all.</summary>
    public NoSeat? Refuse(IngressRequest request)
    {
        var table = live.Current.Activation.Table;
        return FindPreview(table, request, out var isClosed) is not null ? null : isClosed ? PreviewOver : table.Find(request.Host, request.Path) is null ? NotBound : null;
    }

    /// <summary>Finds the revision and enters it.</summary>
    /// <param name="request">The head.</param>
    /// <param name="visitor">Who asks.</param>
    /// <param name="cancellationToken">Ends the wait for the pins.</param>
    public async ValueTask<Seating> EnterAsync(IngressRequest request, Visitor visitor, CancellationToken cancellationToken)
    {
        for (var tries = 0; tries < MaxTries; tries++)
        {
            var activation = live.Current.Activation;
            var isClosed = false;
            if (visitor is { Tenant: null, Deployment: null } && FindPreview(activation.Table, request, out isClosed) is { } preview)
            {
                // Its revision or nobody: whoever looks at one must not be shown another.
                return preview.IsServing && activation.Find(preview.Revision.Revision) is { } seen && seen.TryEnter()
                    ? new(new Seat(preview.Route, seen, DispatchSource.Preview, []), null)
                    : new(null, PreviewAway);
            }

            if (isClosed)
            {
                return new(null, PreviewOver);
            }

            if (Find(activation.Table, request, visitor) is not { } route)
            {
                return new(null, visitor.Tenant is null ? NotBound : NoTenant);
            }

            // The id that the caller is given decides already now, so that its next request falls on the same slot.
            var newCaller = visitor.Key.Length == 0 ? options.Random().ToString("x16", CultureInfo.InvariantCulture) : null;
            var known = newCaller is null ? visitor : visitor with { Key = Encoding.ASCII.GetBytes(newCaller) };
            if (await ChooseAsync(request, known, route, cancellationToken) is not { } dispatch)
            {
                return new(null, route.Revisions.Any(revision => revision.IsServing) || route.Revisions.All(revision => revision.WeightBps == 0) ? Failed : NobodyLeft);
            }

            if (activation.Find(dispatch.Revision.Revision) is { } revision && revision.TryEnter())
            {
                return new(
                    new Seat(route, revision, dispatch.Source, CookiesFor(route, dispatch, newCaller))
                    {
                        Usage = revision.Usage,
                        LaterPin = visitor is { IsPinnedLater: true, Hint: { } hint } ? new(hint, dispatch) : null,
                    },
                    null);
            }
        }

        return new(null, Failed);
    }

    /// <summary>Enters for a message that was taken in before: the revision that took it in, as long as it is served, and else one for the message's session.</summary>
    public async ValueTask<Seating> EnterAgainAsync(InboxItem item, CancellationToken cancellationToken)
    {
        for (var tries = 0; tries < MaxTries; tries++)
        {
            var activation = live.Current.Activation;
            if (activation.Table.Routes.FirstOrDefault(route => route.Deployment == item.Deployment) is not { } route)
            {
                return new(null, NotBound);
            }

            if (activation.Find(item.Revision) is { } first && first.TryEnter())
            {
                return new(new Seat(route, first, DispatchSource.Pin, []) { Usage = first.Usage }, null);
            }

            var caller = new SessionCaller { Key = Encoding.UTF8.GetBytes(item.Lane), Hint = options.OwnRevision is null ? item.Hint : null };
            if (await _dispatcher.ChooseAsync(route, caller, options.Random(), options.Time.GetUtcNow(), cancellationToken) is not { } choice)
            {
                return new(null, NobodyLeft);
            }

            if (activation.Find(choice.Revision.Revision) is { } revision && revision.TryEnter())
            {
                return new(new Seat(route, revision, choice.Source, []) { Usage = revision.Usage }, null);
            }
        }

        return new(null, Failed);
    }

    /// <summary>Pins the session of a seat whose caller turned out to be honest.</summary>
    /// <returns>The seat; another one when the session was pinned elsewhere meanwhile, and then the first one is left.</returns>
    public async ValueTask<Seat> KeepAsync(Seat seat, CancellationToken cancellationToken)
    {
        if (seat.LaterPin is not { } later || options.OwnRevision is not null)
        {
            return seat;
        }

        var kept = await _dispatcher.KeepAsync(seat.Route, later.Hint, later.Choice, cancellationToken);
        if (kept.Revision.Revision == seat.Revision.Id || live.Current.Activation.Find(kept.Revision.Revision) is not { } pinned || !pinned.TryEnter())
        {
            return seat;
        }

        seat.Revision.Leave();
        return seat with { Revision = pinned, Source = kept.Source, Usage = pinned.Usage, LaterPin = null };
    }

    private static DeploymentRoute? Find(RoutingTable table, IngressRequest request, Visitor visitor) =>
        visitor.Deployment is { } deployment ? table.Routes.FirstOrDefault(route => route.Deployment == deployment)
        : visitor.Tenant is { } tenant ? Find(table, tenant)
        : table.Find(request.Host, request.Path);

    /// <summary>A tenant's deployment, else the only one there is.</summary>
    public static DeploymentRoute? Find(RoutingTable table, string tenant) =>
        table.Routes.FirstOrDefault(route => route.Tenant.Tenant == tenant) ?? (table.Routes is [var only] ? only : null);

    private PreviewRoute? FindPreview(RoutingTable table, IngressRequest request, out bool isClosed)
    {
        isClosed = false;
        return table.Previews?.Find(request.Host, request.Path, request.PreviewToken, request.NamedRevision, options.Time.GetUtcNow(), out isClosed);
    }

    private async ValueTask<Dispatch?> ChooseAsync(IngressRequest request, Visitor visitor, DeploymentRoute route, CancellationToken cancellationToken)
    {
        var now = options.Time.GetUtcNow();
        var caller = new SessionCaller
        {
            TrustedRevision = request.TrustedRevisionFor(route, keyed.HeaderTokens, now).ToArray(),
            Cookie = request.PinFor(route).ToArray(),
            Key = visitor.Key,

            // A worker of one revision has nothing to choose; the router in front has.
            Hint = options.OwnRevision is null ? visitor.Hint : null,
        };
        return await _dispatcher.ChooseAsync(route, caller, options.Random(), now, cancellationToken) is not { } choice ? null
            : visitor.IsPinnedLater ? choice
            : await _dispatcher.KeepAsync(route, caller.Hint, choice, cancellationToken);
    }

    private string[] CookiesFor(DeploymentRoute route, Dispatch dispatch, string? newCaller)
    {
        if (options.OwnRevision is not null)
        {
            // The router in front gives its own.
            return [];
        }

        // Who is pinned needs no other name.
        var caller = newCaller is not null && dispatch.Source == DispatchSource.Weighted ? CallerCookie.SetCookie(newCaller) : null;
        var pin = dispatch.SetsCookie ? keyed.Cookie?.SetCookie(route, dispatch.Revision.Revision, options.Time.GetUtcNow()) : null;
        return (pin, caller) switch
        {
            (null, null) => [],
            ({ } one, null) => [one],
            (null, { } one) => [one],
            _ => [pin, caller],
        };
    }
}

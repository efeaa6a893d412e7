using System.Globalization;
using System.Text;
using Gtc.Flows;
using Gtc.Routing;

namespace Gtc.Runtime;

/// <summary>A request that is in the revision that answers it.</summary>
/// <param name="Route">Its deployment.</param>
/// <param name="Revision">The revision; to be left when the request is over.</param>
/// <param name="Source">What decided.</param>
/// <param name="Cookies">The cookies that a successful answer carries.</param>
internal sealed record Seat(DeploymentRoute Route, ActiveRevision Revision, DispatchSource Source, string[] Cookies)
{
    /// <summary>Whether it came in by a preview: then it is evidence of nothing, and counted apart.</summary>
    public bool IsPreview => Source == DispatchSource.Preview;
}

/// <summary>Why a request got no seat.</summary>
/// <param name="Status">The status of the answer.</param>
/// <param name="Text">Its text.</param>
internal sealed record NoSeat(int Status, string Text);

/// <summary>Gives each request its revision (dispatcher.md §1).</summary>
/// <param name="live">What is served.</param>
/// <param name="options">The clock and the random numbers.</param>
/// <param name="keyed">Reads and writes the cookies that pin, and checks tokens, where there is a key that all replicas share.</param>
internal sealed class RevisionDesk(LiveServing live, WorkerOptions options, PinCookies keyed)
{
    // A revision is closed only after the table without it is live: looking again finds another one.
    private const int MaxTries = 8;

    private static readonly NoSeat NotBound = new(404, "no deployment is bound to this host and path");
    private static readonly NoSeat Failed = new(500, "revision dispatch failed");
    private static readonly NoSeat NobodyLeft = new(503, "no revision of this deployment can take the request at the moment");

    private static readonly NoSeat PreviewOver = new(404, "no preview is open at this host and path");
    private static readonly NoSeat PreviewAway = new(503, "the previewed revision cannot take the request at the moment");

    private readonly Dispatcher _dispatcher = new(keyed.Cookie);

    /// <summary>Whether a request has a deployment at all.</summary>
    public NoSeat? Refuse(IngressRequest request)
    {
        var table = live.Current.Activation.Table;
        return FindPreview(table, request, out var isClosed) is not null ? null : isClosed ? PreviewOver : table.Find(request.Host, request.Path) is null ? NotBound : null;
    }

    /// <summary>Finds the revision and enters it.</summary>
    /// <param name="request">The head.</param>
    /// <param name="message">What the body says, when it was read already.</param>
    /// <param name="why">Why there is no seat.</param>
    /// <returns>The seat, or null.</returns>
    public Seat? Enter(IngressRequest request, InboundActivity? message, out NoSeat why)
    {
        why = Failed;
        for (var tries = 0; tries < MaxTries; tries++)
        {
            var activation = live.Current.Activation;
            if (FindPreview(activation.Table, request, out var isClosed) is { } preview)
            {
                // Its revision or nobody: whoever looks at one must not be shown another.
                why = PreviewAway;
                return preview.IsServing && activation.Find(preview.Revision.Revision) is { } seen && seen.TryEnter() ? new Seat(preview.Route, seen, DispatchSource.Preview, []) : null;
            }

            if (isClosed)
            {
                why = PreviewOver;
                return null;
            }

            if (activation.Table.Find(request.Host, request.Path) is not { } route)
            {
                why = NotBound;
                return null;
            }

            if (Choose(request, message, route, out var newCaller) is not { } dispatch)
            {
                why = route.Revisions.Any(revision => revision.IsServing) || route.Revisions.All(revision => revision.WeightBps == 0) ? Failed : NobodyLeft;
                return null;
            }

            if (activation.Find(dispatch.Revision.Revision) is { } revision && revision.TryEnter())
            {
                return new Seat(route, revision, dispatch.Source, CookiesFor(route, dispatch, newCaller));
            }
        }

        return null;
    }

    private PreviewRoute? FindPreview(RoutingTable table, IngressRequest request, out bool isClosed)
    {
        isClosed = false;
        return table.Previews?.Find(request.Host, request.Path, request.PreviewToken, request.NamedRevision, options.Time.GetUtcNow(), out isClosed);
    }

    private Dispatch? Choose(IngressRequest request, InboundActivity? message, DeploymentRoute route, out string? newCaller)
    {
        var random = options.Random();
        var key = request.KeyWith(message);
        newCaller = null;
        if (key.IsEmpty)
        {
            // The id that the caller is given decides already now, so that its next request falls on the same slot.
            newCaller = random.ToString("x16", CultureInfo.InvariantCulture);
            key = Encoding.ASCII.GetBytes(newCaller);
        }

        var now = options.Time.GetUtcNow();
        var caller = new Caller { TrustedRevision = request.TrustedRevisionFor(route, keyed.HeaderTokens, now), Cookie = request.PinFor(route), Key = key };
        return _dispatcher.Choose(route, caller, random, now);
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

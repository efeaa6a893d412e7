using System.Globalization;
using System.Text;
using Gtc.Proxy;

namespace Gtc.Routing;

/// <summary>Sends requests to the processes of the revisions that the dispatcher chooses.</summary>
public sealed class RouterPolicy : ProxyPolicy
{
    private static readonly byte[] NotFound = "no deployment is bound to this host and path"u8.ToArray();
    private static readonly byte[] CallerCookieName = Encoding.ASCII.GetBytes(CallerCookie.Name);
    private static readonly byte[] PreviewOver = "no preview is open at this host and path"u8.ToArray();
    private static readonly byte[] PreviewAway = "the previewed revision cannot take the request at the moment"u8.ToArray();
    private static readonly byte[] NobodyLeft = "no revision of this deployment can take the request at the moment"u8.ToArray();

    private readonly byte[]? _callerField;
    private readonly RouterSettings _settings;
    private readonly Dispatcher _dispatcher;
    private volatile RoutingTable _table = RoutingTable.Empty;

    /// <summary>Makes a policy; it sends nothing anywhere until it has a table.</summary>
    public RouterPolicy(RouterSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        _settings = settings;
        _callerField = settings.CallerField is { } field ? Encoding.ASCII.GetBytes(field) : null;
        _dispatcher = new Dispatcher(settings.Cookies);
    }

    /// <summary>Where requests go; replaced as a whole, requests under way keep the one they began with.</summary>
    public RoutingTable Table
    {
        get => _table;
        set => _table = value;
    }

    /// <inheritdoc/>
    public override void Choose(in RequestView request, ref Choice choice)
    {
        if (choice.Failed is null && _settings.Own is { } own && own(request, ref choice))
        {
            return;
        }

        var table = _table;
        var now = _settings.Time.GetUtcNow();
        if (table.Previews is { } previews && ChoosePreview(previews, request, now, ref choice))
        {
            return;
        }

        var route = table.Find(request.Host, request.Path);
        if (route is null)
        {
            choice.Reply(404, NotFound);
            return;
        }

        Span<byte> fresh = stackalloc byte[CallerCookie.IdLength];
        var isNew = false;
        scoped var key = KeyOf(request);
        if (key.IsEmpty && _settings.GivesCallerCookie)
        {
            // The id that the caller is given is the one that decides already now, so that its next request falls on the same slot.
            isNew = _settings.Random().TryFormat(fresh, out _, "x16", CultureInfo.InvariantCulture);
            key = fresh;
        }

        scoped var caller = new Caller
        {
            TrustedRevision = request.TryFind("X-Greentic-Revision"u8, out var named) && MayName(request, route, now) ? named : default,
            Cookie = _settings.Cookies is null ? default : CookieField.Find(request, route.CookieName.Span),
            Key = key,
        };
        if ((_dispatcher.Choose(route, caller, _settings.Random(), now, choice.State as RevisionState) ?? LastResort(route, choice.Failed)) is not { } dispatch
            || dispatch.Revision.State is not { Backend: { } backend } state)
        {
            choice.Reply(503, NobodyLeft);
            return;
        }

        choice.Backend = backend;
        choice.State = state;
        choice.ResponseFields = FieldsFor(request, route, dispatch, isNew ? fresh : default, now);
    }

    /// <inheritdoc/>
    public override void Ended(in ExchangeReport report)
    {
        var meter = report.State switch
        {
            RevisionState state => state.Meter,
            PreviewRoute preview => preview.Revision.State.PreviewMeter,
            _ => null,
        };
        meter?.Add(report.Status, report.IsComplete, report.Elapsed, report.BytesIn, report.BytesOut);
    }

    /// <inheritdoc/>
    public override void Faulted(Exception fault) => _settings.Faulted?.Invoke(fault);

    /// <inheritdoc/>
    public override bool Trusts(PeerAddress peer) => _settings.Trusted.Holds(peer);

    /// <summary>Sends a request that comes in by a preview to its revision, and to no other: whoever looks at one must not be shown another.</summary>
    /// <returns>False when it is an ordinary request.</returns>
    private bool ChoosePreview(PreviewTable previews, in RequestView request, DateTimeOffset now, ref Choice choice)
    {
        _ = request.TryFind("X-Greentic-Preview"u8, out var token);
        _ = request.TryFind("X-Greentic-Revision"u8, out var named);
        if (previews.Find(request.Host, request.Path, token, named, now, out var isClosed) is not { } preview)
        {
            if (isClosed)
            {
                choice.Reply(404, PreviewOver);
            }

            return isClosed;
        }

        if (choice.Failed is not null || !preview.IsServing || preview.Revision.State.Backend is not { } backend)
        {
            choice.Reply(503, PreviewAway);
            return true;
        }

        choice.Backend = backend;
        choice.State = preview;
        choice.ResponseFields = FieldsFor(request, preview.Route, preview.Dispatch, default, now);
        return true;
    }

    /// <summary>Whether a request may name its revision: its peer is trusted, or it carries a token for the deployment (decision 18).</summary>
    private bool MayName(in RequestView request, DeploymentRoute route, DateTimeOffset now) =>
        _settings.Trusted.Holds(request.Peer)
        || (_settings.HeaderTokens is { } tokens && request.TryFind("X-Greentic-Revision-Token"u8, out var token) && tokens.IsGood(token, route.Deployment, now));

    /// <summary>
    /// When nobody is well, one that should take requests is asked all the same: it may be restarting, and the proxy lets the request wait for it. A
    /// refusal at once would fail what a moment later could be answered.
    /// </summary>
    private Dispatch? LastResort(DeploymentRoute route, Backend? failed)
    {
        var count = 0;
        RoutedRevision? one = null;
        foreach (var revision in route.Revisions)
        {
            // Each of those that may be asked is as likely as the others, however many there turn out to be.
            if (failed is null && revision is { WeightBps: > 0, State: { Backend: not null, IsDraining: false } } && _settings.Random() % (uint)++count == 0)
            {
                one = revision;
            }
        }

        return one is { } found ? new Dispatch(found, DispatchSource.Weighted) : null;
    }

    /// <summary>What the caller is known by (decision 17): a configured field, else the cookie with its random id.</summary>
    private ReadOnlySpan<byte> KeyOf(in RequestView request) =>
        _callerField is not null && request.TryFind(_callerField, out var value) ? value
        : _settings.GivesCallerCookie ? CookieField.Find(request, CallerCookieName)
        : default;

    private byte[]? FieldsFor(in RequestView request, DeploymentRoute route, in Dispatch dispatch, scoped ReadOnlySpan<byte> newCaller, DateTimeOffset now)
    {
        var pins = _settings.Cookies is not null && dispatch.SetsCookie;
        var shows = !_settings.BackendsShowRevision && (route.ExposesRevision || (request.TryFind("X-Show-Revision"u8, out var asked) && asked is [(byte)'1']));
        if (!pins && newCaller.IsEmpty && !shows)
        {
            return null;
        }

        var fields = new StringBuilder();
        if (shows)
        {
            fields.Append(CultureInfo.InvariantCulture, $"X-Served-Revision: {dispatch.Revision.State.Name}\r\n");
        }

        if (!newCaller.IsEmpty)
        {
            fields.Append(CultureInfo.InvariantCulture, $"Set-Cookie: {CallerCookie.SetCookie(Encoding.ASCII.GetString(newCaller))}\r\n");
        }

        if (pins)
        {
            fields.Append(CultureInfo.InvariantCulture, $"Set-Cookie: {_settings.Cookies!.SetCookie(route, dispatch.Revision.Revision, now)}\r\n");
        }

        return Encoding.ASCII.GetBytes(fields.ToString());
    }
}

using System.Net;
using System.Text;
using Gtc.Flows;
using Gtc.Routing;
using Microsoft.AspNetCore.Http.Features;

namespace Gtc.Runtime;

/// <summary>What the head of a request says that decides who answers it.</summary>
internal sealed class IngressRequest
{
    private static readonly byte[] CallerCookieName = Encoding.ASCII.GetBytes(CallerCookie.Name);

    private readonly byte[] _cookies;
    private readonly byte[] _nameToken;
    private readonly bool _isTrusted;

    /// <summary>Reads a head.</summary>
    public IngressRequest(IFeatureCollection context, WorkerOptions options)
    {
        var request = context.GetRequiredFeature<IHttpRequestFeature>();
        var peer = context.GetRequiredFeature<IHttpConnectionFeature>().RemoteIpAddress;
        Host = Encoding.UTF8.GetBytes(request.Headers.Host.ToString());
        Path = Encoding.UTF8.GetBytes(request.Path);
        _cookies = Encoding.UTF8.GetBytes(string.Join(';', (IEnumerable<string?>)request.Headers.Cookie));
        Identity = Identify(request, peer, options.TrustsLoopback || context.Get<AdminListener>() is not null);
        NamedRevision = Bytes(request, "X-Greentic-Revision");
        PreviewToken = Bytes(request, PreviewRoute.Field);
        _isTrusted = peer is not null && options.TrustedProxies.Holds(peer) && (options.TunnelBinary is null || !IsLocal(peer));
        _nameToken = Bytes(request, RevisionHeaderToken.Field);
        FieldKey = options.CallerField is { } field && Header(request, field) is { } key ? key : null;
        Shows = Header(request, "X-Show-Revision") == "1";
    }

    public byte[] Host { get; }

    public byte[] Path { get; }

    /// <summary>Who a loopback peer says that it speaks for.</summary>
    public CallerIdentity Identity { get; }

    /// <summary>The revision that the peer asks for, whoever that is; empty for none.</summary>
    public byte[] NamedRevision { get; }

    /// <summary>The token of a preview; empty for none.</summary>
    public byte[] PreviewToken { get; }

    /// <summary>What the configured field says that the caller is known by, or null.</summary>
    public string? FieldKey { get; }

    /// <summary>Whether it wants to be told which revision answers.</summary>
    public bool Shows { get; }

    /// <summary>Whether the body may say who the caller is or which session it is of, and the head does not.</summary>
    public bool MayBeKnownByItsBody => Identity is { IsTrusted: true, SessionId: null };

    /// <summary>The revision that the peer asks for and may ask for, because it is trusted or has a token for the deployment (decision 18); empty for none.</summary>
    public ReadOnlySpan<byte> TrustedRevisionFor(DeploymentRoute route, RevisionHeaderToken? tokens, DateTimeOffset now) =>
        NamedRevision.Length > 0 && (_isTrusted || tokens?.IsGood(_nameToken, route.Deployment, now) == true) ? NamedRevision : [];

    /// <summary>The value of the cookie that pins it to a revision of a route; nothing when it has none.</summary>
    public ReadOnlySpan<byte> PinFor(DeploymentRoute route) => CookieField.Find(_cookies, route.CookieName.Span);

    /// <summary>
    /// Who asks. Only a trusted peer may say its session (dispatcher.md §3), and it is pinned at once. What it is known by (decision 17): the configured
    /// field, else the user, else the session, else the cookie with its random id.
    /// </summary>
    /// <param name="message">What its body says, when that was read.</param>
    public Visitor VisitorWith(InboundActivity? message) => new(
        Identity.IsTrusted ? Identity.SessionId ?? message?.SessionId : null,
        (FieldKey ?? Identity.UserId ?? message?.UserId ?? Identity.SessionId ?? message?.SessionId) is { } key
            ? Encoding.UTF8.GetBytes(key)
            : CookieField.Find(_cookies, CallerCookieName).ToArray());

    /// <summary>Only a loopback peer may say who the user is; forwarded headers are never consulted (worker-runtime.md §4).</summary>
    private static CallerIdentity Identify(IHttpRequestFeature request, IPAddress? peer, bool trustsLoopback) =>
        peer is not null && trustsLoopback && IsLocal(peer)
            ? new CallerIdentity(true, Header(request, "x-greentic-user"), Header(request, "x-greentic-session"), Header(request, AssertedEndpoint.Field))
            : CallerIdentity.Untrusted;

    private static bool IsLocal(IPAddress peer) => IPAddress.IsLoopback(peer.IsIPv4MappedToIPv6 ? peer.MapToIPv4() : peer);

    private static byte[] Bytes(IHttpRequestFeature request, string name) => Header(request, name) is { } value ? Encoding.UTF8.GetBytes(value) : [];

    private static string? Header(IHttpRequestFeature request, string name) => request.Headers[name] is [{ Length: > 0 } value] ? value : null;
}

using System.Collections.Immutable;
using System.Net;
using Gtc.Model;
using Gtc.Signing;

namespace Gtc.Store.Server;

/// <summary>An issuer of tokens, and what its tokens grant.</summary>
/// <param name="Rules">What a token must say to count.</param>
/// <param name="GroupsClaim">The claim that holds groups.</param>
/// <param name="ActorClaim">The claim that goes into the audit log as the caller's name.</param>
/// <param name="Grants">What is granted to whom.</param>
internal sealed record KnownIssuer(TokenRules Rules, string GroupsClaim, string ActorClaim, ImmutableArray<IssuerGrant> Grants)
{
    /// <summary>Who a believed token is about, and what is granted; nothing where no grant is for them.</summary>
    public Caller CallerOf(TokenClaims claims)
    {
        var groups = claims.Texts(GroupsClaim).ToHashSet(StringComparer.Ordinal);
        return new Caller(
            new AuditActor("oidc", claims.Text(ActorClaim) ?? claims.Subject),
            Caller.IssuerPolicy,
            new AccessScope([.. Grants.Where(grant => grant.Subject == claims.Subject || (grant.Group is { } group && groups.Contains(group))).Select(grant => grant.Rule)]))
        {
            Authority = claims.Issuer,
            Until = claims.Expires + Rules.ClockSkew,
        };
    }
}

/// <summary>What is granted to a group or to one subject.</summary>
internal sealed record IssuerGrant(string? Group, string? Subject, AccessRule Rule);

/// <summary>One issuer of the file.</summary>
internal sealed record IssuerEntry
{
    private const int UsualSkew = 60;
    private const int MostSkew = 300;

    public required string Issuer { get; init; }

    public required ImmutableArray<string> Audiences { get; init; }

    public required ImmutableArray<IssuerGrantEntry?>? Grants { get; init; }

    /// <summary><c>groups</c> when it is not given.</summary>
    public string? GroupsClaim { get; init; }

    /// <summary><c>sub</c> when it is not given.</summary>
    public string? ActorClaim { get; init; }

    public int? ClockSkewSeconds { get; init; }

    /// <summary>Whether an address is one that keys may be had from: nobody on the way may change them.</summary>
    public static bool IsTrustworthy(Uri address) => address.IsAbsoluteUri && address.UserInfo.Length == 0 && address.Fragment.Length == 0
        && (address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && IPAddress.TryParse(address.IdnHost.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip)));

    public Outcome<KnownIssuer> Check(string where)
    {
        if (!Uri.TryCreate(Issuer, UriKind.Absolute, out var address) || !IsTrustworthy(address) || address.Query.Length > 0)
        {
            return AccessFile.Broken("InvalidIssuer", $"{where}.issuer is `{Issuer}`, an https address without a query was expected");
        }

        if (Audiences.IsEmpty || Audiences.Any(string.IsNullOrWhiteSpace))
        {
            return AccessFile.Broken("EmptyAudiences", $"{where}.audiences must name what tokens for this server are meant for, or tokens for others would count here");
        }

        var (groupsClaim, actorClaim, skew) = (GroupsClaim ?? "groups", ActorClaim ?? "sub", ClockSkewSeconds ?? UsualSkew);
        if (string.IsNullOrWhiteSpace(groupsClaim) || string.IsNullOrWhiteSpace(actorClaim))
        {
            return AccessFile.Broken("EmptyClaim", $"{where} names a claim that is blank");
        }

        if (skew is < 0 or > MostSkew)
        {
            return AccessFile.Broken("ClockSkew", $"{where}.clock_skew_seconds must be from 0 to {MostSkew}");
        }

        if (Grants is null or { IsEmpty: true })
        {
            return AccessFile.Broken("EmptyGrants", $"{where}.grants is empty, so its tokens could do nothing");
        }

        // Several grants for one group are several rules, so nothing has to be unique.
        var index = 0;
        return AccessFile.Each($"{where}.grants", Grants, (entry, place) => entry.Check(place), _ => $"{index++}", "").Then<KnownIssuer>(grants => new KnownIssuer(
            new TokenRules { Issuer = Issuer, Audiences = Audiences, ClockSkew = TimeSpan.FromSeconds(skew) }, groupsClaim, actorClaim, grants));
    }
}

/// <summary>One grant of an issuer.</summary>
internal sealed record IssuerGrantEntry : GrantEntry
{
    public string? Group { get; init; }

    public string? Subject { get; init; }

    public Outcome<IssuerGrant> Check(string where) => string.IsNullOrWhiteSpace(Group) == string.IsNullOrWhiteSpace(Subject)
        ? AccessFile.Broken("InvalidGrant", $"{where} must name either a group or a subject")
        : Rule(where).Then<IssuerGrant>(rule => new IssuerGrant(Group, Subject, rule));
}

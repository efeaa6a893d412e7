using System.Collections.Immutable;
using Gtc.EnvPacks;
using Gtc.Kubernetes;

namespace Gtc.Deployers.Kubernetes;

/// <summary>Checks that an identity may do exactly what the deployer needs (k8s-deployer.md §14.2). It only asks; nothing is changed.</summary>
internal static class PermissionCheck
{
    /// <summary>Every capability with the same reason: the identity, or the cluster, is not to be had.</summary>
    public static CredentialsFindings Unreachable(ImmutableArray<Grant> needed, string why) => new([.. Permissions.CapabilitiesOf(needed).Select(capability => CapabilityCheck.Failed(capability, why))]);

    /// <summary>Asks.</summary>
    public static async Task<CredentialsFindings> RunAsync(KubeClient client, string ns, ImmutableArray<Grant> needed, BearerClaims? claims, DateTimeOffset now, CancellationToken cancellationToken)
    {
        // Servers before 1.28 do not know the question, and those with RBAC answer 403 rather than 404 then; the reviews tell as much (decision 28).
        var who = await AccessReviews.WhoAsync(client, cancellationToken);
        if (who.Error is { Status: not (403 or 404) } unknown)
        {
            return Unreachable(needed, Explain(unknown, claims, now));
        }

        var decided = await AccessReviews.DecideAsync(client, [.. needed.Select(permission => new AccessQuestion(permission.Group, permission.Resource, permission.Verb, ns))], cancellationToken);
        if (decided.Error is { } error)
        {
            return who.Value is null ? Unreachable(needed, Explain(error, claims, now)) : Undecided(needed, Explain(error, claims, now));
        }

        var (excess, notes) = await ExcessAsync(client, ns, needed, cancellationToken);
        return new([CapabilityCheck.Passed(Permissions.Reachable), .. needed.Zip(decided.Value!, Check)])
        {
            Excess = excess,
            Notes = notes,
            Expiry = Expiry(claims),
        };
    }

    /// <summary>How long a token lives, as it says itself.</summary>
    public static CredentialsExpiry? Expiry(BearerClaims? claims) => claims is null ? null : new(claims.ExpiresAt, claims.RotateAt);

    /// <summary>An error for a person who holds the token, which it never shows.</summary>
    public static string Explain(KubeError error, BearerClaims? claims, DateTimeOffset now) => error.Status switch
    {
        401 when claims is not null && claims.ExpiresAt <= now => $"the token expired at {KubernetesIdentity.Rfc3339(claims.ExpiresAt)} (status 401)",
        401 => "the cluster does not accept the token: it has ended, was revoked, or is another cluster's (status 401)",
        _ => error.Message,
    };

    private static CredentialsFindings Undecided(ImmutableArray<Grant> needed, string why) =>
        new([CapabilityCheck.Passed(Permissions.Reachable), .. needed.Select(permission => CapabilityCheck.Failed(permission.Capability, $"not decided: {why}"))]);

    private static CapabilityCheck Check(Grant permission, AccessDecision decision) => decision.IsAllowed
        ? CapabilityCheck.Passed(permission.Capability)
        : CapabilityCheck.Failed(permission.Capability, decision.Reason is { } reason ? $"denied: {reason}" : "denied: no rule of the cluster allows it");

    private static async Task<(ImmutableArray<string> Excess, ImmutableArray<string> Notes)> ExcessAsync(KubeClient client, string ns, ImmutableArray<Grant> needed, CancellationToken cancellationToken)
    {
        var listed = await AccessReviews.RulesAsync(client, ns, cancellationToken);
        var excess = listed.Value is { } rules ? ExcessPermissions.Of(rules.Rules, needed) : [];
        if ((listed.Error?.Message ?? listed.Value!.Incomplete) is not { } why)
        {
            return (excess, []);
        }

        var probes = ExcessPermissions.Probes(ns);
        var answered = await AccessReviews.DecideAsync(client, probes, cancellationToken);
        var allowed = answered.Value is { } decisions ? probes.Zip(decisions).Where(pair => pair.Second.IsAllowed).Select(pair => ExcessPermissions.NameOf(pair.First)) : [];
        return (
            [.. excess.Concat(allowed).Distinct(StringComparer.Ordinal)],
            [$"what it may do beyond the need is known in part only, the cluster's list may lack something: {why}; {(answered.Error is null ? $"{probes.Length} telling operations were asked for besides" : "nor could it be asked")}"]);
    }
}

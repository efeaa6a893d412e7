using System.Collections.Immutable;

namespace Gtc.Kubernetes;

/// <summary>Whether the caller may do one thing.</summary>
/// <param name="Group">The API group; the core group is the empty text.</param>
/// <param name="Resource">The resource, plural; a subresource behind a slash.</param>
/// <param name="Verb">The verb.</param>
/// <param name="Namespace">Where; null for the whole cluster.</param>
public sealed record AccessQuestion(string Group, string Resource, string Verb, string? Namespace);

/// <summary>What the cluster answers.</summary>
/// <param name="IsAllowed">Whether it is allowed.</param>
/// <param name="Reason">Why, or null.</param>
public sealed record AccessDecision(bool IsAllowed, string? Reason);

/// <summary>What the caller may do in a namespace, as far as the cluster can tell.</summary>
/// <param name="Rules">What is allowed.</param>
/// <param name="Incomplete">Why the list may lack something, or null when it is complete.</param>
public sealed record AccessRules(ImmutableArray<PolicyRule> Rules, string? Incomplete);

/// <summary>A token that the cluster made for a ServiceAccount.</summary>
/// <param name="Token">The token.</param>
/// <param name="ExpiresAt">When it ends, as the server says, which may be sooner than was asked.</param>
public sealed record IssuedToken(string Token, DateTimeOffset ExpiresAt)
{
    /// <summary>Never the token.</summary>
    public override string ToString() => $"(hidden, until {ExpiresAt:O})";
}

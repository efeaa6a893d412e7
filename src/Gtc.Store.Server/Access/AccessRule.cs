using System.Collections.Immutable;
using Gtc.Model;

namespace Gtc.Store.Server;

/// <summary>What a role may (store-server.md §5.2).</summary>
public enum AccessRole
{
    /// <summary>Everything in scope.</summary>
    Admin,

    /// <summary>Everything in scope but the trust root.</summary>
    Operator,

    /// <summary>Reading in scope.</summary>
    ReadOnly,
}

/// <summary>What one grant permits: a role, narrowed by environment, deployment and verb.</summary>
public sealed record AccessRule
{
    /// <summary>The role.</summary>
    public required AccessRole Role { get; init; }

    /// <summary>The environments, or null for all.</summary>
    public ImmutableArray<EnvId>? Environments { get; init; }

    /// <summary>The deployments that may be changed, or null for all. Where it is given, the environment as such may not be changed.</summary>
    public ImmutableArray<DeploymentId>? Deployments { get; init; }

    /// <summary>The verbs that may be used to change, <c>noun.verb</c> or <c>noun.*</c>, or null for all of the role.</summary>
    public ImmutableArray<string>? Verbs { get; init; }

    /// <summary>The wire text of a role.</summary>
    public static string Text(AccessRole role) => role switch
    {
        AccessRole.Admin => "admin",
        AccessRole.Operator => "operator",
        _ => "read-only",
    };

    /// <summary>Whether an environment is in scope.</summary>
    public bool Covers(EnvId environment) => Environments is not { } known || known.Contains(environment);

    /// <summary>Why a verb that changes something is denied wherever it is used; null when it is not.</summary>
    public string? WhyNotVerb(string noun, string verb) =>
        (Role == AccessRole.ReadOnly || (Role == AccessRole.Operator && noun == "trust-root") ? $"role `{Text(Role)}` does not permit `{noun}.{verb}`" : null)
        ?? (Verbs is { } verbs && !verbs.Contains($"{noun}.{verb}") && !verbs.Contains($"{noun}.*") ? $"`{noun}.{verb}` is not among the permitted verbs" : null);

    /// <summary>Why a change of a deployment is denied, or of the environment as such when there is none; null when it is not.</summary>
    public string? WhyNotDeployment(DeploymentId? deployment) => Deployments is not { } known ? null
        : deployment is not { } one ? "only single deployments may be changed"
        : known.Contains(one) ? null
        : $"deployment {one} is not in scope";
}

using System.Collections.Immutable;

namespace Gtc.Kubernetes;

/// <summary>rbac.authorization.k8s.io/v1 Role: what may be done in one namespace.</summary>
public sealed record Role : KubeObject
{
    /// <summary>What is allowed; nothing else is.</summary>
    public required ImmutableArray<PolicyRule> Rules { get; init; }
}

/// <summary>Every verb on every resource that it names.</summary>
public sealed record PolicyRule : KeepsUnknown
{
    /// <summary>API groups; the core group is the empty text.</summary>
    public ImmutableArray<string>? ApiGroups { get; init; }

    /// <summary>Resources, plural; subresources behind a slash.</summary>
    public ImmutableArray<string>? Resources { get; init; }

    /// <summary>Names of objects; null means all.</summary>
    public ImmutableArray<string>? ResourceNames { get; init; }

    /// <summary>Verbs of the API.</summary>
    public required ImmutableArray<string> Verbs { get; init; }
}

/// <summary>rbac.authorization.k8s.io/v1 RoleBinding: who has a Role.</summary>
public sealed record RoleBinding : KubeObject
{
    /// <summary>Who.</summary>
    public ImmutableArray<RoleSubject>? Subjects { get; init; }

    /// <summary>The Role; cannot be changed.</summary>
    public required RoleReference RoleRef { get; init; }
}

/// <summary>Somebody who has a Role.</summary>
public sealed record RoleSubject : KeepsUnknown
{
    /// <summary>E.g. <c>ServiceAccount</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its namespace.</summary>
    public string? Namespace { get; init; }
}

/// <summary>A Role by name.</summary>
public sealed record RoleReference : KeepsUnknown
{
    /// <summary>The group, <c>rbac.authorization.k8s.io</c>.</summary>
    public required string ApiGroup { get; init; }

    /// <summary><c>Role</c> or <c>ClusterRole</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The name.</summary>
    public required string Name { get; init; }
}

using System.Collections.Immutable;

namespace Gtc.Kubernetes;

/// <summary>external-secrets.io ExternalSecret: an operator in the cluster copies values of a store of secrets into a Secret, and keeps it fresh.</summary>
public sealed record ExternalSecret : KubeObject
{
    /// <summary>What is wanted.</summary>
    public required ExternalSecretSpec Spec { get; init; }
}

/// <summary>What an ExternalSecret wants.</summary>
public sealed record ExternalSecretSpec : KeepsUnknown
{
    /// <summary>How often the store is asked, e.g. <c>1h</c>.</summary>
    public string? RefreshInterval { get; init; }

    /// <summary>The store.</summary>
    public required SecretStoreReference SecretStoreRef { get; init; }

    /// <summary>The Secret that is made.</summary>
    public required ExternalSecretTarget Target { get; init; }

    /// <summary>Its values.</summary>
    public required ImmutableArray<ExternalSecretValue> Data { get; init; }
}

/// <summary>Names a store of secrets.</summary>
public sealed record SecretStoreReference : KeepsUnknown
{
    /// <summary><c>SecretStore</c>, of the same namespace, or <c>ClusterSecretStore</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }
}

/// <summary>The Secret that an ExternalSecret makes.</summary>
public sealed record ExternalSecretTarget : KeepsUnknown
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Whose it is; <c>Owner</c>: it goes with the ExternalSecret.</summary>
    public string? CreationPolicy { get; init; }
}

/// <summary>One value of the Secret.</summary>
public sealed record ExternalSecretValue : KeepsUnknown
{
    /// <summary>Its key in the Secret.</summary>
    public required string SecretKey { get; init; }

    /// <summary>Where the store has it.</summary>
    public required RemoteSecretReference RemoteRef { get; init; }
}

/// <summary>Where a store has a value.</summary>
public sealed record RemoteSecretReference : KeepsUnknown
{
    /// <summary>The key in the store.</summary>
    public required string Key { get; init; }

    /// <summary>A part of what lies there; null for all of it.</summary>
    public string? Property { get; init; }
}

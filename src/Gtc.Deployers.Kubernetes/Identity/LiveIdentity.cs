using Gtc.EnvPacks;
using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Deployers.Kubernetes;

/// <summary>What is known before a cluster is called, from which <see cref="KubernetesIdentity"/> finds out as whom.</summary>
public sealed record IdentityRequest
{
    /// <summary>The environment.</summary>
    public required EnvId Environment { get; init; }

    /// <summary>The answers of the deployer's binding; they say which context and which namespace.</summary>
    public required PackAnswers Answers { get; init; }

    /// <summary>The environment's <c>credentials_ref</c>, or null.</summary>
    public required string? CredentialsRef { get; init; }

    /// <summary>Reads an environment variable of the process; null when it is not set.</summary>
    public required Func<string, string?> Variable { get; init; }

    /// <summary>Reads the environment's own secrets; null when there is no such secret, or the environment keeps none.</summary>
    public required Func<SecretUri, Outcome<string?>> Stored { get; init; }

    /// <summary>The clock.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>How long one call of the cluster may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);
}

/// <summary>Where the token of an identity came from.</summary>
public enum IdentitySource
{
    /// <summary>There is none of the environment's own: whoever the kubeconfig says.</summary>
    Kubeconfig,

    /// <summary>A variable of the process.</summary>
    Variable,

    /// <summary>The environment's secrets.</summary>
    Store,

    /// <summary>The Secret in the cluster.</summary>
    Cluster,
}

/// <summary>As whom a cluster is called.</summary>
public sealed record LiveIdentity
{
    /// <summary>Where and as whom: hand it to <see cref="KubeClient"/>.</summary>
    public required KubeConfig Config { get; init; }

    /// <summary>The namespace of every object.</summary>
    public required string Namespace { get; init; }

    /// <summary>Where the token came from.</summary>
    public required IdentitySource Source { get; init; }

    /// <summary>What the token says of its life; null without a token of the environment's own, and for one that says nothing.</summary>
    public BearerClaims? Claims { get; init; }

    /// <summary>Whether it is the environment's own identity, which has no rights on the cluster as a whole: the Namespace is not applied under it.</summary>
    public bool IsBound => Source != IdentitySource.Kubeconfig;

    /// <summary><c>bound</c> or <c>ambient</c>, the member <c>identity</c> of results.</summary>
    public string Name => IsBound ? "bound" : "ambient";

    /// <summary>Never the token.</summary>
    public override string ToString() => $"{Name} at {Config.Server}";
}

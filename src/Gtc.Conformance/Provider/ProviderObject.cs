using Gtc.Model;

namespace Gtc.Conformance;

/// <summary>One object of the provider.</summary>
/// <param name="Name">What tells it from every other one, e.g. <c>apps/v1 Deployment gtc-prod/gtc-worker-…</c>.</param>
/// <param name="Content">All of it that a repeated call must not change, as text. What the provider counts by itself is left out.</param>
public sealed record ProviderObject(string Name, string Content)
{
    /// <summary>The environment that it was made for.</summary>
    public required EnvId Environment { get; init; }

    /// <summary>The revision that it was made for; null when the environment as a whole has it.</summary>
    public RevisionId? Revision { get; init; }

    /// <summary>Whether it is made to hold secrets.</summary>
    public bool HoldsSecrets { get; init; }
}

using System.Collections.Immutable;

namespace Gtc.Model;

/// <summary>
/// What a person looks at and hands on before anything happens, <c>greentic.plan.v1</c>. It is bound to the generation that it was made at and
/// sealed with a digest, so that what is applied is what was read.
/// </summary>
public sealed record PlanDocument
{
    /// <summary>Always <see cref="Schemas.Plan"/>.</summary>
    public required string Schema { get; init; }

    /// <summary>The environment.</summary>
    public required EnvId EnvironmentId { get; init; }

    /// <summary>The generation that the plan starts from; 0 when there is no environment yet.</summary>
    public required ulong BaseGeneration { get; init; }

    /// <summary>The digest of the manifest, see <see cref="Manifests.Digest"/>.</summary>
    public required Sha256Digest ManifestDigest { get; init; }

    /// <summary>How the environment would differ.</summary>
    public required ImmutableArray<EnvironmentChange> Changes { get; init; }

    /// <summary>How a cluster's objects would differ, as the deployer tells it.</summary>
    public required ImmutableArray<PlanObject> Objects { get; init; }

    /// <summary>Which callers would move.</summary>
    public required ImmutableArray<PlanTraffic> Traffic { get; init; }

    /// <summary>The steps, for the report.</summary>
    public required ImmutableArray<PlanStep> Steps { get; init; }

    /// <summary>The manifest itself, so that a plan file is all that an apply needs. It holds no secret.</summary>
    public required EnvManifest Manifest { get; init; }

    /// <summary>The folder that relative paths of the manifest start at, absolute on the host that made the plan; null when they start at none.</summary>
    public string? ManifestFolder { get; init; }

    /// <summary>The ids that the plan minted, in order, so that what is applied has the ids that were read.</summary>
    public ImmutableArray<string> Minted { get => field.IsDefault ? [] : field; init; }

    /// <summary>The sections whose entities are removed when the manifest does not name them.</summary>
    public ImmutableArray<string> Prune { get => field.IsDefault ? [] : field; init; }

    /// <summary>The SHA-256 over the canonical JSON of everything else.</summary>
    public Sha256Digest? Digest { get; init; }
}

/// <summary>Where a plan starts from.</summary>
/// <param name="BaseGeneration">The generation of the environment; 0 when there is none yet.</param>
public sealed record PlanOrigin(ulong BaseGeneration)
{
    /// <summary>The folder that relative paths of the manifest start at, or null.</summary>
    public string? ManifestFolder { get; init; }

    /// <summary>The ids that the plan minted, in order.</summary>
    public ImmutableArray<string> Minted { get; init; } = [];

    /// <summary>The sections that are pruned.</summary>
    public ImmutableArray<string> Prune { get; init; } = [];
}

/// <summary>One object of a cluster that would change.</summary>
/// <param name="Action"><c>create</c>, <c>change</c> or <c>prune</c>.</param>
/// <param name="Kind">The object's kind.</param>
/// <param name="Name">Its name.</param>
/// <param name="Namespace">Its namespace, or null.</param>
public sealed record PlanObject(string Action, string Kind, string Name, string? Namespace = null);

/// <summary>How much of a deployment's traffic would move.</summary>
/// <param name="DeploymentId">The deployment.</param>
/// <param name="MovedBps">The sum of the shares that grow, in basis points; exactly these callers change revision (<see cref="SplitSlots"/>).</param>
public sealed record PlanTraffic(DeploymentId DeploymentId, uint MovedBps);

/// <summary>One step, as it is reported.</summary>
/// <param name="Kind">One of <see cref="StepKinds"/>.</param>
/// <param name="Key">What it is about.</param>
/// <param name="Action">What it does.</param>
/// <param name="Detail">A sentence.</param>
/// <param name="IdempotencyKey">Its key.</param>
public sealed record PlanStep(string Kind, string Key, StepAction Action, string Detail, string IdempotencyKey);

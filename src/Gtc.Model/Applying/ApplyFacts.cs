using System.Collections.Immutable;

namespace Gtc.Model;

/// <summary>A bundle that the caller has in its hands.</summary>
/// <param name="Digest">The SHA-256 of its bytes.</param>
/// <param name="PackList">Its packs; empty when it was not opened.</param>
public sealed record ResolvedArtifact(Sha256Digest Digest, ImmutableArray<PackListEntry> PackList);

/// <summary>What the caller found out about the world before a plan is made; the plan itself looks at nothing else.</summary>
public sealed record ApplyFacts
{
    /// <summary>Bundles by their <c>bundle_path</c>, or <c>bundle_source_uri</c> when there is neither path nor digest, as written in the manifest.</summary>
    public ImmutableDictionary<string, ResolvedArtifact> Artifacts { get; init; } = ImmutableDictionary<string, ResolvedArtifact>.Empty;

    /// <summary>Revisions whose pack-list lock should be on this host and is not.</summary>
    public ImmutableHashSet<RevisionId> StaleRevisions { get; init; } = [];

    /// <summary>The names of the environment variables that are set, among those that the manifest names.</summary>
    public ImmutableHashSet<string> Variables { get; init; } = [];

    /// <summary>The secret paths that the store already holds.</summary>
    public ImmutableHashSet<string> StoredSecrets { get; init; } = [];

    /// <summary>The secret paths whose values were pasted.</summary>
    public ImmutableHashSet<string> PastedSecrets { get; init; } = [];

    /// <summary>Answers files by their <c>answers_ref</c> as written: the digest of their canonical JSON.</summary>
    public ImmutableDictionary<string, Sha256Digest> AnswersFiles { get; init; } = ImmutableDictionary<string, Sha256Digest>.Empty;

    /// <summary>Answers that lie in the environment by their relative path: the digest of their canonical JSON.</summary>
    public ImmutableDictionary<string, Sha256Digest> StoredAnswers { get; init; } = ImmutableDictionary<string, Sha256Digest>.Empty;

    /// <summary>True when the environment's trust root holds the operator key.</summary>
    public bool IsTrustRootBootstrapped { get; init; }

    /// <summary>The DIDs whose keys are trusted already.</summary>
    public ImmutableHashSet<string> TrustedDids { get; init; } = [];

    /// <summary>The update channel as it is, or null when there is none.</summary>
    public UpdateChannelConfig? UpdateChannel { get; init; }

    /// <summary>The sections whose entities are removed when the manifest does not name them, see <see cref="PruneSections.All"/>; none by default.</summary>
    public ImmutableArray<string> Prune { get; init; } = [];

    /// <summary>Who applies.</summary>
    public string UpdatedBy { get; init; } = "env-apply";
}

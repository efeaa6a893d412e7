using Gtc.Artifacts.Sources;
using Gtc.Artifacts.SquashFs;
using Gtc.Model;

namespace Gtc.Artifacts.Materialisation;

/// <summary>One revision to bring to disk.</summary>
public sealed record MaterializeRequest
{
    /// <summary>The environment; pack configurations must be for it.</summary>
    public required EnvId EnvId { get; init; }

    /// <summary>The revision; also the name of its folder.</summary>
    public required RevisionId RevisionId { get; init; }

    /// <summary>The deployment's bundle; pack configurations must be for it.</summary>
    public required string BundleId { get; init; }

    /// <summary>Where the bundle is: a path, <c>file</c>, <c>http(s)</c>, <c>oci</c>, <c>repo</c> or <c>store</c>.</summary>
    public required string Source { get; init; }

    /// <summary>The digest that was pinned when the revision was staged, <c>sha256:&lt;hex&gt;</c>; null only while staging, which is what pins it.</summary>
    public required string? PinnedDigest { get; init; }

    /// <summary>The recorded lock reference, or null when none was recorded; a different outcome is refused.</summary>
    public string? RecordedLockRef { get; init; }

    /// <summary>True makes the result survive a power cut before the call returns. A worker does without: what it lost it pulls again.</summary>
    public bool Durable { get; init; }

    /// <summary>The most bytes that the bundle may have.</summary>
    public long MaxBundleBytes { get; init; } = PullRequest.DefaultMaxBytes;

    /// <summary>Retries, timeouts, registries.</summary>
    public PullOptions Pull { get; init; } = PullOptions.Default;

    /// <summary>What unpacking may cost.</summary>
    public ExtractionLimits Limits { get; init; } = ExtractionLimits.Default;
}

using Microsoft.Win32.SafeHandles;

namespace Gtc.Artifacts.Sources;

/// <summary>What to fetch, and where the bytes go.</summary>
public sealed record PullRequest
{
    /// <summary>The largest bundle that is accepted unless a request says otherwise, in bytes: 2 GiB.</summary>
    public const long DefaultMaxBytes = 2L << 30;

    /// <summary>The source as it was declared: a URL, an OCI reference or a path.</summary>
    public required string Source { get; init; }

    /// <summary>
    /// An empty file, opened for writing by the caller, who keeps owning it. After a refusal its content means nothing.
    /// It is not flushed to the disk here.
    /// </summary>
    public required SafeFileHandle Destination { get; init; }

    /// <summary>More bytes than this are refused, as early as the source tells.</summary>
    public long MaxBytes { get; init; } = DefaultMaxBytes;

    /// <summary>How to fetch.</summary>
    public PullOptions Options { get; init; } = PullOptions.Default;
}

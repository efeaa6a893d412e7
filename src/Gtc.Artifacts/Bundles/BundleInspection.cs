using System.Collections.Immutable;
using Gtc.Artifacts.Packs;
using Gtc.Artifacts.SquashFs;
using Gtc.Model;

namespace Gtc.Artifacts.Bundles;

/// <summary>What there is to know about a bundle file without unpacking it to disk.</summary>
public sealed record BundleInspection
{
    /// <summary>The file.</summary>
    public required string Path { get; init; }

    /// <summary>Its size in bytes.</summary>
    public required long Length { get; init; }

    /// <summary>SHA-256 of its bytes: what a revision pins.</summary>
    public required Sha256Digest Digest { get; init; }

    /// <summary>The facts of the container.</summary>
    public required SquashFsSuperblock Container { get; init; }

    /// <summary>The bundle's manifest.</summary>
    public required BundleManifest Manifest { get; init; }

    /// <summary>How it was built, or null when the bundle does not say.</summary>
    public BundleLock? Lock { get; init; }

    /// <summary>Everything in the container, sorted by path (ordinal).</summary>
    public required ImmutableArray<SquashFsEntry> Entries { get; init; }

    /// <summary>The packs it contributes, sorted by path (ordinal).</summary>
    public required ImmutableArray<InspectedPack> Packs { get; init; }
}

/// <summary>A pack in a bundle file.</summary>
/// <param name="Pinned">Its id, path and digest, as a scan of the unpacked bundle gives them.</param>
/// <param name="Length">Its size in bytes.</param>
/// <param name="Manifest">What it says about itself; null when it cannot be read.</param>
/// <param name="Problem">Why it cannot be read; null when it can. Such a pack can be pinned, but a revision with it is not activated.</param>
/// <param name="SbomDifferences">Listed files whose content differs; advisory.</param>
public sealed record InspectedPack(PinnedPack Pinned, long Length, PackManifest? Manifest, Refusal? Problem, ImmutableArray<string> SbomDifferences)
{
    /// <summary>The member with the questions that a pack wants to be asked before it is served.</summary>
    public const string SetupMember = "assets/setup.yaml";

    /// <summary>That member's content, at most 256 KiB; null when the pack has none, or a longer one.</summary>
    public ReadOnlyMemory<byte>? Setup { get; init; }
}

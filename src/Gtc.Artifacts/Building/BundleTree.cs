using System.Collections.Immutable;

namespace Gtc.Artifacts.Building;

/// <summary>The files of a bundle before they are packed into its container, sorted by path (ordinal).</summary>
/// <param name="BundleId">The bundle's own id.</param>
/// <param name="Members">The files; folders follow from their paths, modes are the container's business.</param>
public sealed record BundleTree(string BundleId, ImmutableArray<BundleMember> Members);

/// <summary>One file of a bundle.</summary>
/// <param name="Path">Relative path with <c>/</c> between segments.</param>
/// <param name="Length">Its size in bytes.</param>
/// <param name="Open">Opens its content; called once per build.</param>
public sealed record BundleMember(string Path, long Length, Func<Stream> Open)
{
    /// <summary>A file whose content is in memory.</summary>
    public static BundleMember From(string path, byte[] content)
    {
        ArgumentNullException.ThrowIfNull(content);
        return new(path, content.Length, () => new MemoryStream(content, writable: false));
    }
}

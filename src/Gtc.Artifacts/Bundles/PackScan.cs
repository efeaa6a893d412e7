using System.Collections.Immutable;
using Gtc.Artifacts.Digests;
using Gtc.Model;

namespace Gtc.Artifacts.Bundles;

/// <summary>A pack that a bundle contributes, pinned by the digest of its bytes.</summary>
/// <param name="PackId">The file's stem; the pack itself may call itself otherwise.</param>
/// <param name="Path">Where it lies, relative to the bundle's root, with <c>/</c> between segments.</param>
/// <param name="Digest">SHA-256 of the file.</param>
public sealed record PinnedPack(string PackId, string Path, Sha256Digest Digest);

/// <summary>
/// Finds the packs of an unpacked bundle (bundle-format.md §2.7): <c>*.gtpack</c> below <c>packs/</c>, and below every
/// <c>providers/&lt;domain&gt;/</c> but <c>deployer</c>. Packs are hashed, never opened; symbolic links are not followed.
/// </summary>
public static class PackScan
{
    /// <summary>The most packs one bundle may contribute.</summary>
    public const int MaxPacks = 1_000;

    private const string Extension = ".gtpack";

    private static readonly EnumerationOptions Everything = new()
    {
        RecurseSubdirectories = false,
        AttributesToSkip = 0,
        IgnoreInaccessible = false,
        MatchType = MatchType.Simple,
    };

    /// <summary>Scans an unpacked bundle.</summary>
    /// <returns>The packs sorted by path (ordinal); <see cref="Refusal.InvalidArgument"/> when there is none or two share a stem.</returns>
    public static Outcome<ImmutableArray<PinnedPack>> Run(string bundleFolder, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(bundleFolder);
        string[] paths;
        try
        {
            paths = [.. Find(bundleFolder).Take(MaxPacks + 1).Order(StringComparer.Ordinal)];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new Refusal.FileFailed($"{bundleFolder} cannot be scanned: {exception.Message}");
        }

        if (Problem(paths) is { } problem)
        {
            return problem;
        }

        var packs = ImmutableArray.CreateBuilder<PinnedPack>(paths.Length);
        foreach (var path in paths)
        {
            if (!ContentDigest.OfFile(Path.Combine(bundleFolder, path), cancellationToken).TryGet(out var digest, out var refusal))
            {
                return refusal;
            }

            packs.Add(new(Stem(path), path, digest));
        }

        return packs.MoveToImmutable();
    }

    /// <summary>Whether a file at this bundle-relative path counts as a pack of the bundle.</summary>
    internal static bool IsPack(string path) =>
        path.EndsWith(Extension, StringComparison.Ordinal) && Stem(path).Length > 0 && path.Split('/') switch
        {
            ["packs", _, ..] => true,
            ["providers", var domain, _, ..] => domain != "deployer",
            _ => false,
        };

    /// <summary>What makes a list of packs unacceptable, or null.</summary>
    internal static Refusal.InvalidArgument? Problem(IReadOnlyCollection<string> paths)
    {
        if (paths.Count == 0)
        {
            return new Refusal.InvalidArgument("the bundle contains no .gtpack artifacts under packs/ or providers/<domain>/");
        }

        if (paths.Count > MaxPacks)
        {
            return new Refusal.InvalidArgument($"the bundle contains more than {MaxPacks} packs");
        }

        foreach (var same in paths.GroupBy(Stem, StringComparer.Ordinal).Where(group => group.Count() > 1))
        {
            return new Refusal.InvalidArgument($"the bundle contains two packs with the id {same.Key}; a pack's id is the stem of its file name")
            {
                Details = [.. same.Select(path => new RefusalDetail("found", path))],
            };
        }

        return null;
    }

    private static IEnumerable<string> Find(string root) =>
        Walk(new DirectoryInfo(Path.Combine(root, "packs")), "packs")
            .Concat(Walk(new DirectoryInfo(Path.Combine(root, "providers")), "providers"))
            .Where(IsPack);

    private static IEnumerable<string> Walk(DirectoryInfo folder, string relative)
    {
        foreach (var entry in Entries(folder).Where(entry => entry.LinkTarget is null))
        {
            var path = $"{relative}/{entry.Name}";
            if (entry is DirectoryInfo child)
            {
                foreach (var found in Walk(child, path))
                {
                    yield return found;
                }
            }
            else
            {
                yield return path;
            }
        }
    }

    private static IEnumerable<FileSystemInfo> Entries(DirectoryInfo folder) =>
        folder is { Exists: true, LinkTarget: null } ? folder.EnumerateFileSystemInfos("*", Everything) : [];

    internal static string Stem(string path) => Path.GetFileName(path)[..^Extension.Length];
}

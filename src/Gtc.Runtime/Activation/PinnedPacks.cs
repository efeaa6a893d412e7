using System.Collections.Immutable;
using Gtc.Artifacts.Bundles;
using Gtc.Artifacts.Digests;
using Gtc.Model;

namespace Gtc.Runtime;

/// <summary>Integrity point two for what is already on disk: every pack of a lock is a regular file inside the environment and has the pinned digest (worker-runtime.md §1.2).</summary>
internal static class PinnedPacks
{
    private const int MaxLockBytes = 1 << 20;

    /// <summary>The full paths of a revision's packs, or why they may not be loaded; null when a lock file is simply not there.</summary>
    public static Outcome<ImmutableArray<string>?> Locate(string environmentFolder, RuntimeRevision block, CancellationToken cancellationToken)
    {
        var packs = ImmutableArray.CreateBuilder<string>();
        foreach (var reference in block.PackListRefs)
        {
            if (!Open(environmentFolder, reference).TryGet(out var file, out var refusal))
            {
                return refusal;
            }

            if (file is null)
            {
                return (ImmutableArray<string>?)null;
            }

            var located = Check(environmentFolder, block, file, cancellationToken);
            if (!located.TryGet(out var paths, out refusal))
            {
                return refusal;
            }

            packs.AddRange(paths);
        }

        return packs.Count == 0
            ? new Refusal.Conflict($"revision {block.RevisionId} resolved to no pinned packs")
            : packs.ToImmutable();
    }

    /// <summary>A referenced file: null when it is not there, a refusal when the reference leaves the folder or is no regular file.</summary>
    public static Outcome<FileInfo?> Open(string environmentFolder, string reference)
    {
        if (!RuntimeConfigRules.IsContained(reference))
        {
            return new Refusal.InvalidDocument("UnsafeReference", $"`{reference}` must be a relative path inside the environment's folder");
        }

        // Walked by hand, so that a link anywhere on the way is seen; only the environment's own folder may be reached through one.
        var current = environmentFolder;
        foreach (var segment in reference.Split('/'))
        {
            current = Path.Combine(current, segment);
            var entry = new FileInfo(current);
            if (entry.LinkTarget is not null)
            {
                return new Refusal.InvalidDocument("UnsafeReference", $"`{reference}` passes through the symbolic link {current}");
            }
        }

        var file = new FileInfo(current);
        if (file.Exists)
        {
            return file;
        }

        return Directory.Exists(current)
            ? new Refusal.InvalidDocument("UnsafeReference", $"`{reference}` is a folder, a regular file was expected")
            : (FileInfo?)null;
    }

    private static Outcome<ImmutableArray<string>> Check(
        string environmentFolder, RuntimeRevision block, FileInfo lockFile, CancellationToken cancellationToken)
    {
        if (lockFile.Length > MaxLockBytes)
        {
            return new Refusal.MalformedArtifact($"{lockFile.FullName} has {lockFile.Length:N0} bytes, the most is {MaxLockBytes:N0}");
        }

        if (!PackListLock.Read(File.ReadAllBytes(lockFile.FullName)).TryGet(out var pins, out var refusal))
        {
            return refusal;
        }

        if (pins.RevisionId != block.RevisionId.ToString())
        {
            return new Refusal.Conflict($"{lockFile.FullName} belongs to revision {pins.RevisionId}, not to {block.RevisionId}");
        }

        var paths = ImmutableArray.CreateBuilder<string>(pins.Packs.Length);
        foreach (var pin in pins.Packs)
        {
            if (!Open(environmentFolder, pin.Path).TryGet(out var pack, out refusal))
            {
                return refusal;
            }

            if (pack is null)
            {
                return new Refusal.DigestMismatch($"pack `{pin.PackId}` of revision {block.RevisionId} is missing at {pin.Path}");
            }

            if (!ContentDigest.OfFile(pack.FullName, cancellationToken).TryGet(out var digest, out refusal))
            {
                return refusal;
            }

            if (digest != pin.Digest)
            {
                return new Refusal.DigestMismatch($"pack `{pin.PackId}` of revision {block.RevisionId} is not the pinned one")
                {
                    Details = [new("expected", $"{pin.Digest}   pinned in {pack.Directory!.Name}"), new("found", $"{digest}   {pin.Path}")],
                };
            }

            paths.Add(pack.FullName);
        }

        return paths.MoveToImmutable();
    }
}

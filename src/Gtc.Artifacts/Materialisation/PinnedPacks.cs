using System.Collections.Immutable;
using Gtc.Artifacts.Bundles;
using Gtc.Artifacts.Digests;
using Gtc.Model;

namespace Gtc.Artifacts.Materialisation;

/// <summary>
/// Integrity point two for what is already on disk: every pack of a revision's locks is a regular file inside the environment and has the
/// pinned digest (worker-runtime.md §1.2). Asked when a revision is warmed and when it is loaded.
/// </summary>
public sealed record PinnedPacks
{
    private const int MaxLockBytes = 1 << 20;

    /// <summary>The packs that hold; <see cref="PinnedPack.Path"/> is absolute here.</summary>
    public required ImmutableArray<PinnedPack> Packs { get; init; }

    /// <summary>What does not, in the order it was found.</summary>
    public required ImmutableArray<Refusal> Problems { get; init; }

    /// <summary>True when a lock file is simply not there: the revision is not on this host.</summary>
    public required bool IsLockMissing { get; init; }

    /// <summary>Hashes every pack that the locks name.</summary>
    /// <param name="environmentFolder">The environment's folder.</param>
    /// <param name="revision">The revision, which the locks must be of.</param>
    /// <param name="lockRefs">The lock files, relative to the folder.</param>
    /// <param name="cancellationToken">Stops between blocks of a pack.</param>
    public static PinnedPacks Check(string environmentFolder, RevisionId revision, ImmutableArray<string> lockRefs, CancellationToken cancellationToken)
    {
        var packs = ImmutableArray.CreateBuilder<PinnedPack>();
        var problems = ImmutableArray.CreateBuilder<Refusal>();
        var isMissing = false;
        foreach (var reference in lockRefs)
        {
            if (!Open(environmentFolder, reference).TryGet(out var file, out var refusal))
            {
                problems.Add(refusal);
            }
            else if (file is null)
            {
                isMissing = true;
            }
            else
            {
                Check(environmentFolder, revision, file, packs, problems, cancellationToken);
            }
        }

        if (!isMissing && problems.Count == 0 && packs.Count == 0)
        {
            problems.Add(new Refusal.Conflict($"revision {revision} resolved to no pinned packs"));
        }

        return new() { Packs = packs.ToImmutable(), Problems = problems.ToImmutable(), IsLockMissing = isMissing };
    }

    /// <summary>A referenced file: null when it is not there, a refusal when the reference leaves the folder or is no regular file.</summary>
    /// <param name="environmentFolder">The environment's folder.</param>
    /// <param name="reference">The path relative to it, with slashes.</param>
    public static Outcome<FileInfo?> Open(string environmentFolder, string reference)
    {
        ArgumentNullException.ThrowIfNull(reference);
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

    private static void Check(
        string environmentFolder,
        RevisionId revision,
        FileInfo lockFile,
        ImmutableArray<PinnedPack>.Builder packs,
        ImmutableArray<Refusal>.Builder problems,
        CancellationToken cancellationToken)
    {
        if (lockFile.Length > MaxLockBytes)
        {
            problems.Add(new Refusal.MalformedArtifact($"{lockFile.FullName} has {lockFile.Length:N0} bytes, the most is {MaxLockBytes:N0}"));
            return;
        }

        if (!PackListLock.Read(File.ReadAllBytes(lockFile.FullName)).TryGet(out var pins, out var refusal))
        {
            problems.Add(refusal);
            return;
        }

        if (pins.RevisionId != revision.ToString())
        {
            problems.Add(new Refusal.Conflict($"{lockFile.FullName} belongs to revision {pins.RevisionId}, not to {revision}"));
            return;
        }

        foreach (var pin in pins.Packs)
        {
            if (Check(environmentFolder, revision, pin.PackId, pin.Path, pin.Digest, cancellationToken).TryGet(out var pack, out refusal))
            {
                packs.Add(pack);
            }
            else
            {
                problems.Add(refusal);
            }
        }
    }

    private static Outcome<PinnedPack> Check(
        string environmentFolder, RevisionId revision, string packId, string path, Sha256Digest pinned, CancellationToken cancellationToken)
    {
        if (!Open(environmentFolder, path).TryGet(out var pack, out var refusal))
        {
            return refusal;
        }

        if (pack is null)
        {
            return new Refusal.DigestMismatch($"pack `{packId}` of revision {revision} is missing at {path}");
        }

        return ContentDigest.OfFile(pack.FullName, cancellationToken).Then<PinnedPack>(digest => digest == pinned
            ? new PinnedPack(packId, pack.FullName, digest)
            : new Refusal.DigestMismatch($"pack `{packId}` of revision {revision} is not the pinned one")
            {
                Details = [new("expected", $"{pinned}   pinned in {pack.Directory!.Name}"), new("found", $"{digest}   {path}")],
            });
    }
}

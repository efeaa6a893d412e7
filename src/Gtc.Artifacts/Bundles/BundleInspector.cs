using System.Collections.Immutable;
using Gtc.Artifacts.Digests;
using Gtc.Artifacts.Packs;
using Gtc.Artifacts.SquashFs;
using Gtc.Model;

namespace Gtc.Artifacts.Bundles;

/// <summary>Looks into a bundle file.</summary>
public static class BundleInspector
{
    private const int MaxSetup = 256 << 10;

    /// <summary>Inspects a bundle file.</summary>
    /// <returns>The findings; a refusal when the container, the manifest or the set of packs is not acceptable.</returns>
    public static async Task<Outcome<BundleInspection>> InspectAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            // One handle for the digest and for the look inside: both are of the same bytes.
            await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            var digest = await ContentDigest.OfAsync(file, cancellationToken);
            if (!SquashFsImage.Open(file.SafeFileHandle, file.Length, ExtractionLimits.Default).TryGet(out var image, out var refusal))
            {
                return refusal;
            }

            using (image)
            {
                return Inspect(image, path, file.Length, digest);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new Refusal.FileFailed($"{path} cannot be read: {exception.Message}");
        }
    }

    private static Outcome<BundleInspection> Inspect(SquashFsImage image, string path, long length, Sha256Digest digest)
    {
        if (!image.List().TryGet(out var entries, out var refusal)
            || !Document(image, entries, BundleManifest.Member, bytes => BundleManifest.Read(bytes)).TryGet(out var manifest, out refusal)
            || !Document(image, entries, BundleLock.Member, bytes => BundleLock.Read(bytes)).TryGet(out var written, out refusal))
        {
            return refusal;
        }

        if (manifest is null)
        {
            return new Refusal.MalformedArtifact($"the bundle has no {BundleManifest.Member}, the one member every bundle must have");
        }

        var packs = entries.Where(entry => entry.Kind == SquashFsEntryKind.File && PackScan.IsPack(entry.Path)).ToImmutableArray();
        if (PackScan.Problem([.. packs.Select(pack => pack.Path)]) is { } problem)
        {
            return problem;
        }

        var inspected = ImmutableArray.CreateBuilder<InspectedPack>(packs.Length);
        foreach (var pack in packs)
        {
            if (!image.ReadFile(pack.Path, (int)PackLimits.Standard.MaxFileBytes).TryGet(out var bytes, out refusal))
            {
                return refusal;
            }

            inspected.Add(Inspect(pack.Path, bytes));
        }

        return new BundleInspection
        {
            Path = path,
            Length = length,
            Digest = digest,
            Container = image.Superblock,
            Manifest = manifest,
            Lock = written,
            Entries = [.. entries],
            Packs = inspected.MoveToImmutable(),
        };
    }

    private static InspectedPack Inspect(string path, byte[] bytes)
    {
        var pinned = new PinnedPack(PackScan.Stem(path), path, ContentDigest.Of(bytes));
        if (!PackFile.Open(new MemoryStream(bytes, writable: false), path).TryGet(out var pack, out var problem))
        {
            return new(pinned, bytes.Length, null, problem, []);
        }

        using (pack)
        {
            return new(pinned, bytes.Length, pack.Manifest, null, pack.ReadSbom().Match(sbom => sbom.Differences(pack), _ => [])) { Setup = Setup(pack) };
        }
    }

    private static ReadOnlyMemory<byte>? Setup(PackFile pack) =>
        pack.Members.Any(member => member.Name == InspectedPack.SetupMember && member.Length <= MaxSetup)
            ? pack.Read(InspectedPack.SetupMember).Match<ReadOnlyMemory<byte>?>(bytes => bytes, _ => null)
            : null;

    private static Outcome<T?> Document<T>(SquashFsImage image, IReadOnlyList<SquashFsEntry> entries, string member, Func<byte[], Outcome<T>> read)
        where T : class
    {
        if (!entries.Any(entry => entry.Path == member && entry.Kind == SquashFsEntryKind.File))
        {
            return (T?)null;
        }

        return image.ReadFile(member, BundleManifest.MaxBytes).Then(read).Match<Outcome<T?>>(document => document, refusal => refusal);
    }
}

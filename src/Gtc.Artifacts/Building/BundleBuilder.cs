using System.Collections.Immutable;
using Gtc.Artifacts.Bundles;
using Gtc.Artifacts.Cbor;
using Gtc.Artifacts.Digests;
using Gtc.Artifacts.SquashFs;
using Gtc.Model;

namespace Gtc.Artifacts.Building;

/// <summary>
/// Builds a bundle from a source folder. The result depends on nothing but the content of the files: not on times, modes, the order
/// in which the disk lists them, or where the folder lies.
/// <list type="table">
/// <item><term><c>bundle.yaml</c></term><description>what the bundle is (bundle-format.md §2.3); copied as it is</description></item>
/// <item><term><c>packs/NAME/</c> with <c>pack.yaml</c></term><description>a pack to build, see <c>flows/*.ygtc</c>, <c>components/*.wasm</c>, <c>assets/**</c> in it; lands at <c>packs/NAME/dist/NAME.gtpack</c></description></item>
/// <item><term><c>packs/**/*.gtpack</c>, <c>providers/DOMAIN/**/*.gtpack</c></term><description>ready-made packs, taken as they are</description></item>
/// <item><term><c>.gtc-allow-secrets</c></term><description>files that may hold what looks like a secret; copied as it is</description></item>
/// <item><term><c>tenants/**</c>, <c>assets/**</c>, <c>i18n/**</c>, <c>state/pack-configs/*.json</c></term><description>copied as they are</description></item>
/// </list>
/// Everything else in the folder stays out. Developer secrets anywhere in it, and what looks like a secret in plain text, are an error.
/// </summary>
public static class BundleBuilder
{
    private const string PackExtension = ".gtpack";

    /// <summary>Reads the source, builds its packs and lays out the bundle.</summary>
    /// <param name="sourceFolder">The folder that holds <c>bundle.yaml</c>.</param>
    /// <param name="toolVersion">Written into the lock as the builder's version.</param>
    /// <param name="cancellationToken">Stops between files.</param>
    /// <returns>The files of the bundle; a refusal names the file that is at fault.</returns>
    public static Task<Outcome<BundleTree>> PlanAsync(string sourceFolder, string toolVersion, CancellationToken cancellationToken) =>
        RefusedSource.GuardAsync("bundle", async () =>
        {
            if (!File.Exists(Path.Combine(sourceFolder, BundleSource.FileName)))
            {
                throw new RefusedSource(new Refusal.Missing($"{sourceFolder} holds no {BundleSource.FileName}"));
            }

            var source = SourceFolder.Scan(sourceFolder);
            if (await LeakScan.RefuseAsync(sourceFolder, "the bundle cannot be built", cancellationToken) is { } leak)
            {
                throw new RefusedSource(leak);
            }

            var bundle = YamlDocument.Parse(source.Read(BundleSource.FileName, YamlDocument.MaxBytes), BundleSource.FileName)
                .Match(yaml => BundleSource.Read(new(yaml)), refusal => throw new RefusedSource(refusal));
            var packs = Packs(source, cancellationToken);
            var references = References(bundle, packs);
            var digests = new Dictionary<string, Sha256Digest>(StringComparer.Ordinal);
            foreach (var reference in references.Where(reference => !PackReference.IsRemote(reference)))
            {
                await using var content = packs[PackReference.Stem(reference)].Open();
                digests[reference] = await ContentDigest.OfAsync(content, cancellationToken);
            }

            var targets = PolicySet.Resolve(source, references);
            var documents = new BundleDocuments(bundle, references, targets);
            return new BundleTree(bundle.BundleId,
            [
                .. Copied(source)
                    .Concat(packs.Values)
                    .Append(BundleMember.From(BundleManifest.Member, documents.Manifest()))
                    .Append(BundleMember.From(BundleLock.Member, documents.Lock(toolVersion, digests)))
                    .Concat(targets.Select(target => BundleMember.From(target.Path, documents.Resolved(target))))
                    .OrderBy(member => member.Path, StringComparer.Ordinal),
            ]);
        });

    /// <summary>Builds a bundle file. It appears under its name only when it is whole; an older one is replaced.</summary>
    /// <param name="sourceFolder">The folder that holds <c>bundle.yaml</c>.</param>
    /// <param name="outputPath">The <c>.gtbundle</c> to write; its folder must exist.</param>
    /// <param name="toolVersion">Written into the lock as the builder's version; equal sources give equal bytes only with equal versions.</param>
    /// <param name="cancellationToken">Stops between files.</param>
    public static async Task<Outcome<BuiltBundle>> BuildAsync(string sourceFolder, string outputPath, string toolVersion, CancellationToken cancellationToken)
    {
        if (!(await PlanAsync(sourceFolder, toolVersion, cancellationToken)).TryGet(out var tree, out var refusal))
        {
            return refusal;
        }

        return await RefusedSource.GuardAsync("bundle", async () =>
        {
            var partial = outputPath + ".partial";
            try
            {
                var built = await WriteAsync(tree, partial, outputPath, cancellationToken);
                File.Move(partial, outputPath, overwrite: true);
                return built;
            }
            finally
            {
                File.Delete(partial);
            }
        });
    }

    private static async Task<BuiltBundle> WriteAsync(BundleTree tree, string partial, string outputPath, CancellationToken cancellationToken)
    {
        await using var output = new FileStream(partial, FileMode.Create, FileAccess.ReadWrite);
        SquashFsWriter.Write(output, [.. tree.Members.Select(member => SquashFsMember.File(member.Path, member.Open))]);
        output.SetLength(output.Position);
        output.Position = 0;
        return new(outputPath, tree.BundleId, output.Length, await ContentDigest.OfAsync(output, cancellationToken), tree.Members.Length);
    }

    private static IEnumerable<BundleMember> Copied(SourceFolder source) => source.Paths
        .Where(path => path is BundleSource.FileName or LeakAllowList.FileName
            || IsUnder(path, "tenants/") || IsUnder(path, "assets/") || IsUnder(path, "i18n/")
            || (IsUnder(path, PackConfigInput.Folder + "/") && path.EndsWith(".json", StringComparison.Ordinal)))
        .Select(source.Member);

    // Keyed by stem, which is the pack's id everywhere outside the pack itself.
    private static SortedDictionary<string, BundleMember> Packs(SourceFolder source, CancellationToken cancellationToken)
    {
        var folders = source.Paths.Select(PackFolder).OfType<string>().ToImmutableArray();
        var packs = new SortedDictionary<string, BundleMember>(StringComparer.Ordinal);
        foreach (var folder in folders)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var name = folder.Split('/')[1];
            Add(packs, BundleMember.From($"{folder}dist/{name}{PackExtension}", PackSource.Build(source, folder).Archive));
        }

        foreach (var path in source.Paths.Where(path => IsReadyMade(path) && !folders.Any(folder => IsUnder(path, folder))))
        {
            Add(packs, source.Member(path));
        }

        return packs.Count > 0
            ? packs
            : throw new MalformedDocumentException("the source holds no pack: neither packs/<name>/pack.yaml nor a .gtpack under packs/ or providers/<domain>/");
    }

    private static void Add(SortedDictionary<string, BundleMember> packs, BundleMember pack)
    {
        var stem = PackReference.Stem(pack.Path);
        if (!packs.TryAdd(stem, pack))
        {
            throw new MalformedDocumentException($"two packs have the id {stem}: {packs[stem].Path} and {pack.Path}");
        }
    }

    private static ImmutableArray<string> References(BundleSource bundle, SortedDictionary<string, BundleMember> packs)
    {
        if (bundle.AppPacks is not { } authored)
        {
            return [.. packs.Values.Where(pack => IsUnder(pack.Path, "packs/")).Select(pack => pack.Path)];
        }

        foreach (var reference in authored.Where(reference => !PackReference.IsRemote(reference) && !packs.ContainsKey(PackReference.Stem(reference))))
        {
            throw new MalformedDocumentException($"{BundleSource.FileName}: app_packs names {reference}, which is not among the packs of the source ({string.Join(", ", packs.Keys)})");
        }

        return authored;
    }

    private static string? PackFolder(string path) =>
        path.Split('/') is ["packs", _, PackSource.FileName] ? path[..^PackSource.FileName.Length] : null;

    // As a pack scan of the finished bundle will see it, deployer packs included: they travel, but are never pinned.
    private static bool IsReadyMade(string path) =>
        path.EndsWith(PackExtension, StringComparison.Ordinal)
        && (IsUnder(path, "packs/") || (IsUnder(path, "providers/") && path.Count(character => character == '/') >= 2));

    private static bool IsUnder(string path, string folder) => path.StartsWith(folder, StringComparison.Ordinal);
}

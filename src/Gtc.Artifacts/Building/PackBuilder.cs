using Gtc.Artifacts.Digests;
using Gtc.Model;

namespace Gtc.Artifacts.Building;

/// <summary>
/// Builds a <c>.gtpack</c> from a source folder: <c>pack.yaml</c>, <c>flows/*.ygtc</c>, <c>components/ID.wasm</c> with what
/// <c>components/ID.json</c> says of them, and <c>assets/**</c>. Equal content gives equal bytes, wherever and whenever it is built.
/// Everything else in the folder stays out. Developer secrets anywhere in it, and what looks like a secret in plain text, are an error.
/// </summary>
public static class PackBuilder
{
    /// <summary>Builds a pack file. It appears under its name only when it is whole; an older one is replaced.</summary>
    /// <param name="sourceFolder">The folder that holds <c>pack.yaml</c>.</param>
    /// <param name="outputPath">The <c>.gtpack</c> to write; its folder must exist.</param>
    /// <param name="cancellationToken">Stops before the file is written.</param>
    /// <returns>What was built; a refusal names file, line and what was expected there.</returns>
    public static Task<Outcome<BuiltPack>> BuildAsync(string sourceFolder, string outputPath, CancellationToken cancellationToken) =>
        RefusedSource.GuardAsync("pack", async () =>
        {
            if (!File.Exists(Path.Combine(sourceFolder, PackSource.FileName)))
            {
                throw new RefusedSource(new Refusal.Missing($"{sourceFolder} holds no {PackSource.FileName}"));
            }

            var source = SourceFolder.Scan(sourceFolder);
            if (await LeakScan.RefuseAsync(sourceFolder, "the pack cannot be built", cancellationToken) is { } leak)
            {
                throw new RefusedSource(leak);
            }

            var pack = PackSource.Build(source, string.Empty);
            cancellationToken.ThrowIfCancellationRequested();
            var partial = outputPath + ".partial";
            try
            {
                await File.WriteAllBytesAsync(partial, pack.Archive, cancellationToken);
                File.Move(partial, outputPath, overwrite: true);
            }
            finally
            {
                File.Delete(partial);
            }

            return new BuiltPack(outputPath, pack.Manifest, pack.Archive.Length, ContentDigest.Of(pack.Archive), pack.MemberCount);
        });
}

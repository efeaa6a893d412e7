using System.Collections.Immutable;
using Gtc.Artifacts.Materialisation;
using Gtc.Artifacts.Sources;
using Gtc.Model;
using Microsoft.Extensions.Logging;

namespace Gtc.Runtime;

/// <summary>Brings revisions to disk: pull, verify, unpack (worker-runtime.md §6 and §7).</summary>
internal sealed partial class RevisionFetcher(WorkerOptions options, ILogger logger)
{
    /// <summary>Brings revisions to disk, one after the other, until one fails.</summary>
    /// <returns>Null on success.</returns>
    public async Task<Refusal?> FetchAsync(ImmutableArray<Revision> revisions, CancellationToken cancellationToken)
    {
        if (!(await options.Store.TakeMaterialisationLockAsync(options.Environment, cancellationToken)).TryGet(out var held, out var refusal))
        {
            return refusal;
        }

        using (held)
        {
            var puller = new BundlePuller(options.Time, options.Jitter, logger);
            var materializer = new RevisionMaterializer(puller, options.Time, options.EnvironmentFolder);
            refusal = materializer.Recover();
            foreach (var revision in revisions)
            {
                refusal ??= await MaterializeAsync(materializer, revision, cancellationToken);
            }

            return refusal;
        }
    }

    private async Task<Refusal?> MaterializeAsync(RevisionMaterializer materializer, Revision revision, CancellationToken cancellationToken)
    {
        if (!(await SourceAsync(revision, cancellationToken)).TryGet(out var source, out var away))
        {
            return away;
        }

        var outcome = await materializer.MaterializeAsync(
            new MaterializeRequest
            {
                EnvId = options.Environment,
                RevisionId = revision.RevisionId,
                BundleId = revision.BundleId,
                Source = source,
                PinnedDigest = revision.BundleDigest,
                RecordedLockRef = revision.PackListLockRef,
                MaxBundleBytes = options.MaxBundleBytes,
                Pull = options.Pull,
            },
            progress: null,
            cancellationToken);
        if (!outcome.TryGet(out var made, out var refusal))
        {
            return refusal;
        }

        Forget(source, revision);
        Log.Pulled(logger, revision.RevisionId, made.Source, made.BundleBytes, made.Times.Pull.TotalMilliseconds);
        Log.Verified(logger, revision.RevisionId, made.BundleDigest, made.Times.Verify.TotalMilliseconds);
        Log.Unpacked(logger, revision.RevisionId, made.Unpacked.Files, made.Lock.Packs.Length, made.Times.Unpack.TotalMilliseconds);
        return null;
    }

    /// <summary>Where a revision is pulled from. What names no source is fetched by its digest from the store server that is followed, and is checked like every other source.</summary>
    private async Task<Outcome<string>> SourceAsync(Revision revision, CancellationToken cancellationToken)
    {
        if (!string.IsNullOrEmpty(revision.BundleSourceUri) || options.Following is not { } follower || !Sha256Digest.TryParse(revision.BundleDigest, out var digest))
        {
            return revision.BundleSourceUri!;
        }

        var path = Path.Combine(options.EnvironmentFolder, "artifacts", $"{digest.Hex}.gtbundle");
        return File.Exists(path) ? path : (await follower.FetchArtifactAsync(digest, path, options.MaxBundleBytes, cancellationToken)).Then<string>(_ => path);
    }

    /// <summary>What was fetched by its digest is in the revision's folder by now.</summary>
    private static void Forget(string source, Revision revision)
    {
        if (source != revision.BundleSourceUri)
        {
            File.Delete(source);
        }
    }

    /// <summary>Whether its lock file is on disk.</summary>
    public bool IsOnDisk(Revision revision) => IsOnDisk(revision.PackListLockRef);

    /// <summary>Whether all of its lock files are on disk.</summary>
    public bool IsOnDisk(RuntimeRevision block) => !block.PackListRefs.IsEmpty && block.PackListRefs.All(IsOnDisk);

    private bool IsOnDisk(string reference) =>
        RuntimeConfigRules.IsContained(reference) && File.Exists(Path.Combine(options.EnvironmentFolder, reference));

    /// <remarks>As in <see cref="BootSeam"/>, the lines take objects.</remarks>
    private static partial class Log
    {
        [LoggerMessage(4401, LogLevel.Information, "Pulled revision {Revision} from {Source}: {Bytes} bytes in {ElapsedMs} ms")]
        public static partial void Pulled(ILogger logger, object revision, object source, object bytes, object elapsedMs);

        [LoggerMessage(4402, LogLevel.Information, "Verified revision {Revision}: {Digest} is the pinned digest ({ElapsedMs} ms)")]
        public static partial void Verified(ILogger logger, object revision, object digest, object elapsedMs);

        [LoggerMessage(4403, LogLevel.Information, "Unpacked revision {Revision}: {Files} files, {Packs} packs in {ElapsedMs} ms")]
        public static partial void Unpacked(ILogger logger, object revision, object files, object packs, object elapsedMs);
    }
}

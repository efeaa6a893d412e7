using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Gtc.Artifacts.Bundles;
using Gtc.Artifacts.Sources;
using Gtc.Artifacts.SquashFs;
using Gtc.Model;
using Microsoft.Win32.SafeHandles;

namespace Gtc.Artifacts.Materialisation;

/// <summary>
/// Brings a revision to disk (worker-runtime.md §7): pull into a private copy while hashing, compare with the pin, unpack that
/// very copy beside the live folder, pin its packs, swap in by rename. Whatever happens, the live folder is the old or the new
/// one, and bytes are never unpacked before they are verified.
/// </summary>
/// <param name="puller">Fetches bundles.</param>
/// <param name="time">Measures the steps.</param>
/// <param name="environmentFolder">The environment's folder. The caller holds its materialisation lock.</param>
public sealed class RevisionMaterializer(BundlePuller puller, TimeProvider time, string environmentFolder)
{
    /// <summary>Mends and removes what a killed process left behind. To be called once before the first revision.</summary>
    /// <returns>A refusal when the folder cannot be changed.</returns>
    public Refusal? Recover() => Guard("the environment's revisions could not be checked for leftovers", () => RevisionFolder.Recover(environmentFolder));

    /// <summary>Brings one revision to disk.</summary>
    /// <param name="request">Which revision, from where.</param>
    /// <param name="progress">Told about the bytes pulled, or null.</param>
    /// <param name="cancellationToken">Ends the work; nothing half done stays.</param>
    /// <returns>
    /// The revision; or why not: what <see cref="BundlePuller"/> refuses, <see cref="Refusal.DigestMismatch"/> when the bytes are not
    /// the pinned ones, <see cref="Refusal.MalformedArtifact"/> or <see cref="Refusal.InvalidArgument"/> when they are no sound bundle.
    /// </returns>
    public async Task<Outcome<MaterializedRevision>> MaterializeAsync(
        MaterializeRequest request, IProgress<PullProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var folder = new RevisionFolder(environmentFolder, request.RevisionId);
        try
        {
            folder.Begin();
            var outcome = await BuildAsync(request, folder, progress, cancellationToken);
            if (outcome.IsOk)
            {
                folder.Swap();
            }

            return outcome;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return CannotWrite($"revision {request.RevisionId} could not be written below {environmentFolder}", error);
        }
        finally
        {
            Guard("leftovers could not be removed", folder.Discard);
        }
    }

    private static Refusal.FileFailed? Guard(string what, Action action)
    {
        try
        {
            action();
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return CannotWrite(what, error);
        }
    }

    private static Refusal.FileFailed CannotWrite(string what, Exception error) => new(what)
    {
        Details = [new("cause", error.Message)],
        Next = "check that the folder is writable and the disk is not full; only environment.json may be read-only",
    };

    private async Task<Outcome<MaterializedRevision>> BuildAsync(
        MaterializeRequest request, RevisionFolder folder, IProgress<PullProgress>? progress, CancellationToken cancellationToken)
    {
        using var copy = File.OpenHandle(folder.Bundle, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, FileOptions.Asynchronous);
        File.SetUnixFileMode(copy, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var started = time.GetTimestamp();
        var pulled = await puller.PullAsync(
            new PullRequest { Source = request.Source, Destination = copy, MaxBytes = request.MaxBundleBytes, Options = request.Pull },
            progress,
            cancellationToken);
        if (!pulled.TryGet(out var bundle, out var refusal))
        {
            return refusal;
        }

        var pulledAt = time.GetTimestamp();
        if (CheckPin(request, bundle) is { } mismatch)
        {
            return mismatch;
        }

        var verifiedAt = time.GetTimestamp();
        var unpacked = Unpack(request, folder, copy, bundle, cancellationToken);
        if (unpacked.IsOk && request.Durable)
        {
            FileSystemSync.Flush(copy);
        }

        return unpacked.Then<MaterializedRevision>(revision => revision with
        {
            Times = new(
                time.GetElapsedTime(started, pulledAt), time.GetElapsedTime(pulledAt, verifiedAt), time.GetElapsedTime(verifiedAt)),
        });
    }

    private static Refusal.DigestMismatch? CheckPin(MaterializeRequest request, PulledBundle bundle)
    {
        if (request.PinnedDigest is null || (Sha256Digest.TryParse(request.PinnedDigest, out var pinned) && pinned == bundle.Digest))
        {
            return null;
        }

        var want = request.PinnedDigest[(request.PinnedDigest.IndexOf(':', StringComparison.Ordinal) + 1)..];
        return new($"pulled bundle digest `{bundle.Digest.Hex}` does not match revision `{request.RevisionId}`'s pinned `{want}`; refusing to serve unpinned bytes")
        {
            Details =
            [
                new("expected", $"{request.PinnedDigest}   pinned when the revision was staged"),
                new("found", $"{bundle.Digest}   {bundle.Bytes:N0} bytes from {bundle.ResolvedSource}"),
            ],
            Next = $"gtc bundle verify {bundle.ResolvedSource} --digest {request.PinnedDigest}",
        };
    }

    private static Outcome<MaterializedRevision> Unpack(
        MaterializeRequest request, RevisionFolder folder, SafeFileHandle copy, PulledBundle bundle, CancellationToken cancellationToken)
    {
        if (!SquashFsExtractor.Extract(copy, bundle.Bytes, folder.Unpacked, request.Limits, cancellationToken, progress: null).TryGet(out var report, out var refusal)
            || !BundleManifest.ReadFrom(folder.Unpacked).TryGet(out var manifest, out refusal)
            || !PackScan.Run(folder.Unpacked, cancellationToken).TryGet(out var packs, out refusal))
        {
            return refusal;
        }

        var lockRef = RevisionFolder.LockRef(request.RevisionId);
        if (!string.IsNullOrEmpty(request.RecordedLockRef) && request.RecordedLockRef != lockRef)
        {
            return new Refusal.Conflict($"revision {request.RevisionId} records the lock `{request.RecordedLockRef}`, `{lockRef}` is where it is written");
        }

        var pins = PackListLock.Create(request.RevisionId.ToString(), RevisionFolder.UnpackedRef(request.RevisionId), packs);
        File.WriteAllBytes(Path.Combine(folder.New, PackListLock.FileName), pins.Write());
        var scope = new PackConfigScope(request.EnvId.ToString(), request.BundleId, [.. packs.Select(pack => pack.PackId)]);
        if (!PackConfigInput.ReadAll(folder.Unpacked, scope).TryGet(out var configs, out refusal))
        {
            return refusal;
        }

        var (refs, digest) = WriteConfigs(request, folder, configs);
        return new MaterializedRevision(
            request.RevisionId, bundle.ResolvedSource, bundle.Digest, bundle.Bytes, manifest, pins, refs, digest, report, default);
    }

    private static (ImmutableArray<string> Refs, Sha256Digest Digest) WriteConfigs(
        MaterializeRequest request, RevisionFolder folder, ImmutableArray<PackConfigInput> inputs)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var refs = ImmutableArray.CreateBuilder<string>(inputs.Length);
        foreach (var input in inputs)
        {
            var bytes = PackConfig.From(input, request.RevisionId.ToString()).Write();
            var target = Path.Combine(folder.New, "pack-configs");
            Directory.CreateDirectory(target);
            File.WriteAllBytes(Path.Combine(target, $"{input.PackId}.json"), bytes);
            refs.Add(RevisionFolder.ConfigRef(request.RevisionId, input.PackId));

            // One line a pack, as sha256sum would print it: the digest can be checked with common tools.
            hash.AppendData(Encoding.UTF8.GetBytes($"{Convert.ToHexStringLower(SHA256.HashData(bytes))}  {input.PackId}.json\n"));
        }

        return (refs.ToImmutable(), Sha256Digest.FromBytes(hash.GetHashAndReset()));
    }
}

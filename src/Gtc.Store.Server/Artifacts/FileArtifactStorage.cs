using System.Collections.Immutable;
using System.Security.Cryptography;
using Gtc.Model;

namespace Gtc.Store.Server;

/// <summary>
/// Artifacts as files below the server's folder: <c>.server/artifacts/sha256/HEX</c>, and <c>.server/artifacts/uploads/HEX.OWNER</c> for what is on
/// its way. One server has the folder at a time, so who holds an upload is known in its memory; <c>gtc store artifacts prune</c> may remove artifacts beside it.
/// </summary>
public sealed class FileArtifactStorage : IArtifactStorage
{
    private readonly string _whole;
    private readonly string _uploads;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Upload> _held = new(StringComparer.Ordinal);

    /// <summary>Takes a folder; nothing is made yet.</summary>
    /// <param name="folder">The server's folder.</param>
    /// <param name="time">Dates uploads.</param>
    public FileArtifactStorage(string folder, TimeProvider time)
    {
        var root = Path.Combine(Path.GetFullPath(folder), ".server", "artifacts");
        (_whole, _uploads, _time) = (Path.Combine(root, "sha256"), Path.Combine(root, "uploads"), time);
    }

    /// <inheritdoc/>
    public Task<Outcome<long?>> FindAsync(Sha256Digest artifact, CancellationToken cancellationToken)
    {
        var file = new FileInfo(Whole(artifact));
        return Task.FromResult<Outcome<long?>>(file.Exists ? file.Length : (long?)null);
    }

    /// <inheritdoc/>
    public Task<Outcome<ImmutableArray<StoredArtifact>>> ListAsync(Sha256Digest? after, int limit, CancellationToken cancellationToken) => Tried("artifacts could not be listed", () => Files(_whole)
        .Select(file => (File: file, Digest: Sha256Digest.TryParse(Sha256Digest.Prefix + file.Name, out var digest) ? digest : (Sha256Digest?)null))
        .Where(found => found.Digest is { } digest && found.File.Exists && (after is not { } last || string.CompareOrdinal(digest.Hex, last.Hex) > 0))
        .OrderBy(found => found.File.Name, StringComparer.Ordinal)
        .Take(limit)
        .Select(found => new StoredArtifact(found.Digest!.Value, found.File.Length, found.File.LastWriteTimeUtc))
        .ToImmutableArray());

    /// <inheritdoc/>
    public Task<Outcome<ArtifactUsage>> UsageAsync(CancellationToken cancellationToken) => Tried("artifacts could not be counted", () =>
    {
        var (count, bytes) = (0L, 0L);
        foreach (var file in Files(_whole).Where(file => file.Exists))
        {
            (count, bytes) = (count + 1, bytes + file.Length);
        }

        return new ArtifactUsage(count, bytes, Files(_uploads).Where(file => file.Exists).Sum(file => file.Length));
    });

    /// <inheritdoc/>
    public Task<Outcome<bool>> TouchAsync(Sha256Digest artifact, CancellationToken cancellationToken) => Tried($"{artifact} could not be touched", () => Stamp(Whole(artifact)));

    /// <summary>
    /// It is set aside before its time is looked at for good, while who touches it looks after that whether it still has its name: whichever process comes first, one of both sees the other,
    /// and what was touched is put back. What is aside when a process is killed goes as an upload that nobody goes on with.
    /// </summary>
    public Task<Outcome<bool>> RemoveAsync(Sha256Digest artifact, DateTimeOffset before, CancellationToken cancellationToken) => Tried($"{artifact} could not be removed", () =>
    {
        var file = new FileInfo(Whole(artifact));
        if (!file.Exists || file.LastWriteTimeUtc >= before.UtcDateTime)
        {
            return false;
        }

        var aside = new FileInfo(Path.Combine(Directory.CreateDirectory(_uploads).FullName, $"{artifact.Hex}.gone"));
        try
        {
            File.Move(file.FullName, aside.FullName, overwrite: true);
        }
        catch (FileNotFoundException)
        {
            // Another process removes it.
            return false;
        }

        if (aside.Exists && aside.LastWriteTimeUtc >= before.UtcDateTime)
        {
            File.Move(aside.FullName, file.FullName, overwrite: true);
            return false;
        }

        aside.Delete();
        return true;
    });

    /// <inheritdoc/>
    public Task<Outcome<Stream>> OpenAsync(Sha256Digest artifact, long offset, CancellationToken cancellationToken)
    {
        try
        {
            return Task.FromResult<Outcome<Stream>>(new FileStream(Whole(artifact), new FileStreamOptions { Options = FileOptions.SequentialScan, BufferSize = 0 }) { Position = offset });
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return Task.FromResult<Outcome<Stream>>(new Refusal.StoreFailed($"{artifact} could not be opened: {error.Message}"));
        }
    }

    /// <inheritdoc/>
    public Task<Outcome<long>> ReceivedAsync(UploadName upload, CancellationToken cancellationToken)
    {
        var file = new FileInfo(PathOf(upload));
        return Task.FromResult<Outcome<long>>(file.Exists ? file.Length : 0L);
    }

    /// <inheritdoc/>
    public Task<Outcome<IArtifactUpload>> ContinueAsync(UploadName upload, CancellationToken cancellationToken)
    {
        var path = PathOf(upload);
        lock (_gate)
        {
            if (_held.Remove(path, out var before))
            {
                before.End();
            }

            return Task.FromResult(PartialFile.Open(path, isAlone: false).Then<IArtifactUpload>(file => _held[path] = new Upload(this, file, path, Whole(upload.Artifact))));
        }
    }

    /// <inheritdoc/>
    public Task<Outcome<int>> CollectAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        return Tried("uploads could not be collected", () => Files(_uploads).Count(file =>
        {
            lock (_gate)
            {
                if (_held.ContainsKey(file.FullName) || file.LastWriteTimeUtc >= before.UtcDateTime)
                {
                    return false;
                }

                file.Delete();
                return true;
            }
        }));
    }

    /// <summary>Files of a folder; one that goes meanwhile does not exist, which is seen once and stays so for the rest of what is asked of it.</summary>
    private static IEnumerable<FileInfo> Files(string folder) => Directory.Exists(folder) ? new DirectoryInfo(folder).EnumerateFiles() : [];

    private static Task<Outcome<T>> Tried<T>(string what, Func<T> work)
    {
        try
        {
            return Task.FromResult<Outcome<T>>(work());
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return Task.FromResult<Outcome<T>>(new Refusal.StoreFailed($"{what}: {error.Message}"));
        }
    }

    /// <summary>Dates a file by the server's own clock, which is the one that ages are measured with.</summary>
    /// <returns>Whether it has its name after that.</returns>
    private bool Stamp(string path)
    {
        try
        {
            File.SetLastWriteTimeUtc(path, _time.GetUtcNow().UtcDateTime);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }

        return File.Exists(path);
    }

    private string Whole(Sha256Digest artifact) => Path.Combine(_whole, artifact.Hex);

    private string PathOf(UploadName upload) => Path.Combine(_uploads, $"{upload.Artifact.Hex}.{upload.Owner}");

    private void Release(Upload upload, string path)
    {
        lock (_gate)
        {
            if (_held.TryGetValue(path, out var holder) && holder == upload)
            {
                _held.Remove(path);
                Stamp(path);
            }
        }
    }

    private sealed class Upload(FileArtifactStorage storage, PartialFile file, string path, string whole) : IArtifactUpload
    {
        private readonly Lock _gate = new();
        private bool _isOver;

        public long Length => file.Length;

        public Task<Refusal?> AddToAsync(IncrementalHash hash, CancellationToken cancellationToken) => Task.FromResult(file.AddTo(hash));

        public Task<Refusal?> AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) => Held(() => file.Append(bytes.Span));

        public Task<Refusal?> RestartAsync(CancellationToken cancellationToken) => Held(file.Restart);

        public Task<Refusal?> PutInPlaceAsync(CancellationToken cancellationToken) => Held(() =>
        {
            var refusal = file.PutInPlace(whole);
            storage.Stamp(whole);
            return refusal;
        });

        public Task<Refusal?> DiscardAsync(CancellationToken cancellationToken) => Held(file.Discard);

        /// <summary>Another holds it from now on.</summary>
        public void End()
        {
            lock (_gate)
            {
                _isOver = true;
            }
        }

        public ValueTask DisposeAsync()
        {
            storage.Release(this, path);
            file.Dispose();
            return ValueTask.CompletedTask;
        }

        private Task<Refusal?> Held(Func<Refusal?> change)
        {
            lock (_gate)
            {
                return Task.FromResult(_isOver ? new Refusal.Conflict("another request goes on with this upload") : change());
            }
        }
    }
}

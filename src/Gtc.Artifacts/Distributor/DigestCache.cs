using System.Buffers;
using System.Security.Cryptography;
using Gtc.Artifacts.Sources;
using Gtc.Model;

namespace Gtc.Artifacts.Distributor;

/// <summary>
/// Digests of files, computed once for each state of a file and shared by everybody who asks meanwhile. Bounded: the digest that was not
/// asked for longest is forgotten first.
/// </summary>
internal sealed class DigestCache(int capacity, TimeProvider time) : IDisposable
{
    private const int BufferBytes = 256 * 1024;

    // Two writes within one tick of the file system's clock leave the same stamp, so a file that was just written is not remembered.
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly Dictionary<FileStamp, LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _byUse = new();
    private readonly SemaphoreSlim _hashing = new(Math.Max(1, Environment.ProcessorCount / 2));

    /// <summary>How many files were hashed so far.</summary>
    public int Computed { get; private set; }

    /// <summary>The digest of the file in the state in which it was opened; null when it is being written to.</summary>
    public async Task<Sha256Digest?> DigestAsync(RegularFile file, CancellationToken cancellationToken)
    {
        var own = new TaskCompletionSource<Sha256Digest?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var digest = FindOrAdd(file.Stamp, own.Task);
        if (digest != own.Task)
        {
            return await digest.WaitAsync(cancellationToken);
        }

        // Whoever begins a hash carries it to its end even if its own client leaves: others may wait for it.
        var isSettled = time.GetUtcNow() - DateTimeOffset.UnixEpoch - TimeSpan.FromMicroseconds(file.Stamp.Changed / 1000) > Settled;
        var computed = default(Sha256Digest?);
        try
        {
            computed = await HashAsync(file);
        }
        finally
        {
            if (computed is null || !isSettled)
            {
                Forget(file.Stamp);
            }

            own.SetResult(computed);
        }

        return computed;
    }

    public void Dispose() => _hashing.Dispose();

    private Task<Sha256Digest?> FindOrAdd(FileStamp stamp, Task<Sha256Digest?> own)
    {
        lock (_gate)
        {
            if (_entries.TryGetValue(stamp, out var node))
            {
                _byUse.Remove(node);
            }
            else
            {
                node = new LinkedListNode<Entry>(new Entry(stamp, own));
                _entries.Add(stamp, node);
                Computed++;
                if (_entries.Count > capacity)
                {
                    _entries.Remove(_byUse.Last!.Value.Stamp);
                    _byUse.RemoveLast();
                }
            }

            _byUse.AddFirst(node);
            return node.Value.Digest;
        }
    }

    private void Forget(FileStamp stamp)
    {
        lock (_gate)
        {
            if (_entries.Remove(stamp, out var node))
            {
                _byUse.Remove(node);
            }
        }
    }

    private async Task<Sha256Digest?> HashAsync(RegularFile file)
    {
        await _hashing.WaitAsync();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            var offset = 0L;
            while (await RandomAccess.ReadAsync(file.Handle, buffer, offset) is > 0 and var count)
            {
                hash.AppendData(buffer, 0, count);
                offset += count;
            }

            return offset == file.Stamp.Size && file.IsUnchanged ? Sha256Digest.FromBytes(hash.GetHashAndReset()) : null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            _hashing.Release();
        }
    }

    private sealed record Entry(FileStamp Stamp, Task<Sha256Digest?> Digest);
}

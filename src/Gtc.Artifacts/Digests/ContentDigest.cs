using System.Buffers;
using System.Security.Cryptography;
using Gtc.Model;

namespace Gtc.Artifacts.Digests;

/// <summary>SHA-256 of streams and files, in one pass and in constant memory.</summary>
public static class ContentDigest
{
    private const int BufferSize = 128 * 1024;

    /// <summary>Hashes bytes in memory.</summary>
    public static Sha256Digest Of(ReadOnlySpan<byte> content) => Sha256Digest.FromBytes(SHA256.HashData(content));

    /// <summary>Hashes a stream from its present position to its end; the stream stays open.</summary>
    public static async Task<Sha256Digest> OfAsync(Stream content, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(content);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            int read;
            while ((read = await content.ReadAsync(buffer, cancellationToken)) > 0)
            {
                hash.AppendData(buffer, 0, read);
            }

            return Sha256Digest.FromBytes(hash.GetHashAndReset());
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Hashes a file on the caller's thread: a local disk is read, there is nothing to wait for.</summary>
    /// <returns>The digest, or <see cref="Refusal.FileFailed"/> when the file cannot be read.</returns>
    public static Outcome<Sha256Digest> OfFile(string path, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            using var file = File.OpenHandle(path, options: FileOptions.SequentialScan);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            long offset = 0;
            int read;
            while ((read = RandomAccess.Read(file, buffer, offset)) > 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                hash.AppendData(buffer, 0, read);
                offset += read;
            }

            return Sha256Digest.FromBytes(hash.GetHashAndReset());
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new Refusal.FileFailed($"{path} cannot be read: {exception.Message}");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}

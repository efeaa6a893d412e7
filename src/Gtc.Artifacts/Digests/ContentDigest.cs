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

    /// <summary>Hashes a file.</summary>
    /// <returns>The digest, or <see cref="Refusal.FileFailed"/> when the file cannot be read.</returns>
    public static async Task<Outcome<Sha256Digest>> OfFileAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
            return await OfAsync(file, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new Refusal.FileFailed($"{path} cannot be read: {exception.Message}");
        }
    }
}

using Gtc.Artifacts.SquashFs.Reading;
using Gtc.Model;

namespace Gtc.Artifacts.SquashFs.Compression;

/// <summary>Decompresses one block at a time. Holds scratch state: one per thread.</summary>
internal abstract class BlockDecoder : IDisposable
{
    private const string Readable = "gzip, xz (needs liblzma) or zstd (needs libzstd)";

    /// <summary>Decompresses a whole stream.</summary>
    /// <param name="source">Holds the compressed block.</param>
    /// <param name="offset">Where the block starts in <paramref name="source"/>.</param>
    /// <param name="count">Compressed bytes.</param>
    /// <param name="destination">Receives the content.</param>
    /// <returns>Bytes produced.</returns>
    /// <exception cref="ImageFault">The stream is damaged, or yields more than the destination holds.</exception>
    public abstract int Decode(byte[] source, int offset, int count, Span<byte> destination);

    /// <summary>The decoder for a compressor.</summary>
    /// <exception cref="ImageFault">No such decoder exists here, or its library is not installed.</exception>
    public static BlockDecoder For(SquashFsCompressor compressor) => compressor switch
    {
        SquashFsCompressor.Gzip => new ZlibDecoder(),
        SquashFsCompressor.Xz => LzmaLibrary.IsPresent ? new XzDecoder() : throw LibraryMissing("xz", LzmaLibrary.Name, "liblzma5"),
        SquashFsCompressor.Zstd => ZstdLibrary.IsPresent ? new ZstdDecoder() : throw LibraryMissing("zstd", ZstdLibrary.Name, "libzstd1"),
        _ => throw ImageFault.Malformed(
            "its compressor is not supported", Readable, $"{compressor.ToString().ToLowerInvariant()} ({(int)compressor})"),
    };

    /// <inheritdoc/>
    public virtual void Dispose() => GC.SuppressFinalize(this);

    protected static ImageFault Damaged(string found) => ImageFault.Malformed("a compressed block is damaged", "a complete stream of its stated size", found);

    private static ImageFault LibraryMissing(string compressor, string library, string package) =>
        new(new Refusal.FileFailed($"the SquashFS image is compressed with {compressor}, and {library} is not installed")
        {
            Details = [new("expected", Readable), new("found", $"{compressor}, without {library}")],
            Next = $"apt-get install {package}",
        });
}

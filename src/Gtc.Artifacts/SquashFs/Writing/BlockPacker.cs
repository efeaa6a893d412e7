using System.IO.Compression;

namespace Gtc.Artifacts.SquashFs.Writing;

/// <summary>Compresses one block: always a fresh zlib at its highest level over the whole block, so that equal input gives equal output.</summary>
internal static class BlockPacker
{
    private static readonly ZLibCompressionOptions Strongest = new() { CompressionLevel = 9 };

    /// <summary>Compresses a block.</summary>
    /// <returns>Null when that does not make it smaller, and it should be stored as it is.</returns>
    public static byte[]? Pack(ReadOnlySpan<byte> content)
    {
        using var packed = new MemoryStream(content.Length);
        using (var zlib = new ZLibStream(packed, Strongest, leaveOpen: true))
        {
            zlib.Write(content);
        }

        return packed.Length < content.Length ? packed.ToArray() : null;
    }
}

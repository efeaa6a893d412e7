using System.IO.Compression;

namespace Gtc.Artifacts.SquashFs.Compression;

/// <summary>zlib streams, by the framework's own zlib.</summary>
internal sealed class ZlibDecoder : BlockDecoder
{
    public override int Decode(byte[] source, int offset, int count, Span<byte> destination)
    {
        using var packed = new MemoryStream(source, offset, count, writable: false);
        using var zlib = new ZLibStream(packed, CompressionMode.Decompress);
        try
        {
            var produced = zlib.ReadAtLeast(destination, destination.Length, throwOnEndOfStream: false);

            // One read more drives zlib to the checksum, and shows a stream that has not ended.
            return zlib.ReadByte() < 0 ? produced : throw Damaged($"more than {destination.Length} bytes");
        }
        catch (Exception fault) when (fault is InvalidDataException or IOException)
        {
            throw Damaged($"a broken zlib stream of {count} bytes");
        }
    }
}

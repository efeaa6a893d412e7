using System.Buffers.Binary;
using Gtc.Artifacts.Cbor;

namespace Gtc.Artifacts.Packs;

/// <summary>
/// Looks at the end of a ZIP file before the ZIP reader does, because that reader loads every entry of the central directory
/// whatever the record at the end promises. After this check the directory is known to be small, complete and last.
/// </summary>
internal static class ZipPreflight
{
    private const int EndLength = 22;
    private const int MaxComment = ushort.MaxValue;

    public static void Check(Stream zip, PackLimits limits)
    {
        if (zip.Length > limits.MaxFileBytes)
        {
            throw new MalformedDocumentException($"the archive has {zip.Length} bytes, at most {limits.MaxFileBytes} are accepted");
        }

        var tail = new byte[(int)Math.Min(zip.Length, EndLength + MaxComment)];
        zip.Position = zip.Length - tail.Length;
        zip.ReadExactly(tail);
        var at = tail.AsSpan().LastIndexOf("PK\u0005\u0006"u8);
        if (at < 0 || tail.Length - at < EndLength)
        {
            throw new MalformedDocumentException("it is not a ZIP archive (no end of central directory)");
        }

        var end = tail.AsSpan(at);
        var entries = BinaryPrimitives.ReadUInt16LittleEndian(end[10..]);
        var size = BinaryPrimitives.ReadUInt32LittleEndian(end[12..]);
        var offset = BinaryPrimitives.ReadUInt32LittleEndian(end[16..]);
        if (entries == ushort.MaxValue || size == uint.MaxValue || offset == uint.MaxValue)
        {
            throw new MalformedDocumentException("ZIP64 archives are not accepted");
        }

        if (entries > limits.MaxEntries)
        {
            throw new MalformedDocumentException($"the archive has {entries} members, at most {limits.MaxEntries} are accepted");
        }

        if (size > limits.MaxDirectoryBytes)
        {
            throw new MalformedDocumentException($"the archive's directory has {size} bytes, at most {limits.MaxDirectoryBytes} are accepted");
        }

        if (offset + (long)size != zip.Length - tail.Length + at)
        {
            throw new MalformedDocumentException("the archive's directory does not end where the archive says");
        }
    }
}

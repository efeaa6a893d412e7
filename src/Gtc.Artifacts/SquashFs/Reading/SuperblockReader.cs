using System.Buffers.Binary;
using System.Numerics;

namespace Gtc.Artifacts.SquashFs.Reading;

/// <summary>Reads and checks the superblock of SquashFS 4.0.</summary>
internal static class SuperblockReader
{
    public const int Bytes = 96;
    private const uint Magic = 0x73717368;
    private const int MinBlockSize = 4096;
    private const int MaxBlockSize = 1 << 20;

    public static (SquashFsSuperblock Superblock, TableLayout Layout) Read(ImageSource source)
    {
        if (source.Length < Bytes)
        {
            throw ImageFault.Malformed("it is too short", $"at least {Bytes} bytes", $"{source.Length} bytes");
        }

        Span<byte> raw = stackalloc byte[Bytes];
        source.Read(0, raw);
        Check(raw, source.Length);
        var seconds = BinaryPrimitives.ReadUInt32LittleEndian(raw[8..]);
        var superblock = new SquashFsSuperblock
        {
            Compressor = CompressorOf(BinaryPrimitives.ReadUInt16LittleEndian(raw[20..])),
            BlockSize = (int)BinaryPrimitives.ReadUInt32LittleEndian(raw[12..]),
            BytesUsed = (long)BinaryPrimitives.ReadUInt64LittleEndian(raw[40..]),
            InodeCount = BinaryPrimitives.ReadUInt32LittleEndian(raw[4..]),
            FragmentCount = BinaryPrimitives.ReadUInt32LittleEndian(raw[16..]),
            IdCount = BinaryPrimitives.ReadUInt16LittleEndian(raw[26..]),
            CreatedAt = DateTimeOffset.FromUnixTimeSeconds(seconds),
            Flags = BinaryPrimitives.ReadUInt16LittleEndian(raw[24..]),
            IsExportable = BinaryPrimitives.ReadUInt64LittleEndian(raw[88..]) != ulong.MaxValue,
        };
        return (superblock, TableLayout.Read(source, superblock, raw));
    }

    private static void Check(ReadOnlySpan<byte> raw, long length)
    {
        var magic = BinaryPrimitives.ReadUInt32LittleEndian(raw);
        if (magic != Magic)
        {
            throw ImageFault.Malformed("it is not a SquashFS image", "68737173 (\"hsqs\") at its start", Convert.ToHexStringLower(raw[..4]));
        }

        var major = BinaryPrimitives.ReadUInt16LittleEndian(raw[28..]);
        var minor = BinaryPrimitives.ReadUInt16LittleEndian(raw[30..]);
        if ((major, minor) != (4, 0))
        {
            throw ImageFault.Malformed("its version is not readable here", "4.0", $"{major}.{minor}");
        }

        var block = BinaryPrimitives.ReadUInt32LittleEndian(raw[12..]);
        var log = BinaryPrimitives.ReadUInt16LittleEndian(raw[22..]);
        if (!BitOperations.IsPow2(block) || block is < MinBlockSize or > MaxBlockSize || BitOperations.Log2(block) != log)
        {
            throw ImageFault.Malformed(
                "its block size is not valid", $"a power of two from {MinBlockSize} to {MaxBlockSize}", $"{block} (2^{log})");
        }

        var used = BinaryPrimitives.ReadUInt64LittleEndian(raw[40..]);
        if (used < Bytes || used > (ulong)length)
        {
            throw ImageFault.Malformed("its size does not fit the file", $"from {Bytes} to {length} bytes", $"{used} bytes");
        }
    }

    private static SquashFsCompressor CompressorOf(ushort id) => Enum.IsDefined((SquashFsCompressor)id)
        ? (SquashFsCompressor)id
        : throw ImageFault.Malformed("its compressor is unknown", "gzip (1), xz (4) or zstd (6)", $"compressor {id}");
}

using System.Buffers.Binary;

namespace Gtc.Artifacts.SquashFs.Reading;

/// <summary>Where the tables of an image lie. They stand in the one order the kernel accepts, so none overlaps another.</summary>
/// <param name="RootInode">Reference to the root directory's inode.</param>
/// <param name="InodeStart">First byte of the inode table, and end of the data blocks.</param>
/// <param name="DirectoryStart">First byte of the directory table, and end of the inode table.</param>
/// <param name="DirectoryEnd">First byte after the directory table.</param>
/// <param name="FragmentIndex">First byte of the list of fragment table blocks, and end of those blocks.</param>
internal sealed record TableLayout(ulong RootInode, long InodeStart, long DirectoryStart, long DirectoryEnd, long FragmentIndex)
{
    private const int EntriesPerFragmentBlock = 512;
    private const int IdsPerBlock = 2048;
    private const int InodesPerExportBlock = 1024;
    private const ulong Absent = ulong.MaxValue;

    public static TableLayout Read(ImageSource source, SquashFsSuperblock superblock, ReadOnlySpan<byte> raw)
    {
        var end = superblock.BytesUsed;
        var attributes = BinaryPrimitives.ReadUInt64LittleEndian(raw[56..]);
        if (attributes != Absent)
        {
            // A 16-byte header whose first word is where the attributes themselves begin.
            end = StartOf(source, "attribute", attributes, 16, end);
        }

        var ids = BinaryPrimitives.ReadUInt64LittleEndian(raw[48..]);
        end = StartOf(source, "owner", ids, PointerBytes(superblock.IdCount, IdsPerBlock), end);

        var export = BinaryPrimitives.ReadUInt64LittleEndian(raw[88..]);
        if (export != Absent)
        {
            end = StartOf(source, "export", export, PointerBytes(superblock.InodeCount, InodesPerExportBlock), end);
        }

        var fragments = BinaryPrimitives.ReadUInt64LittleEndian(raw[80..]);
        if (superblock.FragmentCount > 0)
        {
            end = StartOf(source, "fragment", fragments, PointerBytes(superblock.FragmentCount, EntriesPerFragmentBlock), end);
        }

        var directories = BinaryPrimitives.ReadUInt64LittleEndian(raw[72..]);
        var inodes = BinaryPrimitives.ReadUInt64LittleEndian(raw[64..]);
        if (directories > (ulong)end || inodes >= directories || inodes < SuperblockReader.Bytes)
        {
            throw Overlap("inode and directory", $"in order between {SuperblockReader.Bytes} and {end}", $"at {inodes} and {directories}");
        }

        var root = BinaryPrimitives.ReadUInt64LittleEndian(raw[32..]);
        return new(root, (long)inodes, (long)directories, end, superblock.FragmentCount > 0 ? (long)fragments : end);
    }

    private static long PointerBytes(long count, int perBlock) => (count + perBlock - 1) / perBlock * sizeof(ulong);

    // A table is a run of metadata blocks followed by a list of their positions; the superblock names the list.
    private static long StartOf(ImageSource source, string name, ulong list, long listBytes, long end)
    {
        if (list < SuperblockReader.Bytes || list > (ulong)end || listBytes > end - (long)list)
        {
            throw Overlap(name, $"{listBytes} bytes between {SuperblockReader.Bytes} and {end}", $"at {list}");
        }

        if (listBytes == 0)
        {
            return (long)list;
        }

        Span<byte> first = stackalloc byte[sizeof(ulong)];
        source.Read((long)list, first);
        var start = BinaryPrimitives.ReadUInt64LittleEndian(first);
        return start >= SuperblockReader.Bytes && start <= list
            ? (long)start
            : throw Overlap(name, $"a start between {SuperblockReader.Bytes} and {list}", $"{start}");
    }

    private static ImageFault Overlap(string name, string expected, string found) =>
        ImageFault.Malformed($"its {name} table overlaps another or lies outside", expected, found);
}

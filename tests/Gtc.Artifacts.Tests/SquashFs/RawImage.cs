using System.Text;

namespace Gtc.Artifacts.Tests.SquashFs;

/// <summary>One entry of a raw listing; nothing about it is checked.</summary>
internal readonly record struct RawEntry(byte[] Name, ulong Inode, int Type)
{
    public static RawEntry Of(string name, ulong inode, int type) => new(Encoding.UTF8.GetBytes(name), inode, type);
}

/// <summary>
/// Writes SquashFS structures as told, legal or not: gzip, 4 KiB blocks, all metadata uncompressed, every field in reach. Shares no
/// code with the writer under test.
/// </summary>
internal sealed class RawImage
{
    public const int BlockSize = 4096;
    public const uint NoFragment = uint.MaxValue;
    public const int SuperblockBytes = 96;
    private const int MetadataBytes = 8192;

    private readonly List<byte> _data = [];
    private readonly List<byte> _inodes = [];
    private readonly List<byte> _listings = [];
    private readonly List<byte> _fragments = [];
    private uint _count;

    /// <summary>The reference that the next inode will have.</summary>
    public ulong NextInode => Reference(_inodes.Count);

    /// <summary>Where the next data lands in the image.</summary>
    public uint NextData => (uint)(SuperblockBytes + _data.Count);

    /// <summary>Fields of the superblock that are not the truth, by offset.</summary>
    public Dictionary<int, byte[]> Lies { get; } = [];

    public uint Data(byte[] bytes)
    {
        var at = NextData;
        _data.AddRange(bytes);
        return at;
    }

    public uint Fragment(ulong start, uint size)
    {
        _fragments.AddRange([.. U64(start), .. U32(size), .. U32(0)]);
        return (uint)(_fragments.Count / 16) - 1;
    }

    /// <summary>A small file, stored as one uncompressed block.</summary>
    public ulong File(string content, int mode = 0b110_100_100)
    {
        var bytes = Encoding.UTF8.GetBytes(content);
        return File(Data(bytes), (uint)bytes.Length, NoFragment, 0, [(uint)bytes.Length | (1 << 24)], mode);
    }

    public ulong File(uint start, uint size, uint fragment, uint offset, uint[] blocks, int mode = 0b110_100_100) =>
        Inode(2, mode, [.. U32(start), .. U32(fragment), .. U32(offset), .. U32(size), .. blocks.SelectMany(U32)]);

    public ulong ExtendedFile(ulong start, ulong size, uint fragment, uint offset, uint[] blocks) =>
        Inode(9, 0b110_100_100, [.. U64(start), .. U64(size), .. U64(0), .. U32(1), .. U32(fragment), .. U32(offset), .. U32(uint.MaxValue), .. blocks.SelectMany(U32)]);

    public ulong Link(string target, int type = 3)
    {
        var bytes = Encoding.UTF8.GetBytes(target);
        return Inode(type, 0b111_111_111, [.. U32(1), .. U32((uint)bytes.Length), .. bytes, .. type == 10 ? U32(uint.MaxValue) : []]);
    }

    public ulong Special(int type) => Inode(type, 0b110_100_100, [.. U32(1), .. U32(0x0103), .. U32(uint.MaxValue)]);

    public ulong Directory(params RawEntry[] entries) => Directory(8, entries);

    public ulong Directory(int type, params RawEntry[] entries)
    {
        var start = _listings.Count;
        foreach (var part in entries.GroupBy(entry => entry.Inode >> 16).SelectMany(group => group.Chunk(256)))
        {
            Header((uint)part.Length - 1, (uint)(part[0].Inode >> 16));
            Array.ForEach(part, Entry);
        }

        return Directory(type, start, (uint)(_listings.Count - start));
    }

    /// <summary>A directory inode over listing bytes that may say anything.</summary>
    public ulong Directory(int type, int listing, uint bytes)
    {
        var reference = Reference(listing);
        var (block, offset) = (U32((uint)(reference >> 16)), U16((int)(reference & 0xFFFF)));
        return type == 1
            ? Inode(1, 0b111_101_101, [.. block, .. U32(2), .. U16((int)bytes + 3), .. offset, .. U32(1)])
            : Inode(8, 0b111_101_101, [.. U32(2), .. U32(bytes + 3), .. block, .. U32(1), .. U16(0), .. offset, .. U32(uint.MaxValue)]);
    }

    public int Header(uint countLessOne, uint block)
    {
        var at = _listings.Count;
        _listings.AddRange([.. U32(countLessOne), .. U32(block), .. U32(1)]);
        return at;
    }

    public void Entry(RawEntry entry) =>
        _listings.AddRange([.. U16((int)(entry.Inode & 0xFFFF)), .. U16(0), .. U16(entry.Type), .. U16(entry.Name.Length - 1), .. entry.Name]);

    public ulong Inode(int type, int mode, byte[] rest)
    {
        var reference = NextInode;
        _inodes.AddRange([.. U16(type), .. U16(mode), .. U32(0), .. U32(0), .. U32(++_count), .. rest]);
        return reference;
    }

    public byte[] Build(ulong root)
    {
        var image = new List<byte>(new byte[SuperblockBytes]);
        image.AddRange(_data);
        var inodes = image.Count;
        image.AddRange(Blocks(_inodes));
        var listings = image.Count;
        image.AddRange(Blocks(_listings));
        var fragments = Indexed(image, _fragments);
        var ids = Indexed(image, [0, 0, 0, 0]);
        byte[] superblock =
        [
            .. "hsqs"u8, .. U32(_count), .. U32(0), .. U32(BlockSize), .. U32((uint)_fragments.Count / 16), .. U16(1), .. U16(12), .. U16(0x200),
            .. U16(1), .. U16(4), .. U16(0), .. U64(root), .. U64((ulong)image.Count), .. U64((ulong)ids), .. U64(ulong.MaxValue),
            .. U64((ulong)inodes), .. U64((ulong)listings), .. U64((ulong)fragments), .. U64(ulong.MaxValue),
        ];
        byte[] built = [.. superblock, .. image[SuperblockBytes..]];
        foreach (var (offset, bytes) in Lies)
        {
            bytes.CopyTo(built, offset);
        }

        return built;
    }

    public static byte[] U16(int value) => BitConverter.GetBytes((ushort)value);

    public static byte[] U32(uint value) => BitConverter.GetBytes(value);

    public static byte[] U64(ulong value) => BitConverter.GetBytes(value);

    private static ulong Reference(int at) => ((ulong)(at / MetadataBytes * (MetadataBytes + 2)) << 16) | (uint)(at % MetadataBytes);

    private static IEnumerable<byte> Blocks(List<byte> table) =>
        table.Chunk(MetadataBytes).SelectMany(block => (byte[])[.. U16(0x8000 | block.Length), .. block]);

    private static int Indexed(List<byte> image, List<byte> table)
    {
        var starts = Enumerable.Range(0, (table.Count + MetadataBytes - 1) / MetadataBytes)
            .SelectMany(index => U64((ulong)(image.Count + (index * (MetadataBytes + 2))))).ToList();
        image.AddRange(Blocks(table));
        var index = image.Count;
        image.AddRange(starts);
        return index;
    }
}

using System.Buffers.Binary;

namespace Gtc.Artifacts.SquashFs.Reading;

/// <summary>Where a fragment block lies in the image.</summary>
/// <param name="Position">First byte.</param>
/// <param name="Size">Size as stored: bytes, and a bit for "not compressed".</param>
internal sealed record Fragment(long Position, StoredSize Size);

/// <summary>Looks fragments up one by one; what the superblock claims about their number is never allocated.</summary>
internal sealed class FragmentTable(ImageSource source, MetadataReader metadata, SquashFsSuperblock superblock, TableLayout layout, WorkBudget budget)
{
    private const int EntryBytes = 16;
    private const int EntriesPerBlock = MetadataReader.BlockBytes / EntryBytes;

    private readonly Dictionary<uint, Fragment> _known = [];

    public Fragment this[uint index] => _known.TryGetValue(index, out var known) ? known : _known[index] = Read(index);

    private Fragment Read(uint index)
    {
        if (index >= superblock.FragmentCount)
        {
            throw ImageFault.Malformed("a file names a fragment that does not exist", $"below {superblock.FragmentCount}", $"{index}");
        }

        Span<byte> pointer = stackalloc byte[sizeof(ulong)];
        source.Read(layout.FragmentIndex + (index / EntriesPerBlock * sizeof(ulong)), pointer);
        var block = BinaryPrimitives.ReadUInt64LittleEndian(pointer);
        if (block < (ulong)layout.DirectoryEnd || block >= (ulong)layout.FragmentIndex)
        {
            throw ImageFault.Malformed(
                "its fragment table overlaps another or lies outside", $"{layout.DirectoryEnd} to {layout.FragmentIndex}", $"{block}");
        }

        var cursor = metadata.Open((long)block, (int)(index % EntriesPerBlock) * EntryBytes, layout.FragmentIndex);
        var position = cursor.ReadUInt64();
        var size = StoredSize.Checked(cursor.ReadUInt32(), superblock.BlockSize);
        if (size.Bytes == 0 || position < SuperblockReader.Bytes || position > (ulong)Math.Max(0, layout.InodeStart - size.Bytes))
        {
            throw ImageFault.Malformed(
                "a fragment lies outside the data", $"inside {SuperblockReader.Bytes} to {layout.InodeStart}", $"{size.Bytes} bytes at {position}");
        }

        budget.Charge(superblock.BlockSize);
        return new((long)position, size);
    }
}

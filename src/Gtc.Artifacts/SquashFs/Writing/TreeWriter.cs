using System.Buffers.Binary;
using System.Text;

namespace Gtc.Artifacts.SquashFs.Writing;

/// <summary>Writes inodes and directory listings, children before their folder, because a listing names the places of its inodes.</summary>
internal sealed class TreeWriter
{
    private const ushort DirectoryType = 1;
    private const ushort FileType = 2;
    private const ushort SymlinkType = 3;
    private const ushort ExtendedDirectoryType = 8;
    private const ushort ExtendedFileType = 9;
    private const uint NoAttributes = uint.MaxValue;
    private const int MaxEntriesPerHeader = 256;
    private const int ImplicitListingBytes = 3;

    private readonly byte[] _scratch = new byte[64];
    private int _filled;

    public MetadataWriter Inodes { get; } = new();

    public MetadataWriter Listings { get; } = new();

    /// <summary>Number of inodes.</summary>
    public uint Count { get; private set; }

    /// <summary>Writes the tree below the root, and the root.</summary>
    public void Write(WriterNode root)
    {
        Number(root);
        WriteFolder(root, Count + 1);
    }

    private void Number(WriterNode node)
    {
        node.Number = ++Count;
        foreach (var child in node.Children)
        {
            Number(child);
        }
    }

    private void WriteFolder(WriterNode folder, uint parent)
    {
        foreach (var child in folder.Children)
        {
            switch (child.Kind)
            {
                case SquashFsEntryKind.Directory:
                    WriteFolder(child, folder.Number);
                    break;
                case SquashFsEntryKind.File:
                    WriteFile(child, child.Stored!);
                    break;
                default:
                    WriteLink(child, Encoding.UTF8.GetBytes(child.Member!.LinkTarget!));
                    break;
            }
        }

        var listing = Listings.Reference;
        var bytes = WriteListing([.. folder.Children]);
        WriteFolderInode(folder, parent, listing, bytes + ImplicitListingBytes);
    }

    private void WriteFolderInode(WriterNode folder, uint parent, ulong listing, long size)
    {
        var links = 2 + (uint)folder.Children.Count(child => child.Kind == SquashFsEntryKind.Directory);
        var start = checked((uint)(listing >> 16));
        var offset = (ushort)listing;
        if (size <= ushort.MaxValue)
        {
            Begin(folder, DirectoryType);
            Add(start);
            Add(links);
            Add((ushort)size);
            Add(offset);
            Add(parent);
        }
        else
        {
            Begin(folder, ExtendedDirectoryType);
            Add(links);
            Add(checked((uint)size));
            Add(start);
            Add(parent);
            Add((ushort)0); // no look-up index
            Add(offset);
            Add(NoAttributes);
        }

        End(Inodes);
    }

    private void WriteFile(WriterNode node, StoredFile file)
    {
        if (file.Start <= uint.MaxValue && file.Size <= uint.MaxValue)
        {
            Begin(node, FileType);
            Add((uint)file.Start);
            Add(file.Fragment);
            Add(file.FragmentOffset);
            Add((uint)file.Size);
        }
        else
        {
            Begin(node, ExtendedFileType);
            Add((ulong)file.Start);
            Add((ulong)file.Size);
            Add(0UL); // bytes saved by sparse blocks
            Add(1U); // links
            Add(file.Fragment);
            Add(file.FragmentOffset);
            Add(NoAttributes);
        }

        End(Inodes);
        foreach (var size in file.Blocks)
        {
            Add(size);
            End(Inodes);
        }
    }

    private void WriteLink(WriterNode node, byte[] target)
    {
        Begin(node, SymlinkType);
        Add(1U); // links
        Add((uint)target.Length);
        End(Inodes);
        Inodes.Write(target);
    }

    private long WriteListing(WriterNode[] children)
    {
        var bytes = 0L;
        for (var first = 0; first < children.Length;)
        {
            var count = CountUnderOneHeader(children, first);
            Add((uint)count - 1);
            Add(checked((uint)(children[first].Inode >> 16)));
            Add(children[first].Number);
            bytes += End(Listings);
            foreach (var child in children.AsSpan(first, count))
            {
                Add((ushort)child.Inode);
                Add((ushort)(child.Number - children[first].Number));
                Add(EntryType(child.Kind));
                Add((ushort)(child.Name.Length - 1));
                bytes += End(Listings) + child.Name.Length;
                Listings.Write(child.Name);
            }

            first += count;
        }

        return bytes;
    }

    // The entries of a header share a metadata block of inodes, and count their inode numbers from the first in 15 bits.
    private static int CountUnderOneHeader(WriterNode[] children, int first)
    {
        var next = first + 1;
        while (next < children.Length && next - first < MaxEntriesPerHeader
            && children[next].Inode >> 16 == children[first].Inode >> 16
            && children[next].Number - children[first].Number <= short.MaxValue)
        {
            next++;
        }

        return next - first;
    }

    private static ushort EntryType(SquashFsEntryKind kind) => kind switch
    {
        SquashFsEntryKind.Directory => DirectoryType,
        SquashFsEntryKind.File => FileType,
        _ => SymlinkType,
    };

    private void Begin(WriterNode node, ushort type)
    {
        node.Inode = Inodes.Reference;
        Add(type);
        Add((ushort)node.Mode);
        Add(0U); // owner and group: the first id, which is root
        Add(0U); // modified 1970-01-01
        Add(node.Number);
    }

    private void Add(ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(_scratch.AsSpan(_filled), value);
        _filled += sizeof(ushort);
    }

    private void Add(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_scratch.AsSpan(_filled), value);
        _filled += sizeof(uint);
    }

    private void Add(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_scratch.AsSpan(_filled), value);
        _filled += sizeof(ulong);
    }

    private int End(MetadataWriter table)
    {
        var count = _filled;
        table.Write(_scratch.AsSpan(0, count));
        _filled = 0;
        return count;
    }
}

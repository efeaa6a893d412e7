using System.Buffers.Binary;
using System.Numerics;
using Gtc.Artifacts.SquashFs.Reading;
using Gtc.Artifacts.SquashFs.Writing;

namespace Gtc.Artifacts.SquashFs;

/// <summary>
/// Writes SquashFS 4.0 images: gzip, 128 KiB blocks, everything owned by root at 1970-01-01, padded to 4 KiB. The same members give
/// the same bytes, whatever their order, the clock, the umask or the number of cores (with one version of the framework's zlib).
/// </summary>
public static class SquashFsWriter
{
    private const uint Magic = 0x73717368;
    private const ushort NoAttributesFlag = 0x0200;
    private const int Padding = 4096;

    /// <summary>Writes an image. File content is streamed; only tables are held in memory.</summary>
    /// <param name="output">A seekable stream; the image starts at its position, and it ends after the image.</param>
    /// <param name="members">The entries, in any order. Folders that are only part of a path are made with mode 0755.</param>
    /// <exception cref="ArgumentException">The stream cannot seek; a path is not plain, claimed twice or lies below a file; a link leaves the image.</exception>
    public static void Write(Stream output, IReadOnlyList<SquashFsMember> members)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(members);
        if (!output.CanSeek)
        {
            throw new ArgumentException("The superblock is written last, at the start: the stream must be seekable.", nameof(output));
        }

        var root = WriterNode.Tree(members);
        var origin = output.Position;
        Span<byte> superblock = stackalloc byte[SuperblockReader.Bytes];
        superblock.Clear();
        output.Write(superblock);

        var pipeline = new BlockPipeline(output, SuperblockReader.Bytes);
        var content = new ContentWriter(pipeline);
        content.Write(root);
        content.Complete();
        var tree = new TreeWriter();
        tree.Write(root);

        var inodes = pipeline.Position;
        var listings = inodes + tree.Inodes.CopyTo(output);
        var fragments = WriteIndexed(output, content.FragmentTable(), listings + tree.Listings.CopyTo(output));
        var ids = WriteIndexed(output, OneOwner(), fragments.End);

        BinaryPrimitives.WriteUInt32LittleEndian(superblock, Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(superblock[4..], tree.Count);
        BinaryPrimitives.WriteUInt32LittleEndian(superblock[12..], BlockPipeline.BlockBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(superblock[16..], content.FragmentCount);
        BinaryPrimitives.WriteUInt16LittleEndian(superblock[20..], (ushort)SquashFsCompressor.Gzip);
        BinaryPrimitives.WriteUInt16LittleEndian(superblock[22..], (ushort)BitOperations.Log2((uint)BlockPipeline.BlockBytes));
        BinaryPrimitives.WriteUInt16LittleEndian(superblock[24..], NoAttributesFlag);
        BinaryPrimitives.WriteUInt16LittleEndian(superblock[26..], 1); // owners
        BinaryPrimitives.WriteUInt16LittleEndian(superblock[28..], 4); // version 4.0
        BinaryPrimitives.WriteUInt64LittleEndian(superblock[32..], root.Inode);
        BinaryPrimitives.WriteInt64LittleEndian(superblock[40..], ids.End);
        BinaryPrimitives.WriteInt64LittleEndian(superblock[48..], ids.Index);
        BinaryPrimitives.WriteInt64LittleEndian(superblock[56..], -1); // no attributes
        BinaryPrimitives.WriteInt64LittleEndian(superblock[64..], inodes);
        BinaryPrimitives.WriteInt64LittleEndian(superblock[72..], listings);
        BinaryPrimitives.WriteInt64LittleEndian(superblock[80..], fragments.Index);
        BinaryPrimitives.WriteInt64LittleEndian(superblock[88..], -1); // no export table
        Finish(output, origin, ids.End, superblock);
    }

    private static MetadataWriter OneOwner()
    {
        var owners = new MetadataWriter();
        owners.Write(new byte[sizeof(uint)]);
        return owners;
    }

    // A table that is looked up by index: its blocks, then the list of their positions.
    private static (long Index, long End) WriteIndexed(Stream output, MetadataWriter table, long position)
    {
        var index = position + table.CopyTo(output);
        Span<byte> pointer = stackalloc byte[sizeof(long)];
        foreach (var start in table.BlockStarts)
        {
            BinaryPrimitives.WriteInt64LittleEndian(pointer, position + start);
            output.Write(pointer);
        }

        return (index, index + (table.BlockStarts.Count * sizeof(long)));
    }

    private static void Finish(Stream output, long origin, long used, ReadOnlySpan<byte> superblock)
    {
        var padded = (used + Padding - 1) / Padding * Padding;
        output.Write(new byte[padded - used]);
        output.Position = origin;
        output.Write(superblock);
        output.Position = origin + padded;
    }
}

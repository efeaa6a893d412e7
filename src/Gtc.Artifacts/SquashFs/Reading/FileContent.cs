using System.Buffers.Binary;

namespace Gtc.Artifacts.SquashFs.Reading;

/// <summary>Where the bytes of a file are: whole blocks one after another, then perhaps a tail in a fragment.</summary>
/// <param name="Start">First byte of the first block in the image.</param>
/// <param name="Size">Bytes of the file.</param>
/// <param name="Blocks">Stored sizes of the blocks, in order.</param>
/// <param name="Fragment">The fragment with the tail, or null.</param>
/// <param name="TailOffset">Where the tail starts in the decompressed fragment.</param>
/// <param name="TailSize">Bytes of the tail.</param>
internal sealed record FileContent(long Start, long Size, StoredSize[] Blocks, Fragment? Fragment, int TailOffset, int TailSize)
{
    private const int SizesPerRead = 1024;

    /// <summary>Reads the block list of a file whose size was found acceptable.</summary>
    public static FileContent Read(Inode file, int blockSize, TableLayout layout, FragmentTable fragments)
    {
        // A fragment that holds nothing of the file is what some writers record for empty files: it need not exist.
        var tail = file.Fragment == Inode.NoFragment ? 0 : (int)(file.Size % blockSize);
        var count = file.Fragment == Inode.NoFragment ? ((file.Size - 1) / blockSize) + 1 : file.Size / blockSize;
        var blocks = ReadSizes(file.Rest!, file.Size == 0 ? 0 : count);
        CheckBlocks(file, blocks, blockSize, layout);
        if (tail == 0)
        {
            return new(file.Size == 0 ? 0 : (long)file.Start, file.Size, blocks, null, 0, 0);
        }

        return file.Offset + (long)tail <= blockSize
            ? new((long)file.Start, file.Size, blocks, fragments[file.Fragment], (int)file.Offset, tail)
            : throw ImageFault.Malformed("a file's tail leaves its fragment", $"inside {blockSize} bytes", $"{tail} bytes at {file.Offset}");
    }

    /// <summary>Splits the blocks into runs that are read and written at once; zeros are left out.</summary>
    /// <param name="blockSize">Bytes per block.</param>
    /// <param name="runBytes">Most bytes of content per run, at least one block.</param>
    public IEnumerable<BlockRun> Runs(int blockSize, int runBytes)
    {
        var position = Start;
        var perRun = Math.Max(1, runBytes / blockSize);
        for (var first = 0; first < Blocks.Length;)
        {
            var next = first;
            var packed = 0;
            while (next < Blocks.Length && next - first < perRun && !Blocks[next].IsSparse)
            {
                packed += Blocks[next++].Bytes;
            }

            if (next == first)
            {
                first++;
                continue;
            }

            var offset = (long)first * blockSize;
            yield return new(first, next - first, position, packed, offset, (int)Math.Min(Size - offset, (long)(next - first) * blockSize));
            position += packed;
            first = next;
        }
    }

    // Grows with what is really there: the size of a file is only a claim until its block list has been read.
    private static StoredSize[] ReadSizes(MetadataCursor cursor, long count)
    {
        if (count == 0)
        {
            return [];
        }

        var sizes = new List<StoredSize>((int)Math.Min(count, SizesPerRead));
        Span<byte> raw = stackalloc byte[sizeof(uint) * SizesPerRead];
        while (count > 0)
        {
            var part = raw[..(sizeof(uint) * (int)Math.Min(count, SizesPerRead))];
            cursor.Read(part);
            for (var at = 0; at < part.Length; at += sizeof(uint))
            {
                sizes.Add(new(BinaryPrimitives.ReadUInt32LittleEndian(part[at..])));
            }

            count -= part.Length / sizeof(uint);
        }

        return [.. sizes];
    }

    private static void CheckBlocks(Inode file, StoredSize[] blocks, int blockSize, TableLayout layout)
    {
        var total = 0L;
        for (var index = 0; index < blocks.Length; index++)
        {
            var size = StoredSize.Checked(blocks[index].Word, blockSize);
            var content = Math.Min(blockSize, file.Size - ((long)index * blockSize));
            if (size is { IsStored: true, IsSparse: false } && size.Bytes != content)
            {
                throw ImageFault.Malformed("a stored data block has a bad size", $"{content} bytes", $"{size.Bytes} bytes");
            }

            total += size.Bytes;
        }

        if (total > 0 && (file.Start < SuperblockReader.Bytes || file.Start > (ulong)Math.Max(0, layout.InodeStart - total)))
        {
            throw ImageFault.Malformed(
                "a file's blocks lie outside the data", $"inside {SuperblockReader.Bytes} to {layout.InodeStart}", $"{total} bytes at {file.Start}");
        }
    }
}

/// <summary>Consecutive blocks of a file, none of them zeros only.</summary>
/// <param name="First">Index of the first block.</param>
/// <param name="Count">Number of blocks.</param>
/// <param name="Position">Where they start in the image.</param>
/// <param name="PackedBytes">Bytes they take in the image.</param>
/// <param name="Offset">Where they start in the file.</param>
/// <param name="Bytes">Bytes of content.</param>
internal readonly record struct BlockRun(int First, int Count, long Position, int PackedBytes, long Offset, int Bytes);

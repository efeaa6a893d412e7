using System.Buffers.Binary;
using Gtc.Artifacts.SquashFs.Compression;

namespace Gtc.Artifacts.SquashFs.Reading;

/// <summary>A decompressed metadata block and the position of the block after it.</summary>
internal sealed record MetadataBlock(byte[] Content, long Next);

/// <summary>Reads metadata blocks (at most 8 KiB each) and keeps the latest, at most 4 MiB, because inodes are visited out of order.</summary>
internal sealed class MetadataReader(ImageSource source, BlockDecoder decoder, WorkBudget budget)
{
    public const int BlockBytes = 8192;
    private const int MaxKept = 512;
    private const int HeaderBytes = 2;
    private const int StoredBit = 0x8000;

    private readonly Dictionary<long, MetadataBlock> _kept = [];
    private readonly Queue<long> _oldestFirst = [];
    private readonly byte[] _packed = new byte[HeaderBytes + BlockBytes];
    private readonly byte[] _content = new byte[BlockBytes];

    /// <summary>A cursor on a byte of a metadata block.</summary>
    /// <param name="position">Where the block starts in the image.</param>
    /// <param name="offset">The byte within its decompressed content.</param>
    /// <param name="end">First byte after the table that the block belongs to.</param>
    public MetadataCursor Open(long position, int offset, long end)
    {
        var block = Load(position, end);
        return offset <= block.Content.Length
            ? new MetadataCursor(this, block, offset, end)
            : throw ImageFault.Malformed("a reference points past a metadata block", $"at most {block.Content.Length}", $"{offset}");
    }

    public MetadataBlock Load(long position, long end)
    {
        if (_kept.TryGetValue(position, out var known) && known.Next <= end)
        {
            return known;
        }

        var block = Read(position, end);
        if (_oldestFirst.Count == MaxKept)
        {
            _kept.Remove(_oldestFirst.Dequeue());
        }

        _kept.Add(position, block);
        _oldestFirst.Enqueue(position);
        return block;
    }

    private MetadataBlock Read(long position, long end)
    {
        if (position < SuperblockReader.Bytes || position > end - HeaderBytes)
        {
            throw ImageFault.Malformed("a metadata block lies outside its table", $"before {end}", $"at {position}");
        }

        budget.Charge(BlockBytes);
        var available = (int)Math.Min(_packed.Length, end - position);
        source.Read(position, _packed.AsSpan(0, available));
        var header = BinaryPrimitives.ReadUInt16LittleEndian(_packed);
        var stored = (header & StoredBit) != 0;
        var size = header & ~StoredBit;
        if (size is 0 or > BlockBytes || size > available - HeaderBytes)
        {
            throw ImageFault.Malformed("a metadata block has a bad size", $"1 to {Math.Min(BlockBytes, available - HeaderBytes)} bytes", $"{size} bytes");
        }

        if (stored)
        {
            return new(_packed.AsSpan(HeaderBytes, size).ToArray(), position + HeaderBytes + size);
        }

        var length = decoder.Decode(_packed, HeaderBytes, size, _content);
        return length > 0
            ? new(_content.AsSpan(0, length).ToArray(), position + HeaderBytes + size)
            : throw ImageFault.Malformed("a metadata block is empty", $"1 to {BlockBytes} bytes", "0 bytes");
    }
}

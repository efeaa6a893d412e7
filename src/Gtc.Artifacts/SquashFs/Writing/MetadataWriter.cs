using System.Buffers;
using System.Buffers.Binary;

namespace Gtc.Artifacts.SquashFs.Writing;

/// <summary>Collects a table in memory as metadata blocks of 8 KiB, each compressed when that makes it smaller.</summary>
internal sealed class MetadataWriter
{
    private const int BlockBytes = 8192;
    private const int StoredBit = 0x8000;

    private readonly ArrayBufferWriter<byte> _blocks = new();
    private readonly byte[] _block = new byte[BlockBytes];
    private int _used;

    /// <summary>Where the next byte goes: block position in the table (upper 48 bits), offset in the block (lower 16).</summary>
    public ulong Reference => ((ulong)_blocks.WrittenCount << 16) | (uint)_used;

    /// <summary>Positions of the blocks closed so far, counted from the start of the table.</summary>
    public List<long> BlockStarts { get; } = [];

    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var count = Math.Min(bytes.Length, BlockBytes - _used);
            bytes[..count].CopyTo(_block.AsSpan(_used));
            bytes = bytes[count..];
            _used += count;
            if (_used == BlockBytes)
            {
                CloseBlock();
            }
        }
    }

    /// <summary>Closes the table and writes it.</summary>
    /// <returns>Bytes written.</returns>
    public long CopyTo(Stream output)
    {
        if (_used > 0)
        {
            CloseBlock();
        }

        output.Write(_blocks.WrittenSpan);
        return _blocks.WrittenCount;
    }

    private void CloseBlock()
    {
        var content = _block.AsSpan(0, _used);
        var packed = BlockPacker.Pack(content);
        BlockStarts.Add(_blocks.WrittenCount);
        Span<byte> header = stackalloc byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16LittleEndian(header, (ushort)(packed?.Length ?? (StoredBit | _used)));
        _blocks.Write(header);
        _blocks.Write(packed ?? content);
        _used = 0;
    }
}

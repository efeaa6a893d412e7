using System.Buffers.Binary;

namespace Gtc.Artifacts.SquashFs.Reading;

/// <summary>Reads forward through the metadata blocks of one table.</summary>
internal sealed class MetadataCursor(MetadataReader reader, MetadataBlock block, int offset, long end)
{
    private MetadataBlock _block = block;
    private int _offset = offset;

    public void Read(Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            if (_offset == _block.Content.Length)
            {
                _block = reader.Load(_block.Next, end);
                _offset = 0;
            }

            var count = Math.Min(destination.Length, _block.Content.Length - _offset);
            _block.Content.AsSpan(_offset, count).CopyTo(destination);
            _offset += count;
            destination = destination[count..];
        }
    }

    public ushort ReadUInt16()
    {
        Span<byte> bytes = stackalloc byte[sizeof(ushort)];
        Read(bytes);
        return BinaryPrimitives.ReadUInt16LittleEndian(bytes);
    }

    public uint ReadUInt32()
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        Read(bytes);
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }

    public ulong ReadUInt64()
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        Read(bytes);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }
}

namespace Gtc.Artifacts.SquashFs.Writing;

/// <summary>Compresses data blocks on all cores, a batch at a time, and writes them in the order they came: the output does not depend on the cores.</summary>
internal sealed class BlockPipeline(Stream output, long position)
{
    public const int BlockBytes = 128 << 10;
    private const int Batch = 16;
    private const uint StoredBit = 1 << 24;

    private readonly Slot[] _slots = new Slot[Batch];
    private int _filled;

    /// <summary>Where the next block goes, counted from the start of the image.</summary>
    public long Position { get; private set; } = position;

    /// <summary>Takes a copy of a block.</summary>
    /// <param name="content">1 to 128 KiB.</param>
    /// <param name="written">Told the block's position and its size as stored, when it has been written.</param>
    public void Add(ReadOnlySpan<byte> content, Action<long, uint> written)
    {
        var slot = _slots[_filled] ??= new Slot();
        content.CopyTo(slot.Content);
        slot.Length = content.Length;
        slot.Written = written;
        if (++_filled == Batch)
        {
            Flush();
        }
    }

    /// <summary>Writes what is waiting.</summary>
    public void Flush()
    {
        Parallel.For(0, _filled, index => _slots[index].Pack());
        foreach (var slot in _slots.AsSpan(0, _filled))
        {
            var bytes = slot.Result;
            output.Write(bytes);
            slot.Written?.Invoke(Position, (uint)bytes.Length | (slot.IsPacked ? 0 : StoredBit));
            Position += bytes.Length;
        }

        _filled = 0;
    }

    private sealed class Slot
    {
        private byte[]? _packed;

        public byte[] Content { get; } = new byte[BlockBytes];

        public int Length { get; set; }

        public Action<long, uint>? Written { get; set; }

        public bool IsPacked => _packed is not null;

        public ReadOnlySpan<byte> Result => _packed is null ? Content.AsSpan(0, Length) : _packed;

        public void Pack() => _packed = BlockPacker.Pack(Content.AsSpan(0, Length));
    }
}

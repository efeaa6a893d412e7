namespace Gtc.Wasm;

/// <summary>The labels of a br_table, the default one last.</summary>
internal readonly ref struct BranchTargets
{
    private readonly ReadOnlySpan<byte> _bytes;
    private readonly int _start;

    public BranchTargets(ReadOnlySpan<byte> bytes, int start, int count)
    {
        _bytes = bytes;
        _start = start;
        Count = count;
    }

    /// <summary>How many labels there are, with the default one.</summary>
    public int Count { get; }

    public Enumerator GetEnumerator() => new(_bytes, _start, Count);

    /// <summary>The labels as an array.</summary>
    public uint[] ToArray()
    {
        var labels = new uint[Count];
        var place = 0;
        foreach (var label in this)
        {
            labels[place++] = label;
        }

        return labels;
    }

    public ref struct Enumerator(ReadOnlySpan<byte> bytes, int start, int count)
    {
        private ByteReader _reader = new(bytes, start, bytes.Length);
        private int _left = count;

        public uint Current { get; private set; }

        public bool MoveNext()
        {
            if (_left == 0)
            {
                return false;
            }

            _left--;
            Current = _reader.U32();
            return true;
        }
    }
}

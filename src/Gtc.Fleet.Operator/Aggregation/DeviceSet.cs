using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gtc.Fleet.Operator;

/// <summary>How two sets are put together.</summary>
internal enum SetAlgebra
{
    And,
    Or,
    AndNot,
}

/// <summary>
/// A set of device indexes in blocks of 65,536: few of a block lie in a sorted array of two bytes each, many in a bitmap of 8 KiB.
/// A set of k devices therefore costs about 2 k bytes, and never more than one bit per device of the fleet.
/// </summary>
internal sealed class DeviceSet
{
    private const int Shift = 16;
    private const int Words = 1 << (Shift - 6);
    private const int MaxSparse = 4096;

    private Block[] _blocks = [];

    /// <summary>How many are in it.</summary>
    public int Count { get; private set; }

    /// <summary>The bytes of memory that it holds, objects included.</summary>
    public long Bytes => 40 + _blocks.Sum(block => 24L + (block.Sparse is { } sparse ? 24 + (2 * sparse.Length) : 24 + (8 * Words)));

    /// <summary>Adds one; false when it was in.</summary>
    public bool Add(int device)
    {
        ref var block = ref BlockOf(device >> Shift);
        if (!block.Add((ushort)device))
        {
            return false;
        }

        Count++;
        return true;
    }

    /// <summary>Takes one out; false when it was not in.</summary>
    public bool Remove(int device)
    {
        var at = IndexOf(device >> Shift);
        if (at < 0 || !_blocks[at].Remove((ushort)device))
        {
            return false;
        }

        if (_blocks[at].Count == 0)
        {
            _blocks = [.. _blocks[..at], .. _blocks[(at + 1)..]];
        }

        Count--;
        return true;
    }

    /// <summary>Whether one is in.</summary>
    public bool Contains(int device) => IndexOf(device >> Shift) is >= 0 and var at && _blocks[at].Contains((ushort)device);

    /// <summary>The first one at or after an index, or -1.</summary>
    public int FirstFrom(int device)
    {
        var high = device >> Shift;
        var at = IndexOf(high);
        for (at = at < 0 ? ~at : at; at < _blocks.Length; at++)
        {
            var low = _blocks[at].High == high ? device & 0xffff : 0;
            if (_blocks[at].FirstFrom(low) is >= 0 and var found)
            {
                return (_blocks[at].High << Shift) | found;
            }
        }

        return -1;
    }

    /// <summary>What two sets make together.</summary>
    public static DeviceSet Combine(DeviceSet left, DeviceSet right, SetAlgebra algebra)
    {
        var result = new DeviceSet();
        var blocks = new List<Block>();
        Span<ulong> mine = stackalloc ulong[Words];
        Span<ulong> theirs = stackalloc ulong[Words];
        foreach (var high in left._blocks.Select(block => block.High).Union(right._blocks.Select(block => block.High)).Order())
        {
            left.Fill(high, mine);
            right.Fill(high, theirs);
            Combine(mine, theirs, algebra);
            if (Block.Of(high, mine) is { Count: > 0 } block)
            {
                blocks.Add(block);
                result.Count += block.Count;
            }
        }

        result._blocks = [.. blocks];
        return result;
    }

    /// <summary>All of it, in order. The set must not change meanwhile.</summary>
    public IEnumerable<int> All()
    {
        for (var device = FirstFrom(0); device >= 0; device = FirstFrom(device + 1))
        {
            yield return device;
        }
    }

    private static void Combine(Span<ulong> mine, Span<ulong> theirs, SetAlgebra algebra)
    {
        for (var word = 0; word < Words; word++)
        {
            mine[word] = algebra switch
            {
                SetAlgebra.And => mine[word] & theirs[word],
                SetAlgebra.Or => mine[word] | theirs[word],
                _ => mine[word] & ~theirs[word],
            };
        }
    }

    private void Fill(int high, Span<ulong> words)
    {
        words.Clear();
        if (IndexOf(high) is >= 0 and var at)
        {
            _blocks[at].Fill(words);
        }
    }

    private ref Block BlockOf(int high)
    {
        var at = IndexOf(high);
        if (at < 0)
        {
            at = ~at;
            _blocks = [.. _blocks[..at], new Block { High = high, Sparse = new ushort[4] }, .. _blocks[at..]];
        }

        return ref _blocks[at];
    }

    private int IndexOf(int high)
    {
        // In a fleet of one device after the other every block is there, at its own place.
        if (high < _blocks.Length && _blocks[high].High == high)
        {
            return high;
        }

        var (low, top) = (0, _blocks.Length - 1);
        while (low <= top)
        {
            var middle = (low + top) >> 1;
            var found = _blocks[middle].High;
            if (found == high)
            {
                return middle;
            }

            (low, top) = found < high ? (middle + 1, top) : (low, middle - 1);
        }

        return ~low;
    }

    /// <summary>The part of a set that shares its upper bits: exactly one of the two arrays is there.</summary>
    private struct Block
    {
        public int High;
        public int Count;
        public ushort[]? Sparse;
        private ulong[]? _dense;

        public static Block Of(int high, ReadOnlySpan<ulong> words)
        {
            var block = new Block { High = high };
            foreach (var word in words)
            {
                block.Count += BitOperations.PopCount(word);
            }

            if (block.Count > MaxSparse)
            {
                block._dense = words.ToArray();
                return block;
            }

            block.Sparse = new ushort[block.Count];
            var next = 0;
            for (var word = 0; word < Words; word++)
            {
                for (var bits = words[word]; bits != 0; bits &= bits - 1)
                {
                    block.Sparse[next++] = (ushort)((word << 6) | BitOperations.TrailingZeroCount(bits));
                }
            }

            return block;
        }

        public bool Add(ushort low)
        {
            if (_dense is { } dense)
            {
                ref var word = ref dense[low >> 6];
                var before = word;
                word |= 1UL << (low & 63);
                Count += word == before ? 0 : 1;
                return word != before;
            }

            var at = Count > 0 && Sparse![Count - 1] < low ? ~Count : Array.BinarySearch(Sparse!, 0, Count, low);
            if (at >= 0)
            {
                return false;
            }

            if (Count == MaxSparse)
            {
                var words = new ulong[Words];
                Fill(words);
                (_dense, Sparse) = (words, null);
                return Add(low);
            }

            Insert(~at, low);
            return true;
        }

        public bool Remove(ushort low)
        {
            if (_dense is { } dense)
            {
                ref var word = ref dense[low >> 6];
                var before = word;
                word &= ~(1UL << (low & 63));
                if (word == before)
                {
                    return false;
                }

                Count--;
                if (Count <= MaxSparse / 2)
                {
                    this = Of(High, dense);
                }

                return true;
            }

            var at = Array.BinarySearch(Sparse!, 0, Count, low);
            if (at < 0)
            {
                return false;
            }

            Array.Copy(Sparse!, at + 1, Sparse!, at, Count - at - 1);
            Count--;
            return true;
        }

        public readonly bool Contains(ushort low) =>
            _dense is { } dense ? (dense[low >> 6] & (1UL << (low & 63))) != 0 : Array.BinarySearch(Sparse!, 0, Count, low) >= 0;

        public readonly int FirstFrom(int low)
        {
            if (_dense is { } dense)
            {
                for (var word = low >> 6; word < Words; word++)
                {
                    var bits = word == low >> 6 ? dense[word] & (ulong.MaxValue << (low & 63)) : dense[word];
                    if (bits != 0)
                    {
                        return (word << 6) | BitOperations.TrailingZeroCount(bits);
                    }
                }

                return -1;
            }

            var at = Array.BinarySearch(Sparse!, 0, Count, (ushort)low);
            at = at < 0 ? ~at : at;
            return at < Count ? Sparse![at] : -1;
        }

        public readonly void Fill(Span<ulong> words)
        {
            if (_dense is { } dense)
            {
                dense.CopyTo(words);
                return;
            }

            foreach (var low in Sparse.AsSpan(0, Count))
            {
                words[low >> 6] |= 1UL << (low & 63);
            }
        }

        private void Insert(int at, ushort low)
        {
            if (Count == Sparse!.Length)
            {
                Array.Resize(ref Sparse, Math.Min(MaxSparse, Count + Math.Max(4, Count / 2)));
            }

            Array.Copy(Sparse, at, Sparse, at + 1, Count - at);
            Sparse[at] = low;
            Count++;
        }
    }
}

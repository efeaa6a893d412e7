using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Gtc.Fleet.Operator;

/// <summary>
/// Gives UTF-8 names dense indexes. The bytes lie one after the other in one array and the hash table holds four bytes per slot, so that a million names
/// cost little more than their text. Indexes of removed names are given out again.
/// </summary>
internal sealed class NameTable
{
    public const int MaxLength = 255;

    private const int FirstArena = 1024;
    private byte[] _arena = new byte[FirstArena];
    private int _end;
    private int _garbage;
    private int[] _offsets = new int[16];
    private readonly Stack<int> _free = new();
    private int[] _slots = new int[32];
    private int _next;

    /// <summary>How many names there are.</summary>
    public int Count { get; private set; }

    /// <summary>All indexes are below this.</summary>
    public int Limit => _next;

    /// <summary>The bytes of memory that this table holds.</summary>
    public long Bytes => _arena.LongLength + (4L * _offsets.Length) + (4L * _slots.Length);

    /// <summary>The index of a name, or -1.</summary>
    public int Find(ReadOnlySpan<byte> name)
    {
        for (var slot = Home(name); ; slot = Next(slot))
        {
            var entry = _slots[slot];
            if (entry == 0)
            {
                return -1;
            }

            if (At(entry - 1).SequenceEqual(name))
            {
                return entry - 1;
            }
        }
    }

    /// <summary>The index of a name, which is given one when it has none.</summary>
    public int Add(ReadOnlySpan<byte> name)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(name.Length, MaxLength);
        if (Find(name) is >= 0 and var found)
        {
            return found;
        }

        if ((Count + 1) * 10L > _slots.Length * 7L)
        {
            Rehash(_slots.Length * 3 / 2);
        }

        var index = _free.Count > 0 ? _free.Pop() : _next++;
        if (index >= _offsets.Length)
        {
            Array.Resize(ref _offsets, Grown(_offsets.Length));
        }

        _offsets[index] = -1;
        Store(index, name);
        Insert(index);
        Count++;
        return index;
    }

    /// <summary>Forgets a name; its index may be given to another.</summary>
    public void Remove(int index)
    {
        var slot = Home(At(index));
        while (_slots[slot] != index + 1)
        {
            slot = Next(slot);
        }

        Close(slot);
        _garbage += 1 + _arena[_offsets[index]];
        _offsets[index] = -1;
        _free.Push(index);
        Count--;
    }

    /// <summary>Whether an index is in use.</summary>
    public bool Has(int index) => index < _next && _offsets[index] >= 0;

    /// <summary>The bytes of a name, until the next change of this table.</summary>
    public ReadOnlySpan<byte> At(int index)
    {
        var offset = _offsets[index];
        return _arena.AsSpan(offset + 1, _arena[offset]);
    }

    /// <summary>The name.</summary>
    public string Text(int index) => System.Text.Encoding.UTF8.GetString(At(index));

    /// <summary>Gives a name the index that it had when the table was saved; the indexes between stay free until <see cref="Restored"/>.</summary>
    public void Restore(int index, ReadOnlySpan<byte> name)
    {
        while (_offsets.Length <= index)
        {
            Array.Resize(ref _offsets, Grown(_offsets.Length));
        }

        for (; _next <= index; _next++)
        {
            _offsets[_next] = -1;
        }

        if ((Count + 1) * 10L > _slots.Length * 7L)
        {
            Rehash(_slots.Length * 2);
        }

        Store(index, name);
        Insert(index);
        Count++;
    }

    /// <summary>Ends a restore: indexes without a name can be given out.</summary>
    public void Restored()
    {
        for (var index = _next - 1; index >= 0; index--)
        {
            if (_offsets[index] < 0)
            {
                _free.Push(index);
            }
        }
    }

    private static int Grown(int length) => length + Math.Max(16, length / 4);

    private void Store(int index, ReadOnlySpan<byte> name)
    {
        if (_end + name.Length + 1 > _arena.Length)
        {
            Compact(name.Length + 1);
        }

        _offsets[index] = _end;
        _arena[_end] = (byte)name.Length;
        name.CopyTo(_arena.AsSpan(_end + 1));
        _end += name.Length + 1;
    }

    private void Compact(int more)
    {
        var arena = new byte[Grown(_end - _garbage + more)];
        var end = 0;
        for (var index = 0; index < _next; index++)
        {
            var offset = _offsets[index];
            if (offset < 0)
            {
                continue;
            }

            var length = _arena[offset] + 1;
            _arena.AsSpan(offset, length).CopyTo(arena.AsSpan(end));
            _offsets[index] = end;
            end += length;
        }

        _arena = arena;
        _end = end;
        _garbage = 0;
    }

    private void Insert(int index)
    {
        var slot = Home(At(index));
        while (_slots[slot] != 0)
        {
            slot = Next(slot);
        }

        _slots[slot] = index + 1;
    }

    private void Rehash(int size)
    {
        var old = _slots;
        _slots = new int[size];
        foreach (var entry in old)
        {
            if (entry != 0)
            {
                Insert(entry - 1);
            }
        }
    }

    /// <summary>Empties a slot and moves what a look-up would no longer reach (Knuth's algorithm R).</summary>
    private void Close(int hole)
    {
        for (var slot = Next(hole); _slots[slot] != 0; slot = Next(slot))
        {
            var home = Home(At(_slots[slot] - 1));
            var isReachable = hole <= slot ? hole < home && home <= slot : hole < home || home <= slot;
            if (!isReachable)
            {
                _slots[hole] = _slots[slot];
                hole = slot;
            }
        }

        _slots[hole] = 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Next(int slot) => slot + 1 == _slots.Length ? 0 : slot + 1;

    /// <summary>Eight bytes at a time: names are short, and this is most of what finding one costs.</summary>
    private int Home(ReadOnlySpan<byte> name)
    {
        var hash = 0x9e3779b97f4a7c15UL ^ (ulong)name.Length;
        for (; name.Length >= 8; name = name[8..])
        {
            hash = Fold(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(name));
        }

        var rest = 0UL;
        foreach (var one in name)
        {
            rest = (rest << 8) | one;
        }

        return (int)(((Fold(hash ^ rest) >> 32) * (ulong)_slots.Length) >> 32);
    }

    private static ulong Fold(ulong value)
    {
        var high = Math.BigMul(value, 0xd6e8feb86659fd93, out var low);
        return high ^ low;
    }
}

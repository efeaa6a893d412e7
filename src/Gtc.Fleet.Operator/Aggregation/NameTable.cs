using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Gtc.Fleet.Operator;

/// <summary>
/// Gives UTF-8 names dense indexes. The bytes lie one after the other in one array, each name behind its index, and a slot of the hash table holds the
/// name's hash and where it lies: finding one among a million touches two places of memory, the slot and the name. Indexes of removed names are given out again.
/// </summary>
internal sealed class NameTable
{
    public const int MaxLength = 255;

    private const int FirstArena = 1024;
    private const int IndexBytes = 4;
    private const int HeadBytes = IndexBytes + 1;
    private byte[] _arena = new byte[FirstArena];
    private int _end;
    private int _garbage;
    private int[] _offsets = new int[16];
    private readonly Stack<int> _free = new();
    private ulong[] _slots = new ulong[32];
    private int _next;

    /// <summary>How many names there are.</summary>
    public int Count { get; private set; }

    /// <summary>All indexes are below this.</summary>
    public int Limit => _next;

    /// <summary>The bytes of memory that this table holds.</summary>
    public long Bytes => _arena.LongLength + (4L * _offsets.Length) + (8L * _slots.Length);

    /// <summary>The index of a name, or -1.</summary>
    public int Find(ReadOnlySpan<byte> name)
    {
        var hash = Hash(name);
        for (var slot = Home(hash); ; slot = Next(slot))
        {
            var entry = _slots[slot];
            if (entry == 0)
            {
                return -1;
            }

            if ((uint)(entry >> 32) == hash && NameAt(OffsetOf(entry)).SequenceEqual(name))
            {
                return IndexAt(OffsetOf(entry));
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
        Insert(EntryOf(index));
        Count++;
        return index;
    }

    /// <summary>Forgets a name; its index may be given to another.</summary>
    public void Remove(int index)
    {
        var entry = EntryOf(index);
        var slot = Home((uint)(entry >> 32));
        while (_slots[slot] != entry)
        {
            slot = Next(slot);
        }

        Close(slot);
        _garbage += HeadBytes + NameAt(_offsets[index]).Length;
        _offsets[index] = -1;
        _free.Push(index);
        Count--;
    }

    /// <summary>Whether an index is in use.</summary>
    public bool Has(int index) => index < _next && _offsets[index] >= 0;

    /// <summary>The bytes of a name, until the next change of this table.</summary>
    public ReadOnlySpan<byte> At(int index) => NameAt(_offsets[index]);

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
        Insert(EntryOf(index));
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
        if (_end + name.Length + HeadBytes > _arena.Length)
        {
            Compact(name.Length + HeadBytes);
        }

        _offsets[index] = _end;
        BinaryPrimitives.WriteInt32LittleEndian(_arena.AsSpan(_end), index);
        _arena[_end + IndexBytes] = (byte)name.Length;
        name.CopyTo(_arena.AsSpan(_end + HeadBytes));
        _end += name.Length + HeadBytes;
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

            var length = NameAt(offset).Length + HeadBytes;
            _arena.AsSpan(offset, length).CopyTo(arena.AsSpan(end));
            _offsets[index] = end;
            end += length;
        }

        // The offsets are the new ones by now, the indexes still in the old array.
        for (var slot = 0; slot < _slots.Length; slot++)
        {
            if (_slots[slot] is > 0 and var entry)
            {
                _slots[slot] = Entry((uint)(entry >> 32), _offsets[IndexAt(OffsetOf(entry))]);
            }
        }

        _arena = arena;
        _end = end;
        _garbage = 0;
    }

    private static ulong Entry(uint hash, int offset) => ((ulong)hash << 32) | (uint)(offset + 1);

    private static int OffsetOf(ulong entry) => (int)(uint)entry - 1;

    private ulong EntryOf(int index) => Entry(Hash(At(index)), _offsets[index]);

    private int IndexAt(int offset) => BinaryPrimitives.ReadInt32LittleEndian(_arena.AsSpan(offset));

    private ReadOnlySpan<byte> NameAt(int offset) => _arena.AsSpan(offset + HeadBytes, _arena[offset + IndexBytes]);

    private void Insert(ulong entry)
    {
        var slot = Home((uint)(entry >> 32));
        while (_slots[slot] != 0)
        {
            slot = Next(slot);
        }

        _slots[slot] = entry;
    }

    private void Rehash(int size)
    {
        var old = _slots;
        _slots = new ulong[size];
        foreach (var entry in old)
        {
            if (entry != 0)
            {
                Insert(entry);
            }
        }
    }

    /// <summary>Empties a slot and moves what a look-up would no longer reach (Knuth's algorithm R).</summary>
    private void Close(int hole)
    {
        for (var slot = Next(hole); _slots[slot] != 0; slot = Next(slot))
        {
            var home = Home((uint)(_slots[slot] >> 32));
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Home(uint hash) => (int)(((ulong)hash * (ulong)_slots.Length) >> 32);

    /// <summary>Eight bytes at a time: names are short.</summary>
    private static uint Hash(ReadOnlySpan<byte> name)
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

        return (uint)(Fold(hash ^ rest) >> 32);
    }

    private static ulong Fold(ulong value)
    {
        var high = Math.BigMul(value, 0xd6e8feb86659fd93, out var low);
        return high ^ low;
    }
}

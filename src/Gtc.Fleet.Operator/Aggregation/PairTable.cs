using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Gtc.Fleet.Operator;

/// <summary>
/// All (device, deployment) rows in one open-addressed table of 16 bytes per slot, filled between 60 % and 80 %: at most 27 bytes per pair.
/// Which pages of slots changed since they were last taken is remembered, so that a checkpoint writes only those.
/// </summary>
internal sealed class PairTable
{
    /// <summary>Slots of a page.</summary>
    public const int PageSlots = 4096;

    private Slot[] _slots;
    private ulong[] _dirty;

    public PairTable()
        : this(1)
    {
    }

    /// <summary>Makes a table of a size that it had before, so that its rows come to the pages that they were in.</summary>
    public PairTable(int pages)
    {
        _slots = new Slot[pages * PageSlots];
        _dirty = new ulong[(pages / 64) + 1];
    }

    /// <summary>How many rows there are.</summary>
    public int Count { get; private set; }

    /// <summary>How many slots there are; changes when the table grows, which makes all pages new.</summary>
    public int Slots => _slots.Length;

    /// <summary>How many pages there are; the last may be shorter.</summary>
    public int Pages => ((_slots.Length - 1) / PageSlots) + 1;

    /// <summary>The bytes of memory that it holds.</summary>
    public long Bytes => 16L * _slots.Length;

    /// <summary>The row of a pair; blank when there is none.</summary>
    public PairRow this[int device, int deployment]
    {
        get
        {
            var key = Key(device, deployment);
            for (var slot = Home(key); ; slot = Next(slot))
            {
                ref var entry = ref _slots[slot];
                if (entry.Key == key)
                {
                    return entry.Row;
                }

                if (entry.Key == 0)
                {
                    return default;
                }
            }
        }
    }

    /// <summary>Replaces the row of a pair; a blank row takes it out.</summary>
    public void Set(int device, int deployment, PairRow row)
    {
        var key = Key(device, deployment);
        var slot = Home(key);
        while (_slots[slot].Key != key && _slots[slot].Key != 0)
        {
            slot = Next(slot);
        }

        if (_slots[slot].Key == key)
        {
            if (row.IsBlank)
            {
                Close(slot);
            }
            else
            {
                _slots[slot].Row = row;
                Mark(slot);
            }

            return;
        }

        if (!row.IsBlank)
        {
            Insert(slot, key, row);
        }
    }

    /// <summary>The page of a row that is there.</summary>
    public int PageOf(int device, int deployment)
    {
        var key = Key(device, deployment);
        var slot = Home(key);
        while (_slots[slot].Key != key)
        {
            slot = Next(slot);
        }

        return slot / PageSlots;
    }

    /// <summary>Visits every row, in no order. The table must not change meanwhile.</summary>
    public IEnumerable<(int Device, int Deployment, PairRow Row)> All()
    {
        foreach (var slot in _slots)
        {
            if (slot.Key != 0)
            {
                yield return (DeviceOf(slot.Key), DeploymentOf(slot.Key), slot.Row);
            }
        }
    }

    /// <summary>The rows of a page, for a checkpoint or an audit.</summary>
    public IEnumerable<(int Device, int Deployment, PairRow Row)> Page(int page)
    {
        var end = Math.Min(_slots.Length, (page + 1) * PageSlots);
        for (var slot = page * PageSlots; slot < end; slot++)
        {
            if (_slots[slot].Key != 0)
            {
                yield return (DeviceOf(_slots[slot].Key), DeploymentOf(_slots[slot].Key), _slots[slot].Row);
            }
        }
    }

    /// <summary>Says which pages changed since the last call, and begins anew.</summary>
    public List<int> TakeDirty()
    {
        var pages = new List<int>();
        for (var page = 0; page < Pages; page++)
        {
            if ((_dirty[page >> 6] & (1UL << (page & 63))) != 0)
            {
                pages.Add(page);
            }
        }

        Array.Clear(_dirty);
        return pages;
    }

    /// <summary>Pages that could not be stored are changed ones again.</summary>
    public void MarkPages(IEnumerable<int> pages)
    {
        foreach (var page in pages.Where(page => page < Pages))
        {
            _dirty[page >> 6] |= 1UL << (page & 63);
        }
    }

    private static ulong Key(int device, int deployment) => ((ulong)(uint)(device + 1) << 32) | (uint)deployment;

    private static int DeviceOf(ulong key) => (int)(key >> 32) - 1;

    private static int DeploymentOf(ulong key) => (int)(uint)key;

    private void Insert(int slot, ulong key, PairRow row)
    {
        if ((Count + 1) * 10L > _slots.Length * 8L)
        {
            Grow();
            slot = Home(key);
            while (_slots[slot].Key != 0)
            {
                slot = Next(slot);
            }
        }

        _slots[slot] = new Slot { Key = key, Row = row };
        Mark(slot);
        Count++;
    }

    private void Grow()
    {
        var old = _slots;
        var pages = (old.Length / PageSlots) + Math.Max(1, old.Length / PageSlots / 4);
        _slots = new Slot[pages * PageSlots];
        _dirty = new ulong[(pages / 64) + 1];
        foreach (var entry in old)
        {
            if (entry.Key == 0)
            {
                continue;
            }

            var slot = Home(entry.Key);
            while (_slots[slot].Key != 0)
            {
                slot = Next(slot);
            }

            _slots[slot] = entry;
        }

        Array.Fill(_dirty, ulong.MaxValue);
    }

    /// <summary>Empties a slot and moves what a look-up would no longer reach (Knuth's algorithm R).</summary>
    private void Close(int hole)
    {
        for (var slot = Next(hole); _slots[slot].Key != 0; slot = Next(slot))
        {
            var home = Home(_slots[slot].Key);
            var isReachable = hole <= slot ? hole < home && home <= slot : hole < home || home <= slot;
            if (!isReachable)
            {
                _slots[hole] = _slots[slot];
                Mark(hole);
                hole = slot;
            }
        }

        _slots[hole] = default;
        Mark(hole);
        Count--;
        Debug.Assert(Count >= 0, "a row is taken out once");
    }

    private void Mark(int slot)
    {
        var page = slot / PageSlots;
        _dirty[page >> 6] |= 1UL << (page & 63);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Next(int slot) => slot + 1 == _slots.Length ? 0 : slot + 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Home(ulong key)
    {
        var hash = key * 0x9e3779b97f4a7c15;
        hash ^= hash >> 32;
        hash *= 0xd6e8feb86659fd93;
        return (int)(((hash >> 32) * (ulong)_slots.Length) >> 32);
    }

    private struct Slot
    {
        public ulong Key;
        public PairRow Row;
    }
}

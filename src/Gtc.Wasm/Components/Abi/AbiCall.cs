using System.Runtime.CompilerServices;

namespace Gtc.Wasm.Components;

/// <summary>
/// One side of calls through one canonical function: the guest's memory, its string encoding, its handles. A component instance is never entered
/// twice at a time, so one object serves all calls through that function, one after the other.
/// </summary>
internal sealed class AbiCall(ComponentInstanceState instance, StringEncoding encoding, IGuestMemory? memory)
{
    private List<uint>? _lent;
    private ulong _lifted;
    private ulong _liftedBytes;

    public ComponentInstanceState Instance { get; } = instance;

    public StringEncoding Encoding { get; } = encoding;

    /// <summary>The guest's memory. Checking proves that a function whose values need it has one.</summary>
    public IGuestMemory Memory => memory ?? NoMemory.Instance;

    /// <summary>Handles lent to the callee in this call and not given back yet.</summary>
    public int Borrowed { get; set; }

    public static void CheckRange(uint address, uint alignment, ulong bytes, uint memoryBytes)
    {
        if ((address & (alignment - 1)) != 0)
        {
            throw ComponentTraps.Make($"the address 0x{address:X} is not aligned to {alignment}");
        }

        if (address + bytes > memoryBytes)
        {
            throw ComponentTraps.Make($"{bytes} bytes at 0x{address:X} are outside of the guest's memory of {memoryBytes} bytes");
        }
    }

    /// <summary>Makes room in the guest's memory.</summary>
    public uint Allocate(uint alignment, ulong bytes)
    {
        if (bytes > ComponentLimits.ValueBytes)
        {
            throw ComponentTraps.Make($"a value of {bytes} bytes; at most {ComponentLimits.ValueBytes} can cross");
        }

        var address = Memory.Reallocate(0, 0, alignment, (uint)bytes);
        CheckRange(address, alignment, bytes, (uint)Memory.Bytes.Length);
        return address;
    }

    /// <summary>
    /// Bytes of a list with this many elements, after a check that the host is not made to hold far more than the guest does:
    /// every element becomes an object of its own, except those of byte lists.
    /// </summary>
    public ulong ListBytes(uint length, uint elementSize, bool asObjects)
    {
        var bytes = (ulong)length * elementSize;
        if (bytes > ComponentLimits.ValueBytes)
        {
            throw ComponentTraps.Make($"a list of {bytes} bytes; at most {ComponentLimits.ValueBytes} can cross");
        }

        _lifted += asObjects ? length : 0;
        return _lifted <= ComponentLimits.LiftedItems
            ? bytes
            : throw ComponentTraps.Make($"lists of more than {ComponentLimits.LiftedItems} elements in one call");
    }

    /// <summary>Counts the bytes of a string or a byte list that the host is made to hold: many of them may lie in the same place of the guest's memory.</summary>
    public void CountBytes(ulong bytes)
    {
        _liftedBytes += bytes;
        if (_liftedBytes > ComponentLimits.ValueBytes)
        {
            throw ComponentTraps.Make($"strings and byte lists of more than {ComponentLimits.ValueBytes} bytes in one call");
        }
    }

    /// <summary>Keeps a handle from being dropped until this call is over.</summary>
    public void Lend(uint handle) => (_lent ??= []).Add(handle);

    /// <summary>The call is over: what the guest lent is its own again.</summary>
    public void EndLending()
    {
        (_lifted, _liftedBytes) = (0, 0);
        if (_lent is not { Count: > 0 })
        {
            return;
        }

        foreach (var handle in _lent)
        {
            Instance.Handles.Return(handle);
        }

        _lent.Clear();
    }

    private sealed class NoMemory : IGuestMemory
    {
        public static readonly NoMemory Instance = new();

        public Span<byte> Bytes => default;

        public uint Reallocate(uint old, uint oldSize, uint alignment, uint newSize) => throw ComponentTraps.Make("the canonical function has no realloc");
    }
}

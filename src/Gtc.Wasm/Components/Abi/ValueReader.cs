using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Gtc.Wasm.Components;

/// <summary>
/// Reads one value after the other on the way out of a guest, from flat slots or from its memory; codecs see no difference.
/// </summary>
public ref struct ValueReader
{
    private readonly ReadOnlySpan<WasmValue> _slots;
    private readonly ReadOnlySpan<byte> _memory;
    private readonly bool _inMemory;
    private uint _position;

    private ValueReader(AbiCall call, ReadOnlySpan<WasmValue> slots, ReadOnlySpan<byte> memory, bool inMemory, uint position)
    {
        Call = call;
        _slots = slots;
        _memory = memory;
        _inMemory = inMemory;
        _position = position;
    }

    internal AbiCall Call { get; }

    /// <summary>Reads the next part.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Next<T>(Codec<T> codec)
    {
        if (_inMemory)
        {
            _position = WitType.Align(_position, codec.Alignment);
        }

        return codec.Read(ref this);
    }

    internal static ValueReader OfSlots(AbiCall call, ReadOnlySpan<WasmValue> slots) => new(call, slots, default, inMemory: false, 0);

    /// <summary>A reader at an address that the guest gave; whatever is wrong with it is a trap.</summary>
    internal static ValueReader OfMemory(AbiCall call, uint address, uint alignment, ulong bytes)
    {
        var memory = call.Memory.Bytes;
        AbiCall.CheckRange(address, alignment, bytes, (uint)memory.Length);
        return new ValueReader(call, default, memory, inMemory: true, address);
    }

    /// <summary>Bytes at an address that the guest gave, which the host is about to copy.</summary>
    internal readonly ReadOnlySpan<byte> Slice(uint address, uint alignment, ulong bytes)
    {
        var memory = _inMemory ? _memory : Call.Memory.Bytes;
        AbiCall.CheckRange(address, alignment, bytes, (uint)memory.Length);
        Call.CountBytes(bytes);
        return memory.Slice((int)address, (int)bytes);
    }

    internal uint Byte() => _inMemory ? _memory[(int)_position++] : (byte)_slots[(int)_position++].I32;

    internal uint Half()
    {
        if (!_inMemory)
        {
            return (ushort)_slots[(int)_position++].I32;
        }

        var value = BinaryPrimitives.ReadUInt16LittleEndian(_memory[(int)_position..]);
        _position += 2;
        return value;
    }

    internal uint Word()
    {
        if (!_inMemory)
        {
            return (uint)_slots[(int)_position++].I32;
        }

        var value = BinaryPrimitives.ReadUInt32LittleEndian(_memory[(int)_position..]);
        _position += 4;
        return value;
    }

    internal ulong Long()
    {
        if (!_inMemory)
        {
            return (ulong)_slots[(int)_position++].I64;
        }

        var value = BinaryPrimitives.ReadUInt64LittleEndian(_memory[(int)_position..]);
        _position += 8;
        return value;
    }

    /// <summary>A number of the given width; in a slot it is always 32 bits, of which a case number uses all.</summary>
    internal uint Number(uint width) => !_inMemory || width == 4 ? Word() : width == 2 ? Half() : Byte();

    internal readonly uint Position => _position;

    internal void MoveTo(uint memoryPosition, uint slotPosition) => _position = _inMemory ? memoryPosition : slotPosition;
}

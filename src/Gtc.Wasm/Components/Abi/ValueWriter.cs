using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Gtc.Wasm.Components;

/// <summary>
/// Writes one value after the other on the way into a guest, to flat slots or to its memory; codecs see no difference.
/// </summary>
public ref struct ValueWriter
{
    private readonly Span<WasmValue> _slots;
    private readonly bool _inMemory;
    private uint _position;

    private ValueWriter(AbiCall call, Span<WasmValue> slots, bool inMemory, uint position)
    {
        Call = call;
        _slots = slots;
        _inMemory = inMemory;
        _position = position;
    }

    internal AbiCall Call { get; }

    internal readonly uint Position => _position;

    /// <summary>Writes the next part.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Next<T>(Codec<T> codec, T value)
    {
        if (_inMemory)
        {
            _position = WitType.Align(_position, codec.Alignment);
        }

        codec.Write(ref this, value);
    }

    /// <summary>The slots must be zero: what a case does not use stays as it is.</summary>
    internal static ValueWriter OfSlots(AbiCall call, Span<WasmValue> slots) => new(call, slots, inMemory: false, 0);

    internal static ValueWriter OfMemory(AbiCall call, uint address, uint alignment, ulong bytes)
    {
        AbiCall.CheckRange(address, alignment, bytes, (uint)call.Memory.Bytes.Length);
        return new ValueWriter(call, default, inMemory: true, address);
    }

    internal void Byte(uint value)
    {
        if (_inMemory)
        {
            Call.Memory.Bytes[(int)_position++] = (byte)value;
        }
        else
        {
            _slots[(int)_position++] = value;
        }
    }

    internal void Half(uint value)
    {
        if (_inMemory)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(Call.Memory.Bytes[(int)_position..], (ushort)value);
            _position += 2;
        }
        else
        {
            _slots[(int)_position++] = value;
        }
    }

    internal void Word(uint value)
    {
        if (_inMemory)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(Call.Memory.Bytes[(int)_position..], value);
            _position += 4;
        }
        else
        {
            _slots[(int)_position++] = value;
        }
    }

    internal void Long(ulong value)
    {
        if (_inMemory)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(Call.Memory.Bytes[(int)_position..], value);
            _position += 8;
        }
        else
        {
            _slots[(int)_position++] = value;
        }
    }

    internal void Number(uint value, uint width)
    {
        if (!_inMemory || width == 4)
        {
            Word(value);
        }
        else if (width == 2)
        {
            Half(value);
        }
        else
        {
            Byte(value);
        }
    }

    internal void MoveTo(uint memoryPosition, uint slotPosition) => _position = _inMemory ? memoryPosition : slotPosition;
}

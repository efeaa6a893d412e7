namespace Gtc.Wasm.Components;

/// <summary>The memory and allocator that a canonical function names.</summary>
internal sealed class GuestMemory(ComponentInstanceState instance, WasmMemory memory, WasmFunction? realloc) : IGuestMemory
{
    private readonly WasmValue[] _arguments = new WasmValue[4];
    private readonly WasmValue[] _results = new WasmValue[1];

    // A span cannot be longer than int.MaxValue; what lies above is out of reach of lifting and lowering.
    public Span<byte> Bytes => memory.TrySpan(0, Math.Min(memory.ByteLength, int.MaxValue), out var bytes) ? bytes : default;

    public uint Reallocate(uint old, uint oldSize, uint alignment, uint newSize)
    {
        if (realloc is null)
        {
            throw ComponentTraps.Make("the canonical function has no realloc");
        }

        _arguments[0] = old;
        _arguments[1] = oldSize;
        _arguments[2] = alignment;
        _arguments[3] = newSize;
        instance.RunConfined(realloc, _arguments, _results);
        return (uint)_results[0].I32;
    }
}

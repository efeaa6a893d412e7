namespace Gtc.Wasm.Components;

/// <summary>Memory between two of the host's own functions, laid out as a guest's would be. It lasts for one call.</summary>
internal sealed class HostMemory : IGuestMemory
{
    private byte[] _bytes = new byte[1024];
    private uint _used;

    public Span<byte> Bytes => _bytes;

    public uint Reallocate(uint old, uint oldSize, uint alignment, uint newSize)
    {
        var address = WitType.Align(_used, alignment);
        var end = (ulong)address + newSize;
        if (end > ComponentLimits.ValueBytes)
        {
            throw ComponentTraps.Make($"values of more than {ComponentLimits.ValueBytes} bytes in one call");
        }

        if (end > (ulong)_bytes.Length)
        {
            Array.Resize(ref _bytes, (int)Math.Max(end, (ulong)_bytes.Length * 2));
        }

        _bytes.AsSpan((int)old, (int)Math.Min(oldSize, newSize)).CopyTo(_bytes.AsSpan((int)address));
        _used = (uint)end;
        return address;
    }
}

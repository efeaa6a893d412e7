namespace Gtc.Wasm.Wasi;

/// <summary>A stream that a guest reads.</summary>
internal abstract class WasiInput
{
    /// <summary>Reads what is there.</summary>
    /// <param name="most">Bytes at most.</param>
    /// <returns>Bytes; null at the end.</returns>
    /// <exception cref="FileFaultException">Reading failed.</exception>
    public abstract ReadOnlyMemory<byte>? Read(int most);
}

/// <summary>A stream that a guest writes.</summary>
internal abstract class WasiOutput
{
    /// <summary>Bytes that may be written next; 0 never happens, since writing does not wait.</summary>
    public virtual ulong Room => 64 * 1024;

    /// <returns>False when nothing can be written any more.</returns>
    /// <exception cref="FileFaultException">Writing failed.</exception>
    public abstract bool Write(ReadOnlySpan<byte> bytes);
}

internal sealed class BytesInput(ReadOnlyMemory<byte> bytes) : WasiInput
{
    private ReadOnlyMemory<byte> _rest = bytes;

    public override ReadOnlyMemory<byte>? Read(int most)
    {
        if (_rest.IsEmpty)
        {
            return null;
        }

        var taken = _rest[..Math.Min(most, _rest.Length)];
        _rest = _rest[taken.Length..];
        return taken;
    }
}

internal sealed class SinkOutput(WasiContext context, Action<ReadOnlySpan<byte>>? sink) : WasiOutput
{
    public override bool Write(ReadOnlySpan<byte> bytes)
    {
        context.Write(bytes, sink);
        return true;
    }
}

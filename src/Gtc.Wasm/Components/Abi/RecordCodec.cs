namespace Gtc.Wasm.Components;

/// <summary>A record, a tuple, or the parameters of a function. Derive from it to bind a C# type: read and write the parts in their order.</summary>
/// <typeparam name="T">The C# type.</typeparam>
public abstract class RecordCodec<T> : Codec<T>
{
    private readonly uint _size;
    private readonly uint _slots;

    /// <summary>For a record with these fields, in order.</summary>
    protected RecordCodec(params ReadOnlySpan<(string Name, WitType Type)> fields)
        : this(WitType.RecordOf(fields))
    {
    }

    /// <summary>For any record or tuple type.</summary>
    /// <exception cref="ArgumentException">The type is neither.</exception>
    protected RecordCodec(WitType type)
        : base(type)
    {
        if (type is not WitType.Product)
        {
            throw new ArgumentException($"A record or tuple is needed, not {type}.", nameof(type));
        }

        _size = type.Size;
        _slots = (uint)type.FlatCount;
    }

    /// <summary>Reads every part in order with <see cref="ValueReader.Next"/>.</summary>
    protected abstract T ReadParts(ref ValueReader reader);

    /// <summary>Writes every part in order with <see cref="ValueWriter.Next"/>.</summary>
    protected abstract void WriteParts(ref ValueWriter writer, T value);

    internal sealed override T Read(ref ValueReader reader)
    {
        var start = reader.Position;
        var value = ReadParts(ref reader);
        reader.MoveTo(start + _size, start + _slots);
        return value;
    }

    internal sealed override void Write(ref ValueWriter writer, T value)
    {
        var start = writer.Position;
        WriteParts(ref writer, value);
        writer.MoveTo(start + _size, start + _slots);
    }
}

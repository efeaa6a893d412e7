namespace Gtc.Wasm.Components;

/// <summary>A variant, option or result. Derive from it to bind a C# type.</summary>
/// <typeparam name="T">The C# type.</typeparam>
public abstract class VariantCodec<T> : Codec<T>
{
    private readonly WitType.Sum _type;
    private readonly uint _slots;

    /// <summary>For a variant, option or result type.</summary>
    /// <exception cref="ArgumentException">The type is none of them.</exception>
    protected VariantCodec(WitType type)
        : base(type)
    {
        _type = type as WitType.Sum ?? throw new ArgumentException($"A variant, option or result is needed, not {type}.", nameof(type));
        _slots = (uint)type.FlatCount;
    }

    /// <summary>Which case a value is.</summary>
    protected abstract int CaseOf(T value);

    /// <summary>Reads what case <paramref name="number"/> carries, with one <see cref="ValueReader.Next"/> or none.</summary>
    protected abstract T ReadCase(ref ValueReader reader, int number);

    /// <summary>Writes what case <paramref name="number"/> carries, with one <see cref="ValueWriter.Next"/> or none.</summary>
    protected abstract void WriteCase(ref ValueWriter writer, int number, T value);

    internal sealed override T Read(ref ValueReader reader)
    {
        var start = reader.Position;
        var number = reader.Number(_type.DiscriminantSize);
        if (number >= (uint)_type.Payloads.Length)
        {
            throw ComponentTraps.Make($"case {number} of {_type}, which has {_type.Payloads.Length}");
        }

        reader.MoveTo(start + _type.PayloadOffset, start + 1);
        var value = ReadCase(ref reader, (int)number);
        reader.MoveTo(start + _type.Size, start + _slots);
        return value;
    }

    internal sealed override void Write(ref ValueWriter writer, T value)
    {
        var start = writer.Position;
        var number = CaseOf(value);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)number, (uint)_type.Payloads.Length, nameof(value));
        writer.Number((uint)number, _type.DiscriminantSize);
        writer.MoveTo(start + _type.PayloadOffset, start + 1);
        WriteCase(ref writer, number, value);
        writer.MoveTo(start + _type.Size, start + _slots);
    }
}

namespace Gtc.Wasm.Components;

internal sealed class BytesCodec() : Codec<byte[]>(WitType.ListOf(WitType.U8))
{
    internal override byte[] Read(ref ValueReader reader)
    {
        var address = reader.Word();
        var length = reader.Word();
        return reader.Slice(address, 1, reader.Call.ListBytes(length, 1, asObjects: false)).ToArray();
    }

    internal override void Write(ref ValueWriter writer, byte[] value) => MemoryCodec.Store(ref writer, value);
}

internal sealed class MemoryCodec() : Codec<ReadOnlyMemory<byte>>(WitType.ListOf(WitType.U8))
{
    public static void Store(ref ValueWriter writer, ReadOnlySpan<byte> value)
    {
        var address = writer.Call.Allocate(1, (uint)value.Length);
        value.CopyTo(writer.Call.Memory.Bytes[(int)address..]);
        writer.Word(address);
        writer.Word((uint)value.Length);
    }

    internal override ReadOnlyMemory<byte> Read(ref ValueReader reader) => Codecs.Bytes.Read(ref reader);

    internal override void Write(ref ValueWriter writer, ReadOnlyMemory<byte> value) => Store(ref writer, value.Span);
}

internal sealed class ListCodec<T>(Codec<T> element) : Codec<T[]>(WitType.ListOf(element.Type))
{
    internal override T[] Read(ref ValueReader reader)
    {
        var address = reader.Word();
        var length = reader.Word();
        var size = element.Type.Size;
        var items = ValueReader.OfMemory(reader.Call, address, element.Alignment, reader.Call.ListBytes(length, size, asObjects: true));
        var values = new T[length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = items.Next(element);
        }

        return values;
    }

    internal override void Write(ref ValueWriter writer, T[] value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var bytes = (ulong)value.Length * element.Type.Size;
        var address = writer.Call.Allocate(element.Alignment, bytes);
        var items = ValueWriter.OfMemory(writer.Call, address, element.Alignment, bytes);
        foreach (var item in value)
        {
            items.Next(element, item);
        }

        writer.Word(address);
        writer.Word((uint)value.Length);
    }
}

internal sealed class OptionCodec<T>(Codec<T> value) : VariantCodec<T?>(WitType.OptionOf(value.Type))
    where T : class
{
    protected override int CaseOf(T? option) => option is null ? 0 : 1;

    protected override T? ReadCase(ref ValueReader reader, int number) => number == 0 ? null : reader.Next(value);

    protected override void WriteCase(ref ValueWriter writer, int number, T? option)
    {
        if (option is not null)
        {
            writer.Next(value, option);
        }
    }
}

internal sealed class OptionalCodec<T>(Codec<T> value) : VariantCodec<T?>(WitType.OptionOf(value.Type))
    where T : struct
{
    protected override int CaseOf(T? option) => option is null ? 0 : 1;

    protected override T? ReadCase(ref ValueReader reader, int number) => number == 0 ? null : reader.Next(value);

    protected override void WriteCase(ref ValueWriter writer, int number, T? option)
    {
        if (option is { } some)
        {
            writer.Next(value, some);
        }
    }
}

internal sealed class ResultCodec<TOk, TError>(Codec<TOk> ok, Codec<TError> error)
    : VariantCodec<WitResult<TOk, TError>>(WitType.ResultOf(ok.Type, error.Type))
{
    protected override int CaseOf(WitResult<TOk, TError> value) => value.IsOk ? 0 : 1;

    protected override WitResult<TOk, TError> ReadCase(ref ValueReader reader, int number) =>
        number == 0 ? new(true, reader.Next(ok), default) : new(false, default, reader.Next(error));

    protected override void WriteCase(ref ValueWriter writer, int number, WitResult<TOk, TError> value)
    {
        if (number == 0)
        {
            writer.Next(ok, value.Ok!);
        }
        else
        {
            writer.Next(error, value.Error!);
        }
    }
}

internal sealed class SingletonCodec<T>(Codec<T> only) : RecordCodec<T>(WitType.TupleOf(only.Type))
{
    protected override T ReadParts(ref ValueReader reader) => reader.Next(only);

    protected override void WriteParts(ref ValueWriter writer, T value) => writer.Next(only, value);
}

internal sealed class PairCodec<T1, T2>(Codec<T1> first, Codec<T2> second) : RecordCodec<(T1, T2)>(WitType.TupleOf(first.Type, second.Type))
{
    protected override (T1, T2) ReadParts(ref ValueReader reader) => (reader.Next(first), reader.Next(second));

    protected override void WriteParts(ref ValueWriter writer, (T1, T2) value)
    {
        writer.Next(first, value.Item1);
        writer.Next(second, value.Item2);
    }
}

internal sealed class TripleCodec<T1, T2, T3>(Codec<T1> first, Codec<T2> second, Codec<T3> third)
    : RecordCodec<(T1, T2, T3)>(WitType.TupleOf(first.Type, second.Type, third.Type))
{
    protected override (T1, T2, T3) ReadParts(ref ValueReader reader) => (reader.Next(first), reader.Next(second), reader.Next(third));

    protected override void WriteParts(ref ValueWriter writer, (T1, T2, T3) value)
    {
        writer.Next(first, value.Item1);
        writer.Next(second, value.Item2);
        writer.Next(third, value.Item3);
    }
}

internal sealed class MappedCodec<TFrom, TTo>(Codec<TFrom> inner, Func<TFrom, TTo> lift, Func<TTo, TFrom> lower) : Codec<TTo>(inner.Type)
{
    internal override TTo Read(ref ValueReader reader) => lift(inner.Read(ref reader));

    internal override void Write(ref ValueWriter writer, TTo value) => inner.Write(ref writer, lower(value));
}

using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace Gtc.Wasm.Components;

/// <summary>Codecs for <see cref="ComponentValue"/>, one per type object, made once.</summary>
internal static class ValueCodecs
{
    private static readonly ConditionalWeakTable<WitType, Codec<ComponentValue>> Made = [];

    public static Codec<ComponentValue> Of(WitType type) => Made.GetValue(type, Make);

    private static Codec<ComponentValue> Make(WitType type) => type switch
    {
        WitType.Primitive primitive => Primitive(primitive.Kind),
        WitType.Flags or WitType.Enumeration => Wrap<uint, ComponentValue.Number>(new NumberCodec(type), value => new(value), value => value.Value),
        WitType.List { Element: WitType.Primitive { Kind: PrimitiveKind.U8 } } =>
            Wrap<ReadOnlyMemory<byte>, ComponentValue.Bytes>(Codecs.Memory, value => new(value), value => value.Value),
        WitType.List list => Wrap<ComponentValue[], ComponentValue.Items>(
            new ListCodec<ComponentValue>(Of(list.Element)), value => new(ImmutableArray.Create(value)), value => [.. value.Value]),
        WitType.Product product => new ProductCodec(product),
        WitType.Sum sum => new SumCodec(sum),
        _ => new HandleCodec((WitType.Handle)type),
    };

    private static Codec<ComponentValue> Primitive(PrimitiveKind kind) => kind switch
    {
        PrimitiveKind.Bool => Wrap<bool, ComponentValue.Truth>(Codecs.Bool, value => new(value), value => value.Value),
        PrimitiveKind.S8 => Wrap<sbyte, ComponentValue.Whole>(Codecs.S8, value => new(value), value => checked((sbyte)value.Value)),
        PrimitiveKind.U8 => Wrap<byte, ComponentValue.Natural>(Codecs.U8, value => new(value), value => checked((byte)value.Value)),
        PrimitiveKind.S16 => Wrap<short, ComponentValue.Whole>(Codecs.S16, value => new(value), value => checked((short)value.Value)),
        PrimitiveKind.U16 => Wrap<ushort, ComponentValue.Natural>(Codecs.U16, value => new(value), value => checked((ushort)value.Value)),
        PrimitiveKind.S32 => Wrap<int, ComponentValue.Whole>(Codecs.S32, value => new(value), value => checked((int)value.Value)),
        PrimitiveKind.U32 => Wrap<uint, ComponentValue.Natural>(Codecs.U32, value => new(value), value => checked((uint)value.Value)),
        PrimitiveKind.S64 => Wrap<long, ComponentValue.Whole>(Codecs.S64, value => new(value), value => value.Value),
        PrimitiveKind.U64 => Wrap<ulong, ComponentValue.Natural>(Codecs.U64, value => new(value), value => value.Value),
        PrimitiveKind.F32 => Wrap<float, ComponentValue.F32>(Codecs.F32, value => new(value), value => value.Value),
        PrimitiveKind.F64 => Wrap<double, ComponentValue.F64>(Codecs.F64, value => new(value), value => value.Value),
        PrimitiveKind.Scalar => Wrap<System.Text.Rune, ComponentValue.Scalar>(Codecs.Scalar, value => new(value), value => value.Value),
        _ => Wrap<string, ComponentValue.Text>(Codecs.Text, value => new(value), value => value.Value),
    };

    private static MappedCodec<T, ComponentValue> Wrap<T, TValue>(Codec<T> inner, Func<T, TValue> lift, Func<TValue, T> lower)
        where TValue : ComponentValue =>
        new(inner, lift, value => value is TValue fitting ? lower(fitting) : throw Unfit(inner.Type, value));

    private static ArgumentException Unfit(WitType type, ComponentValue? value) =>
        new($"A value of type {type} is needed, not {value?.GetType().Name ?? "nothing"}.");

    private sealed class ProductCodec(WitType.Product type) : RecordCodec<ComponentValue>(type)
    {
        private readonly Codec<ComponentValue>[] _parts = [.. type.Parts.Select(Of)];

        protected override ComponentValue ReadParts(ref ValueReader reader)
        {
            var values = new ComponentValue[_parts.Length];
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = reader.Next(_parts[i]);
            }

            return new ComponentValue.Items(System.Runtime.InteropServices.ImmutableCollectionsMarshal.AsImmutableArray(values));
        }

        protected override void WriteParts(ref ValueWriter writer, ComponentValue value)
        {
            if (value is not ComponentValue.Items items || items.Value.Length != _parts.Length)
            {
                throw Unfit(Type, value);
            }

            for (var i = 0; i < _parts.Length; i++)
            {
                writer.Next(_parts[i], items.Value[i]);
            }
        }
    }

    private sealed class SumCodec(WitType.Sum type) : VariantCodec<ComponentValue>(type)
    {
        private readonly Codec<ComponentValue>?[] _payloads = [.. type.Payloads.Select(payload => payload is null ? null : Of(payload))];

        protected override int CaseOf(ComponentValue value) => value is ComponentValue.Choice one ? one.Index : throw Unfit(Type, value);

        protected override ComponentValue ReadCase(ref ValueReader reader, int number) =>
            new ComponentValue.Choice(number, _payloads[number] is { } payload ? reader.Next(payload) : null);

        protected override void WriteCase(ref ValueWriter writer, int number, ComponentValue value)
        {
            var carried = ((ComponentValue.Choice)value).Payload;
            if (_payloads[number] is { } payload)
            {
                writer.Next(payload, carried ?? throw Unfit(payload.Type, carried));
            }
            else if (carried is not null)
            {
                throw new ArgumentException($"Case {number} of {Type} carries nothing.");
            }
        }
    }

    private sealed class HandleCodec(WitType.Handle type) : Codec<ComponentValue>(type)
    {
        internal override ComponentValue Read(ref ValueReader reader)
        {
            var instance = reader.Call.Instance;
            var resource = instance.Resolve(type.Resource);
            var handle = reader.Word();
            return new ComponentValue.Resource(type.Borrowed ? instance.Handles.Lend(handle, resource, reader.Call) : instance.Handles.Take(handle, resource));
        }

        internal override void Write(ref ValueWriter writer, ComponentValue value)
        {
            if (value is not ComponentValue.Resource { Value: var given })
            {
                throw Unfit(Type, value);
            }

            var instance = writer.Call.Instance;
            var resource = instance.Resolve(type.Resource);
            if (given.Type != resource)
            {
                throw new ArgumentException($"A handle to {resource.Name} is needed, not one to {given.Type.Name}.");
            }

            writer.Word(type.Borrowed ? instance.LowerBorrow(given, writer.Call) : instance.Handles.AddOwned(given.Give()));
        }
    }
}

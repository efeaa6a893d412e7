using System.Text;
using Gtc.Wasm.Components;

namespace Gtc.Flows;

/// <summary>
/// Moves values in and out of a component by the names of their parts, in whatever order the component's own types have them: the
/// interfaces exist in several editions that differ in optional parts. Known values are text, numbers, bool, bytes, dictionaries for
/// records, lists of pairs, <see cref="Case"/>, and null for what is absent.
/// </summary>
internal static class Shape
{
    private const string DeadlineMs = "deadline-ms";

    /// <summary>A case of a result or variant, by name.</summary>
    public sealed record Case(string Name, object? Payload);

    public static Case Ok(object? payload) => new("ok", payload);

    public static Case Error(object? payload) => new("error", payload);

    /// <summary>Makes a value of a component's type. What is null or absent becomes none, empty or zero.</summary>
    public static ComponentValue Lower(WitType type, object? value) => type switch
    {
        WitType.Primitive primitive => Primitive(primitive, value),
        WitType.Enumeration cases => new ComponentValue.Number((uint)Math.Max(0, cases.Names.IndexOf(value as string ?? string.Empty))),
        WitType.Flags => new ComponentValue.Number(0),
        WitType.List { Element: WitType.Primitive { Kind: PrimitiveKind.U8 } } => new ComponentValue.Bytes(value switch
        {
            ReadOnlyMemory<byte> bytes => bytes,
            string text => Encoding.UTF8.GetBytes(text),
            _ => default,
        }),
        WitType.List list => new ComponentValue.Items([.. Pairs(value).Select(pair =>
            ComponentValue.Of(Lower(Part(list.Element, 0), pair.Key), Lower(Part(list.Element, 1), pair.Value)))]),
        WitType.Product { Names.IsDefault: false } record => new ComponentValue.Items([.. record.Parts.Select((part, index) => Lower(part, Member(value, record.Names[index], part)))]),
        WitType.Sum { Kind: SumKind.Option } option => value is null ? ComponentValue.None : ComponentValue.Some(Lower(option.Payloads[1]!, value)),
        WitType.Sum sum => Choice(sum, value),
        _ => throw new FlowFault($"a value of the type {type} cannot be given to a component"),
    };

    /// <summary>Reads a value of a component's type.</summary>
    public static object? Read(WitType? type, ComponentValue? value) => (type, value) switch
    {
        (WitType.Enumeration cases, ComponentValue.Number number) => cases.Names[(int)number.Value],
        (WitType.List list, ComponentValue.Items items) => items.Value.Select(item => Read(list.Element, item)).ToArray(),
        (WitType.Product { Names.IsDefault: true } tuple, ComponentValue.Items items) => items.Value.Select((item, index) => Read(tuple.Parts[index], item)).ToArray(),
        (WitType.Product record, ComponentValue.Items items) => items.Value.Select((item, index) => (Name: record.Names[index], Value: Read(record.Parts[index], item)))
            .ToDictionary(part => part.Name, part => part.Value, StringComparer.Ordinal),
        (WitType.Sum { Kind: SumKind.Option } option, ComponentValue.Choice choice) => choice.Index == 0 ? null : Read(option.Payloads[1], choice.Payload),
        (WitType.Sum sum, ComponentValue.Choice choice) => new Case(sum.Names[choice.Index], Read(sum.Payloads[choice.Index], choice.Payload)),
        (_, ComponentValue.Text text) => text.Value,
        (_, ComponentValue.Bytes bytes) => bytes.Value,
        (_, ComponentValue.Truth truth) => truth.Value,
        (_, ComponentValue.Natural number) => number.Value,
        (_, ComponentValue.Whole number) => number.Value,
        _ => null,
    };

    /// <summary>A member of what <see cref="Read"/> made of a record; null when there is none or it is of another type.</summary>
    public static T? Get<T>(object? record, string name) =>
        record is Dictionary<string, object?> members && members.TryGetValue(name, out var member) && member is T found ? found : default;

    private static ComponentValue Primitive(WitType.Primitive type, object? value) => type.Kind switch
    {
        PrimitiveKind.Bool => new ComponentValue.Truth(value is true),
        PrimitiveKind.Text => new ComponentValue.Text(value as string ?? string.Empty),
        PrimitiveKind.U8 => new ComponentValue.Natural(Math.Min(Number(value), byte.MaxValue)),
        PrimitiveKind.U16 => new ComponentValue.Natural(Math.Min(Number(value), ushort.MaxValue)),
        PrimitiveKind.U32 => new ComponentValue.Natural(Math.Min(Number(value), uint.MaxValue)),
        PrimitiveKind.U64 => new ComponentValue.Natural(Number(value)),
        PrimitiveKind.S32 => new ComponentValue.Whole((long)Math.Min(Number(value), int.MaxValue)),
        PrimitiveKind.S64 => new ComponentValue.Whole((long)Math.Min(Number(value), long.MaxValue)),
        _ => throw new FlowFault($"a value of the type {type} cannot be given to a component"),
    };

    private static ulong Number(object? value) => value switch
    {
        ulong number => number,
        uint number => number,
        ushort number => number,
        _ => 0,
    };

    private static ComponentValue.Choice Choice(WitType.Sum sum, object? value)
    {
        var index = value is Case chosen ? sum.Names.IndexOf(chosen.Name) : -1;
        return index < 0
            ? throw new FlowFault($"a value of the type {sum} cannot be given to a component")
            : new(index, sum.Payloads[index] is { } payload ? Lower(payload, ((Case)value!).Payload) : null);
    }

    // No deadline is the largest number where the type has no other way to say it (§3.3).
    private static object? Member(object? record, string name, WitType type)
    {
        var member = record is Dictionary<string, object?> members ? members.GetValueOrDefault(name) : null;
        return member is null && name == DeadlineMs && type is WitType.Primitive ? ulong.MaxValue : member;
    }

    private static IReadOnlyList<KeyValuePair<string, string>> Pairs(object? value) => value as IReadOnlyList<KeyValuePair<string, string>> ?? [];

    private static WitType Part(WitType element, int index) => element is WitType.Product { Parts.Length: 2 } pair
        ? pair.Parts[index]
        : throw new FlowFault($"a list of {element} cannot be given to a component");
}

using System.Collections.Immutable;
using Gtc.Wasm.Components;

namespace Gtc.Wasm.Tests.Components;

/// <summary>Values with nothing in them, for calls of which a test cares about some parts only.</summary>
internal static class Blank
{
    /// <summary>Arguments for a function; parts of records and parameters that are named get the given values.</summary>
    public static ImmutableArray<ComponentValue> Arguments(WitFunctionType type, IReadOnlyDictionary<string, ComponentValue> named) =>
        [.. type.Parameters.Select((parameter, index) => named.GetValueOrDefault(type.Names[index]) ?? Of(parameter, named))];

    private static ComponentValue Of(WitType type, IReadOnlyDictionary<string, ComponentValue> named) => type switch
    {
        WitType.Primitive primitive => primitive.Kind switch
        {
            PrimitiveKind.Bool => new ComponentValue.Truth(false),
            PrimitiveKind.S8 or PrimitiveKind.S16 or PrimitiveKind.S32 or PrimitiveKind.S64 => new ComponentValue.Whole(0),
            PrimitiveKind.F32 => new ComponentValue.F32(0),
            PrimitiveKind.F64 => new ComponentValue.F64(0),
            PrimitiveKind.Scalar => new ComponentValue.Scalar(new System.Text.Rune('x')),
            PrimitiveKind.Text => new ComponentValue.Text(""),
            _ => new ComponentValue.Natural(0),
        },
        WitType.Flags or WitType.Enumeration => new ComponentValue.Number(0),
        WitType.List { Element: WitType.Primitive { Kind: PrimitiveKind.U8 } } => new ComponentValue.Bytes(default),
        WitType.List => new ComponentValue.Items([]),
        WitType.Product product => new ComponentValue.Items([.. product.Parts.Select((part, index) =>
            (product.Names.IsDefault ? null : named.GetValueOrDefault(product.Names[index])) ?? Of(part, named))]),
        WitType.Sum sum => new ComponentValue.Choice(0, sum.Payloads[0] is { } payload ? Of(payload, named) : null),
        _ => throw new ArgumentException($"{type}"),
    };
}

using System.Collections.Immutable;

namespace Gtc.Wasm.Components;

/// <content>Making types from C#.</content>
public abstract partial class WitType
{
    private static readonly ImmutableArray<string> OptionNames = ["none", "some"];
    private static readonly ImmutableArray<string> ResultNames = ["ok", "error"];

    /// <summary>A list of <paramref name="element"/>.</summary>
    public static WitType ListOf(WitType element) => new List(element);

    /// <summary>A tuple.</summary>
    public static WitType TupleOf(params ReadOnlySpan<WitType> parts) => Product.Of(default, [.. parts]);

    /// <summary>A record with named fields, in order.</summary>
    public static WitType RecordOf(params ReadOnlySpan<(string Name, WitType Type)> fields)
    {
        var names = ImmutableArray.CreateBuilder<string>(fields.Length);
        var parts = ImmutableArray.CreateBuilder<WitType>(fields.Length);
        foreach (var (name, type) in fields)
        {
            names.Add(name);
            parts.Add(type);
        }

        return Product.Of(names.MoveToImmutable(), parts.MoveToImmutable());
    }

    /// <summary>A variant with named cases, in order; a case may carry nothing.</summary>
    public static WitType VariantOf(params ReadOnlySpan<(string Name, WitType? Payload)> cases)
    {
        var names = ImmutableArray.CreateBuilder<string>(cases.Length);
        var payloads = ImmutableArray.CreateBuilder<WitType?>(cases.Length);
        foreach (var (name, payload) in cases)
        {
            names.Add(name);
            payloads.Add(payload);
        }

        return Sum.Of(SumKind.Variant, names.MoveToImmutable(), payloads.MoveToImmutable());
    }

    /// <summary>none, or some <paramref name="value"/>.</summary>
    public static WitType OptionOf(WitType value) => Sum.Of(SumKind.Option, OptionNames, [null, value]);

    /// <summary>ok or error, each with or without a value.</summary>
    public static WitType ResultOf(WitType? ok, WitType? error) => Sum.Of(SumKind.Result, ResultNames, [ok, error]);

    /// <summary>An enum.</summary>
    public static WitType EnumOf(params ReadOnlySpan<string> names) => new Enumeration([.. names]);

    /// <summary>Flags, at most 32.</summary>
    public static WitType FlagsOf(params ReadOnlySpan<string> names) => new Flags([.. names]);

    /// <summary>An owned handle.</summary>
    public static WitType OwnOf(ResourceKey resource) => new Handle(resource, borrowed: false);

    /// <summary>A handle lent for the time of one call.</summary>
    public static WitType BorrowOf(ResourceKey resource) => new Handle(resource, borrowed: true);
}

using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Gtc.Cli.Payloads;

/// <summary>What JSON a member of a payload takes, read from the source-generated metadata of its record.</summary>
internal enum ShapeKind
{
    /// <summary>Nothing is known, because the member itself is not.</summary>
    Unknown,

    /// <summary>A string.</summary>
    Text,

    /// <summary>True or false.</summary>
    Flag,

    /// <summary>A whole number that is not negative.</summary>
    Number,

    /// <summary>Items of one shape.</summary>
    List,

    /// <summary>Named members, and no others.</summary>
    Record,

    /// <summary>Any names, values of one shape.</summary>
    Map,

    /// <summary>Any JSON.</summary>
    Any,
}

/// <summary>The shape of one value in a payload; parser, help and schema all read it from the same record.</summary>
internal readonly struct PayloadShape
{
    private readonly JsonTypeInfo _type;

    private PayloadShape(JsonTypeInfo type)
    {
        _type = type;
        Kind = KindOf(type);
    }

    /// <summary>What JSON it takes.</summary>
    public ShapeKind Kind { get; }

    /// <summary>The most that a number may be.</summary>
    public ulong MaxNumber => (Nullable.GetUnderlyingType(_type.Type) ?? _type.Type) == typeof(uint) ? uint.MaxValue : ulong.MaxValue;

    /// <summary>The names of a record's members, in declared order.</summary>
    public IEnumerable<string> Members => Kind == ShapeKind.Record ? _type.Properties.Select(member => member.Name) : [];

    /// <summary>The names of a record's members that must be given.</summary>
    public IEnumerable<string> RequiredMembers => Kind == ShapeKind.Record ? _type.Properties.Where(member => member.IsRequired).Select(member => member.Name) : [];

    /// <summary>The shape of a list's items or of a map's values.</summary>
    public PayloadShape Element => new(_type.Options.GetTypeInfo(_type.ElementType!));

    /// <summary>The shape in words, for refusals.</summary>
    public string Expectation => Kind switch
    {
        ShapeKind.Text => "a string",
        ShapeKind.Flag => "true or false",
        ShapeKind.Number => "a whole number",
        ShapeKind.List => $"a JSON array, e.g. [{(Element.Kind == ShapeKind.Text ? "\"/\"" : "{…}")}]",
        ShapeKind.Record => $"a JSON object with {string.Join(", ", Members)}",
        ShapeKind.Map => "a JSON object",
        _ => "JSON",
    };

    /// <summary>The shape of a payload record.</summary>
    public static PayloadShape Of(JsonTypeInfo type) => new(type);

    /// <summary>The shape of a record's member or of a map's value; null when a record has no such member.</summary>
    public PayloadShape? Member(string name)
    {
        if (Kind == ShapeKind.Map)
        {
            return Element;
        }

        if (Kind != ShapeKind.Record)
        {
            return null;
        }

        foreach (var property in _type.Properties)
        {
            if (property.Name == name)
            {
                return new(_type.Options.GetTypeInfo(property.PropertyType));
            }
        }

        return null;
    }

    /// <summary>The shape at a dotted path; of kind <see cref="ShapeKind.Unknown"/> when there is none.</summary>
    public PayloadShape At(IEnumerable<string> segments) =>
        segments.Aggregate(this, (shape, segment) => shape.Member(segment) ?? default);

    private static ShapeKind KindOf(JsonTypeInfo type)
    {
        var value = Nullable.GetUnderlyingType(type.Type) ?? type.Type;
        return type.Kind switch
        {
            JsonTypeInfoKind.Object => ShapeKind.Record,
            JsonTypeInfoKind.Enumerable => ShapeKind.List,
            JsonTypeInfoKind.Dictionary => ShapeKind.Map,
            _ when value == typeof(string) => ShapeKind.Text,
            _ when value == typeof(bool) => ShapeKind.Flag,
            _ when value == typeof(uint) || value == typeof(ulong) => ShapeKind.Number,
            _ when value == typeof(JsonElement) => ShapeKind.Any,
            _ => throw new InvalidOperationException($"{type.Type} has no place in a payload."),
        };
    }
}

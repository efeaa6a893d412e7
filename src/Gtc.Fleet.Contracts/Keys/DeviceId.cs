using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

namespace Gtc.Fleet.Contracts;

/// <summary>The name of a device, in the grammar of <see cref="FleetName"/>. The default of this type is no name, and using it is a bug.</summary>
[JsonConverter(typeof(DeviceIdConverter))]
public readonly record struct DeviceId : IComparable<DeviceId>
{
    private readonly string? _value;

    private DeviceId(string value) => _value = value;

    /// <summary>The text.</summary>
    /// <exception cref="InvalidOperationException">This is the default of the type.</exception>
    public string Value => _value ?? throw new InvalidOperationException("This device id was never given a value.");

    /// <summary>Reads a text.</summary>
    public static ContractResult<DeviceId> Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return TryParse(text, out var name) ? name : FleetName.Refuse("device id", text);
    }

    /// <summary>Reads a text.</summary>
    /// <returns>False when it is outside the grammar.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, out DeviceId name)
    {
        var isValid = text is not null && FleetName.IsValid(text);
        name = isValid ? new(text!) : default;
        return isValid;
    }

    /// <summary>Orders ordinally.</summary>
    public int CompareTo(DeviceId other) => string.CompareOrdinal(_value, other._value);

    /// <summary>Orders ordinally.</summary>
    public static bool operator <(DeviceId left, DeviceId right) => left.CompareTo(right) < 0;

    /// <summary>Orders ordinally.</summary>
    public static bool operator <=(DeviceId left, DeviceId right) => left.CompareTo(right) <= 0;

    /// <summary>Orders ordinally.</summary>
    public static bool operator >(DeviceId left, DeviceId right) => left.CompareTo(right) > 0;

    /// <summary>Orders ordinally.</summary>
    public static bool operator >=(DeviceId left, DeviceId right) => left.CompareTo(right) >= 0;

    /// <summary>The text.</summary>
    public override string ToString() => _value ?? "";
}

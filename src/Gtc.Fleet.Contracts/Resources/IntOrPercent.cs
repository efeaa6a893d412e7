using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gtc.Fleet.Contracts;

/// <summary>A number of devices, or a share of those that are selected: <c>5</c> or <c>"25%"</c>.</summary>
[JsonConverter(typeof(IntOrPercentConverter))]
public readonly record struct IntOrPercent
{
    private IntOrPercent(int value, bool isPercent) => (Value, IsPercent) = (value, isPercent);

    /// <summary>The number, or the percentage.</summary>
    public int Value { get; }

    /// <summary>Whether it is a percentage.</summary>
    public bool IsPercent { get; }

    /// <summary>A number of devices, at least 0.</summary>
    public static IntOrPercent Count(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return new(count, false);
    }

    /// <summary>A share, 0 to 100.</summary>
    public static IntOrPercent Percent(int percent)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(percent);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(percent, 100);
        return new(percent, true);
    }

    /// <summary>Reads <c>5</c> or <c>25%</c>.</summary>
    /// <returns>Null when it is neither.</returns>
    public static IntOrPercent? Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var isPercent = text.EndsWith('%');
        return int.TryParse(isPercent ? text[..^1] : text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && (!isPercent || value <= 100) ? new(value, isPercent) : null;
    }

    /// <summary>How many devices of so many that is; a share is rounded up, so that it is never nobody.</summary>
    public long Of(long total) => IsPercent ? ((total * Value) + 99) / 100 : Value;

    /// <summary>As it is written.</summary>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture) + (IsPercent ? "%" : "");
}

internal sealed class IntOrPercentConverter : JsonConverter<IntOrPercent>
{
    public override IntOrPercent Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.Number when reader.TryGetInt32(out var count) && count >= 0 => IntOrPercent.Count(count),
        JsonTokenType.String when IntOrPercent.Parse(reader.GetString()!) is { } share => share,
        _ => throw new JsonException("a number of devices or a percentage was expected, e.g. 5 or \"25%\""),
    };

    public override void Write(Utf8JsonWriter writer, IntOrPercent value, JsonSerializerOptions options)
    {
        if (value.IsPercent)
        {
            writer.WriteStringValue(value.ToString());
        }
        else
        {
            writer.WriteNumberValue(value.Value);
        }
    }
}

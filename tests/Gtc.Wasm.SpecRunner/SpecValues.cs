using System.Globalization;
using System.Text.Json;
using Gtc.Wasm.Reference;

namespace Gtc.Wasm.SpecRunner;

/// <summary>Values as wast2json writes them: numbers as the decimal form of their bits.</summary>
internal static class SpecValues
{
    /// <summary>An argument.</summary>
    public static Value Read(JsonElement value)
    {
        var type = value.GetProperty("type").GetString()!;
        if (type == "v128")
        {
            var width = LaneBits(value);
            var lanes = value.GetProperty("value").EnumerateArray().Select(lane => ulong.Parse(lane.GetString()!, CultureInfo.InvariantCulture)).ToArray();
            return Join(lanes, width);
        }

        var text = value.GetProperty("value").GetString()!;
        return type switch
        {
            "externref" => Value.To(text == "null" ? null : uint.Parse(text, CultureInfo.InvariantCulture)),
            "funcref" => text == "null" ? Value.To(null) : throw new InvalidDataException("a function reference that is not null cannot be an argument"),
            _ => new Value(ulong.Parse(text, CultureInfo.InvariantCulture)),
        };
    }

    /// <summary>True when a result is what the assertion expects.</summary>
    public static bool Matches(JsonElement expected, Value actual)
    {
        var type = expected.GetProperty("type").GetString()!;
        if (type == "v128")
        {
            var width = LaneBits(expected);
            var isFloat = expected.GetProperty("lane_type").GetString()![0] == 'f';
            var place = 0;
            return expected.GetProperty("value").EnumerateArray().All(lane => MatchesNumber(lane.GetString()!, isFloat, width, Lane(actual, width, place++)));
        }

        var text = expected.TryGetProperty("value", out var value) ? value.GetString()! : "any";
        return type switch
        {
            "externref" => text == "any" ? actual.Reference is uint : Equals(actual.Reference, text == "null" ? null : uint.Parse(text, CultureInfo.InvariantCulture)),
            "funcref" => text == "null" ? actual.Reference is null : actual.Reference is not null,
            "i32" or "f32" => MatchesNumber(text, type[0] == 'f', 32, actual.Low & uint.MaxValue),
            _ => MatchesNumber(text, type[0] == 'f', 64, actual.Low),
        };
    }

    private static bool MatchesNumber(string expected, bool isFloat, int width, ulong actual)
    {
        var (infinity, quiet, magnitude) = width == 32 ? (0x7F800000UL, 0x400000UL, 0x7FFFFFFFUL) : (0x7FF0000000000000UL, 0x8000000000000UL, long.MaxValue);
        return expected switch
        {
            "nan:canonical" => isFloat && (actual & magnitude) == (infinity | quiet),
            "nan:arithmetic" => isFloat && (actual & (infinity | quiet)) == (infinity | quiet),
            _ => ulong.Parse(expected, CultureInfo.InvariantCulture) == actual,
        };
    }

    private static int LaneBits(JsonElement value) =>
        int.Parse(value.GetProperty("lane_type").GetString()![1..], CultureInfo.InvariantCulture);

    private static ulong Lane(Value vector, int width, int place)
    {
        var half = place * width < 64 ? vector.Low : vector.High;
        return width == 64 ? half : (half >> (place * width % 64)) & ((1UL << width) - 1);
    }

    private static Value Join(ulong[] lanes, int width)
    {
        Span<ulong> halves = [0, 0];
        for (var place = 0; place < lanes.Length; place++)
        {
            halves[place * width / 64] |= (width == 64 ? lanes[place] : lanes[place] & ((1UL << width) - 1)) << (place * width % 64);
        }

        return new Value(halves[0], halves[1]);
    }
}

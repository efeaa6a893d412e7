using System.Globalization;

namespace Gtc.Fleet.Contracts;

/// <summary>Amounts of memory as Kubernetes writes them: <c>256Mi</c>, <c>1Gi</c>, <c>500M</c>, or plain bytes. A small <c>m</c> is refused: it would be thousandths there and mebibytes for podman.</summary>
public static class ByteQuantity
{
    private static readonly (string Unit, long Factor)[] Units =
    [
        ("Ki", 1L << 10), ("Mi", 1L << 20), ("Gi", 1L << 30), ("Ti", 1L << 40),
        ("k", 1000), ("M", 1_000_000), ("G", 1_000_000_000), ("T", 1_000_000_000_000),
    ];

    /// <summary>Reads an amount of at least one byte.</summary>
    public static bool TryParse(string text, out long bytes)
    {
        ArgumentNullException.ThrowIfNull(text);
        bytes = 0;
        var digits = text.AsSpan().IndexOfAnyExceptInRange('0', '9');
        digits = digits < 0 ? text.Length : digits;
        if (digits is 0 or > 15 || !long.TryParse(text.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        var unit = text[digits..];
        var factor = unit.Length == 0 ? 1 : Units.FirstOrDefault(known => known.Unit == unit).Factor;
        if (factor == 0 || number == 0 || number > long.MaxValue / factor)
        {
            return false;
        }

        bytes = number * factor;
        return true;
    }
}

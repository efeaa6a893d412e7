using System.Globalization;
using System.Text.RegularExpressions;

namespace Gtc.EnvPacks;

/// <summary>Ports from one to another, both included.</summary>
/// <param name="First">The lowest.</param>
/// <param name="Last">The highest.</param>
public readonly partial record struct PortRange(int First, int Last)
{
    /// <summary>How it is written.</summary>
    public const string Pattern = @"^[0-9]+(\.\.=|-)[0-9]+$";

    /// <summary>8080 to 8090.</summary>
    public static PortRange Default { get; } = new(8080, 8090);

    /// <summary>Reads <c>8080..=8090</c> or <c>8080-8090</c>.</summary>
    /// <returns>False when it is no range, ends before it starts, or holds a port below 1 or above 65535.</returns>
    public static bool TryParse(string text, out PortRange range)
    {
        range = default;
        var match = Text().Match(text);
        if (!match.Success
            || !ushort.TryParse(match.Groups[1].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var first)
            || !ushort.TryParse(match.Groups[2].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var last)
            || first == 0
            || first > last)
        {
            return false;
        }

        range = new(first, last);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{First}..={Last}";

    [GeneratedRegex(@"^([0-9]{1,5})(?:\.\.=|-)([0-9]{1,5})\z")]
    private static partial Regex Text();
}

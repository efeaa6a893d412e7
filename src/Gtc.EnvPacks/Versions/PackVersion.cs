using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Gtc.Model;

namespace Gtc.EnvPacks;

/// <summary>A version in the order of Semantic Versioning 2.0.0 (semver.org §11); build metadata does not take part.</summary>
/// <param name="Major">Changes when the interface breaks.</param>
/// <param name="Minor">Changes when the interface grows.</param>
/// <param name="Patch">Changes when a fault is mended.</param>
/// <param name="PreRelease">The part behind the <c>-</c>, empty for a release.</param>
public readonly record struct PackVersion(ulong Major, ulong Minor, ulong Patch, string PreRelease) : IComparable<PackVersion>
{
    /// <summary>Reads <c>major.minor.patch[-pre][+build]</c>.</summary>
    /// <returns>False for anything else, and for numbers beyond 64 bits.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, out PackVersion version)
    {
        version = default;
        if (text is null || !SemanticVersion.IsValid(text))
        {
            return false;
        }

        var core = text.Split('+')[0];
        var dash = core.IndexOf('-', StringComparison.Ordinal);
        var numbers = (dash < 0 ? core : core[..dash]).Split('.');
        if (!ulong.TryParse(numbers[0], NumberStyles.None, CultureInfo.InvariantCulture, out var major)
            || !ulong.TryParse(numbers[1], NumberStyles.None, CultureInfo.InvariantCulture, out var minor)
            || !ulong.TryParse(numbers[2], NumberStyles.None, CultureInfo.InvariantCulture, out var patch))
        {
            return false;
        }

        version = new(major, minor, patch, dash < 0 ? "" : core[(dash + 1)..]);
        return true;
    }

    /// <inheritdoc/>
    public int CompareTo(PackVersion other)
    {
        var numbers = (Major, Minor, Patch).CompareTo((other.Major, other.Minor, other.Patch));
        return numbers != 0 ? numbers : ComparePreRelease(PreRelease, other.PreRelease);
    }

    /// <summary>Whether the left one comes first.</summary>
    public static bool operator <(PackVersion left, PackVersion right) => left.CompareTo(right) < 0;

    /// <summary>Whether the right one comes first.</summary>
    public static bool operator >(PackVersion left, PackVersion right) => left.CompareTo(right) > 0;

    /// <summary>Whether the right one does not come first.</summary>
    public static bool operator <=(PackVersion left, PackVersion right) => left.CompareTo(right) <= 0;

    /// <summary>Whether the left one does not come first.</summary>
    public static bool operator >=(PackVersion left, PackVersion right) => left.CompareTo(right) >= 0;

    /// <inheritdoc/>
    public override string ToString() => $"{Major}.{Minor}.{Patch}{(PreRelease.Length == 0 ? "" : $"-{PreRelease}")}";

    /// <summary>A release comes behind its pre-releases; numeric identifiers come before words; the longer list wins a tie.</summary>
    private static int ComparePreRelease(string left, string right)
    {
        if (left.Length == 0 || right.Length == 0)
        {
            return (left.Length == 0).CompareTo(right.Length == 0);
        }

        var lefts = left.Split('.');
        var rights = right.Split('.');
        for (var index = 0; index < Math.Min(lefts.Length, rights.Length); index++)
        {
            var order = CompareIdentifier(lefts[index], rights[index]);
            if (order != 0)
            {
                return order;
            }
        }

        return lefts.Length.CompareTo(rights.Length);
    }

    private static int CompareIdentifier(string left, string right) => (left.All(char.IsAsciiDigit), right.All(char.IsAsciiDigit)) switch
    {
        // Without leading zeros the longer number is the larger one, whatever its size.
        (true, true) => left.Length != right.Length ? left.Length.CompareTo(right.Length) : string.CompareOrdinal(left, right),
        (true, false) => -1,
        (false, true) => 1,
        _ => string.CompareOrdinal(left, right),
    };
}

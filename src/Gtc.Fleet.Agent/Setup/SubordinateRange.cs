using System.Collections.Immutable;
using System.Globalization;

namespace Gtc.Fleet.Agent.Setup;

/// <summary>A line of <c>/etc/subuid</c> or <c>/etc/subgid</c>.</summary>
/// <param name="Owner">A user's name, or its number as text.</param>
/// <param name="Start">The first id.</param>
/// <param name="Count">How many; at least one.</param>
internal sealed record SubordinateRange(string Owner, long Start, long Count)
{
    /// <summary>The first id behind it.</summary>
    public long End => Start + Count;

    /// <summary>Whether both have an id in common.</summary>
    public bool Meets(SubordinateRange other) => Start < other.End && other.Start < End;

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Owner}:{Start}:{Count}");

    /// <summary>Reads a file. Comments, blank lines and lines that say nothing are left out; they are kept when the file is written.</summary>
    public static ImmutableArray<SubordinateRange> Parse(string text)
    {
        var ranges = ImmutableArray.CreateBuilder<SubordinateRange>();
        foreach (var line in text.Split('\n'))
        {
            if (line.Trim().Split(':') is [{ Length: > 0 } owner, var start, var count]
                && owner[0] != '#'
                && long.TryParse(start, NumberStyles.None, CultureInfo.InvariantCulture, out var first)
                && long.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var many)
                && many > 0 && first <= uint.MaxValue && many <= uint.MaxValue)
            {
                ranges.Add(new(owner, first, many));
            }
        }

        return ranges.DrainToImmutable();
    }

    /// <summary>The first range of an owner that has enough ids without a gap; ranges that touch count as one.</summary>
    public static SubordinateRange? FindEnough(IEnumerable<SubordinateRange> ranges, IReadOnlyCollection<string> owners, long count)
    {
        SubordinateRange? joined = null;
        foreach (var range in ranges.Where(range => owners.Contains(range.Owner)).OrderBy(range => range.Start))
        {
            joined = joined is not null && range.Start <= joined.End
                ? joined with { Count = Math.Max(joined.End, range.End) - joined.Start }
                : range;
            if (joined.Count >= count)
            {
                return joined;
            }
        }

        return null;
    }
}

using System.Collections.Immutable;

namespace Gtc.Fleet.Agent.Setup;

/// <summary>Where subordinate ids may be given out: <c>SUB_UID_MIN</c> and so on of <c>/etc/login.defs</c>.</summary>
/// <param name="First">The first id.</param>
/// <param name="Last">The last id.</param>
internal sealed record SubordinateWindow(long First, long Last)
{
    /// <summary>What shadow-utils takes when login.defs says nothing.</summary>
    public static SubordinateWindow Default { get; } = new(100_000, 600_100_000);

    /// <summary>The window of users' or groups' ids.</summary>
    /// <param name="loginDefs">The text of login.defs.</param>
    /// <param name="kind"><c>UID</c> or <c>GID</c>.</param>
    public static SubordinateWindow Read(string loginDefs, string kind) =>
        new(Find(loginDefs, $"SUB_{kind}_MIN") ?? Default.First, Find(loginDefs, $"SUB_{kind}_MAX") ?? Default.Last);

    /// <summary>What both allow.</summary>
    public SubordinateWindow Meet(SubordinateWindow other) => new(Math.Max(First, other.First), Math.Min(Last, other.Last));

    private static long? Find(string text, string name)
    {
        foreach (var line in text.Split('\n'))
        {
            var words = line.Split((char[])[' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries);
            if (words is [var key, var value, ..] && key == name && long.TryParse(value, System.Globalization.CultureInfo.InvariantCulture, out var number))
            {
                return number;
            }
        }

        return null;
    }
}

/// <summary>Finds a block of ids that nobody has.</summary>
internal static class SubordinateAllocation
{
    private const int Shown = 8;

    /// <summary>
    /// The lowest block within a window, aligned to its own size, that is free of every occupied range. Occupied are the ranges of users and of groups together: the block has the same start in both.
    /// </summary>
    /// <returns>The first id, or who has them all.</returns>
    public static AgentResult<long> Choose(SubordinateWindow window, long count, ImmutableArray<SubordinateRange> occupied)
    {
        var sorted = occupied.OrderBy(range => range.Start).ToList();
        var at = 0;
        for (var start = RoundUp(window.First, count); start + count - 1 <= window.Last;)
        {
            var block = new SubordinateRange("", start, count);
            while (at < sorted.Count && sorted[at].End <= start)
            {
                at++;
            }

            // Ranges may overlap each other, so a later one can still end behind an earlier one: the furthest end counts.
            var end = sorted.Skip(at).TakeWhile(range => range.Start < block.End).Where(block.Meets).Select(range => range.End).DefaultIfEmpty(0).Max();
            if (end == 0)
            {
                return start;
            }

            start = RoundUp(end, count);
        }

        var names = string.Join(", ", sorted.Take(Shown)) + (sorted.Count > Shown ? $" and {sorted.Count - Shown} more" : "");
        return new AgentError($"no {count} subordinate ids in a row are free between {window.First} and {window.Last}; they are taken by {names}. Widen SUB_UID_MAX and SUB_GID_MAX in /etc/login.defs, or remove ranges of users that are gone");
    }

    /// <summary>Pairs of different owners that share ids: nothing that a set-up repairs, but something to know.</summary>
    public static IEnumerable<(SubordinateRange One, SubordinateRange Other)> FindOverlaps(ImmutableArray<SubordinateRange> ranges)
    {
        var sorted = ranges.OrderBy(range => range.Start).ToList();
        for (var at = 0; at < sorted.Count; at++)
        {
            for (var next = at + 1; next < sorted.Count && sorted[next].Start < sorted[at].End; next++)
            {
                if (sorted[at].Owner != sorted[next].Owner)
                {
                    yield return (sorted[at], sorted[next]);
                }
            }
        }
    }

    private static long RoundUp(long value, long step) => (value + step - 1) / step * step;
}

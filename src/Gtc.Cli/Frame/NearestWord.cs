namespace Gtc.Cli;

/// <summary>Guesses what a person meant to type.</summary>
internal static class NearestWord
{
    private const int MaxLength = 64;

    /// <summary>The candidate with the fewest edits, when these are at most a third of the word; else null.</summary>
    public static string? To(string word, IEnumerable<string> candidates)
    {
        if (word.Length > MaxLength)
        {
            return null;
        }

        string? best = null;
        var fewest = Math.Max(1, word.Length / 3) + 1;
        foreach (var candidate in candidates)
        {
            var edits = Edits(word, candidate);
            if (edits < fewest)
            {
                fewest = edits;
                best = candidate;
            }
        }

        return best;
    }

    /// <summary>Insertions, deletions, replacements and swaps of neighbours (optimal string alignment).</summary>
    private static int Edits(string left, string right)
    {
        var before = new int[right.Length + 1];
        var previous = Enumerable.Range(0, right.Length + 1).ToArray();
        var current = new int[right.Length + 1];
        for (var row = 1; row <= left.Length; row++)
        {
            current[0] = row;
            for (var column = 1; column <= right.Length; column++)
            {
                var replaced = previous[column - 1] + (left[row - 1] == right[column - 1] ? 0 : 1);
                current[column] = Math.Min(replaced, Math.Min(previous[column], current[column - 1]) + 1);
                if (row > 1 && column > 1 && left[row - 1] == right[column - 2] && left[row - 2] == right[column - 1])
                {
                    current[column] = Math.Min(current[column], before[column - 2] + 1);
                }
            }

            (before, previous, current) = (previous, current, before);
        }

        return previous[right.Length];
    }
}

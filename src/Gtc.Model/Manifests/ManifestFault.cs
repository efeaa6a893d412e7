namespace Gtc.Model;

/// <summary>A broken rule of a manifest. Never leaves <see cref="Manifests"/>, which turns it into a refusal.</summary>
internal sealed class ManifestFault(string path, string message) : Exception(message)
{
    public string Path { get; } = path;

    /// <summary>Throws when the rule does not hold.</summary>
    public static void Unless(bool holds, string path, string message)
    {
        if (!holds)
        {
            throw new ManifestFault(path, message);
        }
    }

    /// <summary>Throws when the text is blank.</summary>
    public static void IfBlank(string? text, string path)
    {
        if (text is not null && string.IsNullOrWhiteSpace(text))
        {
            throw new ManifestFault(path, "must not be blank");
        }
    }

    /// <summary>Throws when the word is not in the list.</summary>
    public static void UnlessOneOf(string? word, IReadOnlyList<string> words, string path)
    {
        if (word is not null && !words.Contains(word))
        {
            throw new ManifestFault(path, $"is `{word}`, one of {string.Join(", ", words)} was expected");
        }
    }

    /// <summary>Throws at the second of two equal values.</summary>
    public static void IfRepeated<T>(IEnumerable<T> values, Func<int, string> path)
    {
        var seen = new HashSet<T>();
        var index = 0;
        foreach (var value in values)
        {
            if (!seen.Add(value))
            {
                throw new ManifestFault(path(index), $"`{value}` stands twice");
            }

            index++;
        }
    }

    /// <summary>Throws when there is a refusal.</summary>
    public static void If(Refusal? refusal, string path)
    {
        if (refusal is not null)
        {
            throw new ManifestFault(path, refusal.Message);
        }
    }
}

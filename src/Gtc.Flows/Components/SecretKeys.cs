using System.Text;

namespace Gtc.Flows;

/// <summary>How secrets are named (flows-and-components.md §6): components and packs spell them as they like, stores keep one form.</summary>
public static class SecretKeys
{
    /// <summary>The longest key that a component may ask for, in characters.</summary>
    public const int MaxLength = 256;

    /// <summary>Lower case; hyphens, dots, spaces and slashes become underscores, several in a row one, none at the ends. An empty one is <c>secret</c>.</summary>
    public static string Canonical(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        var canonical = new StringBuilder(key.Length);
        foreach (var letter in key)
        {
            var kept = letter is '-' or '.' or ' ' or '/' ? '_' : char.ToLowerInvariant(letter);
            if (kept != '_' || (canonical.Length > 0 && canonical[^1] != '_'))
            {
                canonical.Append(kept);
            }
        }

        if (canonical.Length > 0 && canonical[^1] == '_')
        {
            canonical.Length--;
        }

        return canonical.Length == 0 ? "secret" : canonical.ToString();
    }
}

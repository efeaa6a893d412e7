namespace Gtc.Artifacts.SquashFs.Reading;

/// <summary>
/// The rule that keeps symbolic links inside: the target is relative, <c>..</c> stands only at its start, and climbs no higher
/// than the root. A link lies in a real folder, so its leading <c>..</c> are real parents, and every further name is a real entry or
/// another link under the same rule: no chain of links can leave. (<c>..</c> after a name could climb out of another link's target.)
/// </summary>
internal static class LinkRule
{
    /// <summary>Longest target in bytes that Linux can follow.</summary>
    public const int MaxTargetBytes = 4095;

    /// <summary>What is wrong with a target, or null.</summary>
    /// <param name="target">The target as stored.</param>
    /// <param name="depth">Names in the path of the link itself, at least 1.</param>
    public static string? Fault(string target, int depth)
    {
        if (target.Length == 0 || target[0] == '/' || target.Contains('\0', StringComparison.Ordinal))
        {
            return "a symbolic link is not relative";
        }

        var climbed = 0;
        var named = false;
        foreach (var part in target.AsSpan().Split('/'))
        {
            var name = target.AsSpan(part);
            if (name is "..")
            {
                climbed++;
                if (named)
                {
                    return "a symbolic link climbs after a name";
                }
            }
            else
            {
                named |= name is not ("" or ".");
            }
        }

        return climbed >= depth ? "a symbolic link leaves the root" : null;
    }
}

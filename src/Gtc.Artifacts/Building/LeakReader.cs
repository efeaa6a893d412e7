using System.Text;
using System.Text.RegularExpressions;

namespace Gtc.Artifacts.Building;

/// <summary>Looks through one file, a window at a time, so that memory does not grow with the file.</summary>
internal sealed class LeakReader(string path, List<LeakFinding> findings, int most)
{
    private const int WindowBytes = 64 << 10;

    private readonly LeakRule[] _rules = LeakRules.IsConfiguration(path) ? [.. LeakRules.Everywhere, LeakRules.Generic] : LeakRules.Everywhere;
    private int _line = 1;

    public async Task ReadAsync(Stream content, CancellationToken cancellationToken)
    {
        var buffer = new byte[WindowBytes];
        var kept = 0;
        var isFirst = true;
        while (findings.Count < most)
        {
            var read = await content.ReadAtLeastAsync(buffer.AsMemory(kept), buffer.Length - kept, throwOnEndOfStream: false, cancellationToken);
            var isLast = read < buffer.Length - kept;
            var window = Encoding.Latin1.GetString(buffer, 0, kept + read);
            // What starts in the tail is looked at again with all that follows it. One character before the next start stays, for look-behind.
            var end = isLast ? window.Length : window.Length - LeakRules.MaxMatch;
            Search(window, isFirst ? 0 : 1, end);
            if (isLast)
            {
                return;
            }

            _line += window.AsSpan(isFirst ? 0 : 1, end - (isFirst ? 0 : 1)).Count('\n');
            kept = window.Length - end + 1;
            buffer.AsSpan(end - 1, kept).CopyTo(buffer);
            isFirst = false;
        }
    }

    private void Search(string window, int start, int end)
    {
        foreach (var rule in _rules)
        {
            for (var match = rule.Pattern.Match(window, start); match.Success && match.Index < end && findings.Count < most; match = match.NextMatch())
            {
                Judge(rule, match, window, start);
            }
        }
    }

    private void Judge(LeakRule rule, Match match, string window, int start)
    {
        var group = match.Groups["secret"];
        var secret = group.Success ? group.Value : match.Value;
        if ((rule.IsGeneric ? !LeakRules.LooksRandom(secret) : LeakRules.IsPlaceholder(secret)) || IsMarked(window, match))
        {
            return;
        }

        var line = _line + window.AsSpan(start, match.Index - start).Count('\n');
        if (!findings.Any(finding => finding.Path == path && finding.Line == line))
        {
            findings.Add(new(path, line, rule.Name, Redacted(rule, match.Value, secret)));
        }
    }

    private static bool IsMarked(string window, Match match)
    {
        var from = window.LastIndexOf('\n', match.Index) + 1;
        var to = window.IndexOf('\n', match.Index + match.Length);
        return window.AsSpan(from..(to < 0 ? window.Length : to)).Contains(LeakAllowList.InlineMarker, StringComparison.Ordinal);
    }

    /// <summary>The kind and length are told, and of tokens the public prefix.</summary>
    private static string Redacted(LeakRule rule, string match, string secret)
    {
        const int Shown = 4;
        return rule.Name switch
        {
            "private-key" => match[..(match.IndexOf("-----", 5, StringComparison.Ordinal) + 5)],
            _ when secret.Length < match.Length => $"{new string([.. match.TakeWhile(character => char.IsAsciiLetterOrDigit(character) || character is '_' or '-')])} … ({secret.Length} characters)",
            _ => $"{secret[..Shown]}… ({secret.Length} characters)",
        };
    }
}

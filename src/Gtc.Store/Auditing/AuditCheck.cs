using System.Text.Json;

namespace Gtc.Store;

/// <summary>One line of an audit log and where it stands.</summary>
/// <param name="File">The file, or null when there is only one.</param>
/// <param name="Number">Its number in the file, from 1.</param>
/// <param name="Content">The line without its newline.</param>
internal readonly record struct AuditLine(string? File, long Number, ReadOnlyMemory<byte> Content);

/// <summary>
/// Follows the chain of audit lines. Older lines may have been taken out by <c>audit prune</c>: a chain may begin in the middle
/// when a later line of it, which is chained itself, records that the lines up to there were taken out.
/// </summary>
internal static class AuditCheck
{
    /// <summary>The noun of the line that records removed lines.</summary>
    public const string PruneNoun = "audit";

    /// <summary>Its verb.</summary>
    public const string PruneVerb = "prune";

    /// <summary>The member of its target that names the hash of the last removed line.</summary>
    public const string RemovedThrough = "removed_through";

    /// <summary>Splits a file into lines.</summary>
    public static List<AuditLine> Split(byte[] content, string? file)
    {
        var lines = new List<AuditLine>();
        for (var start = 0; start < content.Length;)
        {
            var length = content.AsSpan(start).IndexOf((byte)'\n');
            length = length < 0 ? content.Length - start : length;
            lines.Add(new AuditLine(file, lines.Count + 1, content.AsMemory(start, length)));
            start += length + 1;
        }

        return lines;
    }

    /// <summary>Checks lines in their order.</summary>
    /// <param name="lines">All lines, the oldest first.</param>
    /// <param name="ends">What is known about where they begin and end.</param>
    /// <param name="cancellationToken">Ends the check.</param>
    public static AuditVerdict Verify(IReadOnlyList<AuditLine> lines, AuditEnds ends, CancellationToken cancellationToken)
    {
        using var check = new AuditChainCheck(ends);
        foreach (var line in lines)
        {
            cancellationToken.ThrowIfCancellationRequested();
            check.Add(line);
        }

        return check.End();
    }

    /// <summary>The hash of a line, or null when it has none.</summary>
    public static string? Hash(JsonElement? line) => line is { } value ? AuditChain.TextOf(value, AuditChain.HashMember) : null;
}

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
        var unchained = lines.TakeWhile(line => Hash(AuditChain.Parse(line.Content)) is null).Count();
        var previous = AuditChain.Anchor([.. lines.Take(unchained).SelectMany(line => (byte[])[.. line.Content.Span, (byte)'\n'])]);
        string? cutAt = null;
        for (var index = unchained; index < lines.Count; index++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var line = AuditChain.Parse(lines[index].Content);
            if (index == 0 && line is { } first && AuditChain.TextOf(first, AuditChain.PreviousMember) is { } before && before != previous)
            {
                (cutAt, previous) = (before == ends.Pruned || before == ends.Before ? null : before, before);
            }

            if (Check(line, previous) is { } reason)
            {
                return new AuditVerdict(lines.Count, unchained, Broken(lines[index], reason));
            }

            if (index == 0 && ends.Before is { } expected && previous != expected)
            {
                return new AuditVerdict(lines.Count, unchained, Broken(lines[0], $"it does not follow the line with hash {expected}: lines before it are missing, or are others"));
            }

            previous = Hash(line)!;
            cutAt = cutAt is not null && RemovedBy(line!.Value) == cutAt ? null : cutAt;
        }

        return new AuditVerdict(lines.Count, unchained, cutAt is not null
            ? Broken(lines[0], "it does not begin the log: lines before it are missing, and neither a later line nor a checkpoint that is trusted says that they were pruned")
            : ends.Head is null || ends.Head == previous && unchained < lines.Count
                ? null
                : new AuditBreak(lines.Count + 1, $"the log goes on to the line with hash {ends.Head}: lines are missing at the end"));
    }

    /// <summary>The hash of a line, or null when it has none.</summary>
    public static string? Hash(JsonElement? line) => line is { } value ? AuditChain.TextOf(value, AuditChain.HashMember) : null;

    private static AuditBreak Broken(AuditLine line, string reason) => new(line.Number, reason) { File = line.File };

    private static string? Check(JsonElement? line, string previous) => line is not { } value
        ? "it is not one JSON object"
        : Hash(value) is not { } hash ? "it has no hash"
        : AuditChain.HashOf(value) != hash ? "it was changed: its hash is of something else"
        : AuditChain.TextOf(value, AuditChain.PreviousMember) != previous ? "it does not follow the line before: a line was removed, added or moved"
        : null;

    /// <summary>The hash of the last line that this line records as removed, or null.</summary>
    private static string? RemovedBy(JsonElement line) =>
        AuditChain.TextOf(line, "noun") == PruneNoun
        && AuditChain.TextOf(line, "verb") == PruneVerb
        && line.TryGetProperty("target", out var target)
        && target.ValueKind == JsonValueKind.Object
            ? AuditChain.TextOf(target, RemovedThrough)
            : null;
}

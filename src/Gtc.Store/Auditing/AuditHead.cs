using Gtc.Model;

namespace Gtc.Store;

/// <summary>The lines at the start of an audit log that are old enough to go.</summary>
/// <param name="Lines">How many.</param>
/// <param name="Bytes">Their bytes, newlines included.</param>
/// <param name="LastHash">The hash of the last one, which the line after them names; null without one.</param>
internal sealed record AuditHead(int Lines, ReadOnlyMemory<byte> Bytes, string? LastHash)
{
    /// <summary>The event id of the last one; null without one.</summary>
    public string? LastEvent { get; private init; }

    /// <summary>The longest run of readable lines from the start that are all older than a time and end with a chained one.</summary>
    public static AuditHead Before(byte[] log, DateTimeOffset horizon) => While(log, AuditCheck.Split(log, null), (_, line) => line.Ts < horizon);

    /// <summary>The longest run of readable lines from the start that leaves the newest few and ends with a chained one.</summary>
    public static AuditHead AllBut(byte[] log, int newest)
    {
        var lines = AuditCheck.Split(log, null);
        return While(log, lines, (number, _) => number <= lines.Count - newest);
    }

    /// <summary>How many lines there are up to the one with a hash, itself included; 0 when it is not there.</summary>
    public static int Through(ReadOnlyMemory<byte> log, string hash) =>
        AuditCheck.Split(log.ToArray(), null).FindIndex(line => AuditCheck.Hash(AuditChain.Parse(line.Content)) == hash) + 1;

    private static AuditHead While(byte[] log, List<AuditLine> lines, Func<long, AuditEvent, bool> goes)
    {
        var head = new AuditHead(0, ReadOnlyMemory<byte>.Empty, null);
        var length = 0;
        foreach (var line in lines)
        {
            length += line.Content.Length + 1;
            if (length > log.Length || !Documents.AuditEvent.Parse(line.Content.Span).TryGet(out var parsed, out _) || !goes(line.Number, parsed))
            {
                break;
            }

            if (AuditCheck.Hash(AuditChain.Parse(line.Content)) is { } hash)
            {
                head = new AuditHead((int)line.Number, log.AsMemory(0, length), hash) { LastEvent = parsed.EventId };
            }
        }

        return head;
    }
}

/// <summary>What pruning an audit log did.</summary>
/// <param name="RemovedLines">How many lines were taken out.</param>
/// <param name="Archive">The file that has them now, or null.</param>
public sealed record PrunedAudit(int RemovedLines, string? Archive);

/// <summary>What compacting a journal did.</summary>
/// <param name="RemovedSegments">How many files were removed.</param>
/// <param name="Oldest">The oldest generation that can be read.</param>
/// <param name="Newest">The newest generation.</param>
public sealed record CompactedJournal(int RemovedSegments, ulong Oldest, ulong Newest);

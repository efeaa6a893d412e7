using Gtc.Model;

namespace Gtc.Store;

/// <summary>The lines at the start of an audit log that are old enough to go.</summary>
/// <param name="Lines">How many.</param>
/// <param name="Bytes">Their bytes, newlines included.</param>
/// <param name="LastHash">The hash of the last one, which the line after them names; null without one.</param>
internal sealed record AuditHead(int Lines, ReadOnlyMemory<byte> Bytes, string? LastHash)
{
    /// <summary>The longest run of readable lines from the start that are all older than a time and end with a chained one.</summary>
    public static AuditHead Before(byte[] log, DateTimeOffset horizon)
    {
        var head = new AuditHead(0, ReadOnlyMemory<byte>.Empty, null);
        var length = 0;
        foreach (var line in AuditCheck.Split(log, null))
        {
            length += line.Content.Length + 1;
            if (length > log.Length || !Documents.AuditEvent.Parse(line.Content.Span).TryGet(out var parsed, out _) || parsed.Ts >= horizon)
            {
                break;
            }

            if (AuditCheck.Hash(AuditChain.Parse(line.Content)) is { } hash)
            {
                head = new AuditHead((int)line.Number, log.AsMemory(0, length), hash);
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

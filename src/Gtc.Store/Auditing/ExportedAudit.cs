using System.Collections.Immutable;

namespace Gtc.Store;

/// <summary>An audit log, to be kept elsewhere.</summary>
/// <param name="Lines">Its lines without newlines, oldest first, exactly as they are chained.</param>
/// <param name="Checkpoint">The signed <see cref="AuditCheckpoint"/> of lines that were pruned before them; null without one.</param>
public sealed record ExportedAudit(ImmutableArray<ReadOnlyMemory<byte>> Lines, ReadOnlyMemory<byte>? Checkpoint)
{
    /// <summary>The hash of the last line, which tells later whether lines are missing at the end; null without one.</summary>
    public string? Head => Lines.IsEmpty ? null : AuditCheck.Hash(AuditChain.Parse(Lines[^1]));

    /// <summary>Checks the lines as one chain.</summary>
    /// <param name="ends">What is known about where they begin and end.</param>
    /// <param name="cancellationToken">Ends the check.</param>
    public AuditVerdict Verify(AuditEnds ends, CancellationToken cancellationToken) =>
        AuditCheck.Verify([.. Lines.Select((line, index) => new AuditLine(null, index + 1, line))], ends, cancellationToken);

    /// <summary>How many lines there are up to the one with a hash, itself included; 0 when it is not there any more.</summary>
    public int Through(string? hash)
    {
        for (var index = Lines.Length - 1; hash is not null && index >= 0; index--)
        {
            if (AuditCheck.Hash(AuditChain.Parse(Lines[index])) == hash)
            {
                return index + 1;
            }
        }

        return 0;
    }
}

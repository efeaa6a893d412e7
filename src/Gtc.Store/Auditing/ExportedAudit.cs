using System.Collections.Immutable;

namespace Gtc.Store;

/// <summary>An audit log, to be kept elsewhere.</summary>
/// <param name="Lines">Its lines without newlines, oldest first, exactly as they are chained.</param>
/// <param name="Checkpoint">The signed <see cref="AuditCheckpoint"/> of lines that were pruned before them; null without one.</param>
public sealed record ExportedAudit(ImmutableArray<ReadOnlyMemory<byte>> Lines, ReadOnlyMemory<byte>? Checkpoint)
{
    /// <summary>The hash of the last line, which tells later whether lines are missing at the end; null without one.</summary>
    public string? Head => Lines.IsEmpty ? null : AuditCheck.Hash(AuditChain.Parse(Lines[^1]));
}

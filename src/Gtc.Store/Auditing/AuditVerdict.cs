namespace Gtc.Store;

/// <summary>What became of an audit log since it was written.</summary>
/// <param name="Lines">How many lines it has.</param>
/// <param name="Unchained">How many of them are older than the chain; the first chained line vouches for them together.</param>
/// <param name="Broken">Where it is broken first, or null when it is as it was written.</param>
public sealed record AuditVerdict(long Lines, long Unchained, AuditBreak? Broken)
{
    /// <summary>Whether it is as it was written.</summary>
    public bool IsSound => Broken is null;
}

/// <summary>The first broken line of an audit log.</summary>
/// <param name="Line">Its number, from 1; one more than there are lines when lines are missing at the end.</param>
/// <param name="Reason">What is wrong with it.</param>
public sealed record AuditBreak(long Line, string Reason)
{
    /// <summary>The file that it is in, where files were checked; null for an environment's log.</summary>
    public string? File { get; init; }
}

/// <summary>What became of audit logs that were checked away from their store.</summary>
/// <param name="Verdict">Whether they are as they were written.</param>
/// <param name="Head">The hash of the last line; noted down elsewhere, it tells later whether lines are missing at the end. Null without one.</param>
public sealed record AuditFileVerdict(AuditVerdict Verdict, string? Head);

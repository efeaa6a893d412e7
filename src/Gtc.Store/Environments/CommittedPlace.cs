namespace Gtc.Store;

/// <summary>Where a change stands in the journal.</summary>
/// <param name="Generation">The environment's generation after it; the one before as well when it made no document.</param>
/// <param name="Audit">Its line of the audit log, without the newline.</param>
/// <param name="IsReplay">Whether it stood before and is only answered again.</param>
public sealed record CommittedPlace(ulong Generation, ReadOnlyMemory<byte> Audit, bool IsReplay);

/// <summary>The answer of a change that stands, and where.</summary>
/// <typeparam name="T">What the verb answers.</typeparam>
/// <param name="Answer">The answer.</param>
/// <param name="Place">Where it stands.</param>
public sealed record Committed<T>(T Answer, CommittedPlace Place);

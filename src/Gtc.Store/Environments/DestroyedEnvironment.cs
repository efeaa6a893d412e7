using System.Collections.Immutable;

namespace Gtc.Store;

/// <summary>What a destroy did, or would do.</summary>
/// <param name="Deleted">The names in the environment's folder that are removed, in order.</param>
/// <param name="ArchivedAudit">The folder that keeps its audit log; null when nothing was done.</param>
public sealed record DestroyedEnvironment(ImmutableArray<string> Deleted, string? ArchivedAudit);

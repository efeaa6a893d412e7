using Gtc.Model;

namespace Gtc.Store;

/// <summary>One snapshot.</summary>
/// <param name="Id">Its id, which sorts by time.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="Generation">The generation of the environment then, or null when it does not say.</param>
/// <param name="Files">How many files it holds.</param>
public sealed record SnapshotListing(Ulid Id, DateTimeOffset CreatedAt, ulong? Generation, int Files);

/// <summary>How a snapshot was restored.</summary>
/// <param name="Id">The snapshot.</param>
/// <param name="Generation">The environment's generation, which is a new one.</param>
/// <param name="Restored">The files that are again as they were, in order.</param>
/// <param name="Removed">The files that did not exist then, in order.</param>
public sealed record SnapshotRestored(Ulid Id, ulong Generation, IReadOnlyList<string> Restored, IReadOnlyList<string> Removed);

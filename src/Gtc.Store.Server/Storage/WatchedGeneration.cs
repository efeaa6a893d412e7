namespace Gtc.Store.Server;

/// <summary>What who watches is told.</summary>
/// <param name="Generation">The newest generation.</param>
/// <param name="Etag">The entity tag of the environment at that generation; empty when it ended with it.</param>
public sealed record WatchedGeneration(ulong Generation, string Etag);

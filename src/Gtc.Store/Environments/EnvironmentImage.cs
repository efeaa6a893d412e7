using System.Collections.Immutable;
using Gtc.Model;

namespace Gtc.Store;

/// <summary>Everything of an environment as it is at one moment, to be kept elsewhere and put in place again. Earlier documents are not in it.</summary>
public sealed record EnvironmentImage
{
    /// <summary>The document, with its generation.</summary>
    public required EnvironmentDocument Document { get; init; }

    /// <summary>Its generation.</summary>
    public required ulong Generation { get; init; }

    /// <summary>What lies beside it.</summary>
    public required ImmutableSortedDictionary<SideName, ReadOnlyMemory<byte>> Sides { get; init; }

    /// <summary>The lines of its audit log without newlines, oldest first, exactly as they are chained.</summary>
    public required ImmutableArray<ReadOnlyMemory<byte>> Audit { get; init; }

    /// <summary>The idempotency keys that stand, oldest first.</summary>
    public required ImmutableArray<KeptKey> Keys { get; init; }
}

/// <summary>An idempotency key that stands, and what a retry under it is answered.</summary>
/// <param name="Key">The key.</param>
/// <param name="Fingerprint">The digest of what was asked.</param>
/// <param name="Generation">The environment's generation after it.</param>
/// <param name="Audit">Its line of the audit log, without the newline.</param>
/// <param name="Answer">The answer, compact JSON of whoever wrote it.</param>
public sealed record KeptKey(string Key, string Fingerprint, ulong Generation, ReadOnlyMemory<byte> Audit, ReadOnlyMemory<byte> Answer);

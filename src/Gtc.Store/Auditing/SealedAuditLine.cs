using System.Text.Json.Nodes;
using Gtc.Model;

namespace Gtc.Store;

/// <summary>How an attempt ended, as its audit line says it.</summary>
public sealed record AttemptEnd
{
    /// <summary>Why it was refused, or null.</summary>
    public Refusal? Refusal { get; init; }

    /// <summary>The generation before, or null.</summary>
    public ulong? PreviousGeneration { get; init; }

    /// <summary>The generation after, or null.</summary>
    public ulong? NewGeneration { get; init; }

    /// <summary>What was acted on, when the intent could not know it yet.</summary>
    public JsonObject? Target { get; init; }

    /// <summary>How it ended, when the answer reports a failure that stands; null for the ordinary one.</summary>
    public AuditResult? Recorded { get; init; }
}

/// <summary>A line of an audit log in its place in the chain, for engines that keep the log elsewhere than in a file. The chain is the same: written out, it verifies as one.</summary>
/// <param name="Line">The line without its newline.</param>
/// <param name="Hash">Its hash, which the next line names.</param>
/// <param name="EventId">Its event id.</param>
public sealed record SealedAuditLine(ReadOnlyMemory<byte> Line, string Hash, string EventId)
{
    /// <summary>Makes the line of an attempt.</summary>
    /// <param name="intent">What was asked, and by whom.</param>
    /// <param name="end">How it ended.</param>
    /// <param name="now">When.</param>
    /// <param name="random">Makes its event id.</param>
    /// <param name="previous">The hash of the line before, or null for the first one.</param>
    public static SealedAuditLine Of(MutationIntent intent, AttemptEnd end, DateTimeOffset now, RandomSource random, string? previous)
    {
        ArgumentNullException.ThrowIfNull(intent);
        ArgumentNullException.ThrowIfNull(end);
        ArgumentNullException.ThrowIfNull(random);
        var attempt = new AttemptSummary
        {
            Refusal = end.Refusal,
            PreviousGeneration = end.PreviousGeneration,
            NewGeneration = end.NewGeneration,
            Target = end.Target,
            Recorded = end.Recorded,
        };
        var line = AuditLines.Line(intent, attempt, now, random);
        var (bytes, hash) = AuditChain.Seal(line, previous ?? AuditChain.Anchor([]));
        return new SealedAuditLine(bytes, hash, line.EventId);
    }

    /// <summary>The hash that a line carries; null for a line that is older than the chain, or that is none.</summary>
    public static string? HashOf(ReadOnlyMemory<byte> line) => AuditCheck.Hash(AuditChain.Parse(line));
}

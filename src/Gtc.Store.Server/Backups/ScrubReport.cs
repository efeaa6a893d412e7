using System.Collections.Immutable;

namespace Gtc.Store.Server;

/// <summary>What a scrub read, and what it found damaged.</summary>
/// <param name="Environments">How many environments.</param>
/// <param name="Documents">How many of their generations.</param>
/// <param name="Sides">How many documents beside theirs, and final backups.</param>
/// <param name="AuditLines">How many audit lines.</param>
/// <param name="Policies">How many signed policies.</param>
/// <param name="Artifacts">How many artifacts.</param>
/// <param name="Problems">What is damaged; nothing when all is as it was written.</param>
public sealed record ScrubReport(int Environments, long Documents, long Sides, long AuditLines, long Policies, long Artifacts, ImmutableArray<StoreProblem> Problems)
{
    /// <summary>How much was read.</summary>
    public long Rows => Documents + Sides + AuditLines + Policies + Artifacts;
}

/// <summary>Something that is not as it was written.</summary>
/// <param name="EnvironmentId">The environment; null for what belongs to none.</param>
/// <param name="Row">Which part of it.</param>
/// <param name="Why">What is wrong.</param>
public sealed record StoreProblem(string? EnvironmentId, string Row, string Why);

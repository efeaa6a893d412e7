using System.Collections.Immutable;

namespace Gtc.Store;

/// <summary>What is wrong with a journal and what was done about it.</summary>
/// <param name="Findings">What was found, a sentence each; empty when nothing is wrong.</param>
/// <param name="IsRepaired">Whether it was repaired.</param>
/// <param name="Generation">The generation that the environment is of.</param>
public sealed record JournalRepair(ImmutableArray<string> Findings, bool IsRepaired, ulong Generation);

using System.Collections.Immutable;

namespace Gtc.Model;

/// <summary>What <c>env init</c> makes of an environment (op-cli.md §5.1).</summary>
/// <param name="Document">The document.</param>
/// <param name="Outcome"><c>created</c>, <c>healed</c> or <c>untouched</c>.</param>
/// <param name="AddedSlots">The slots that were bound although the environment existed.</param>
public sealed record HealedEnvironment(EnvironmentDocument Document, string Outcome, ImmutableArray<CapabilitySlot> AddedSlots);

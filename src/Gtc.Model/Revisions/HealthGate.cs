using System.Collections.Immutable;

namespace Gtc.Model;

/// <summary>What the health gate found before a revision may become ready (worker-runtime.md §7.1).</summary>
/// <param name="FailedChecks">Every check that failed, not only the first; empty when the gate passed.</param>
/// <param name="Message">The failures as one sentence, empty when the gate passed.</param>
public sealed record HealthGate(ImmutableArray<string> FailedChecks, string Message)
{
    /// <summary>A gate that passed.</summary>
    public static HealthGate Passed { get; } = new([], string.Empty);

    /// <summary>True when nothing failed.</summary>
    public bool IsPassed => FailedChecks.IsEmpty && Message.Length == 0;
}

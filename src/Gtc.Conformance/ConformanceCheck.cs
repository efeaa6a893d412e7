using System.Collections.Immutable;

namespace Gtc.Conformance;

/// <summary>One thing that must hold for a deployer.</summary>
public sealed class ConformanceCheck
{
    private readonly Func<CheckRun, Task> _body;

    internal ConformanceCheck(string id, string title, Func<CheckRun, string?> excuse, Func<CheckRun, Task> body) =>
        (Id, Title, Excuse, _body) = (id, title, excuse, body);

    /// <summary>All checks, in the order of the specification.</summary>
    public static ImmutableArray<ConformanceCheck> All { get; } =
        [.. ContractChecks.All, .. StateChecks.All, .. FaultChecks.All, .. PlaceChecks.All, .. CareChecks.All];

    /// <summary>Its id, <c>C1</c> to <c>C31</c>.</summary>
    public string Id { get; }

    /// <summary>What must hold, one sentence without a final full stop.</summary>
    public string Title { get; }

    /// <summary>Why it does not apply to a subject, or null when it does.</summary>
    internal Func<CheckRun, string?> Excuse { get; }

    internal Task RunAsync(CheckRun run) => _body(run);
}

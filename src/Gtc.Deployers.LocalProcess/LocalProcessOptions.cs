using System.Collections.Immutable;
using Gtc.Store;

namespace Gtc.Deployers.LocalProcess;

/// <summary>Where the deployer works.</summary>
public sealed record LocalProcessOptions
{
    /// <summary>Where environments are kept.</summary>
    public required FileEnvironmentStore Store { get; init; }

    /// <summary>The machine's processes; null where there are none to be used. Then supervising verbs are refused.</summary>
    public IWorkerProcesses? Processes { get; init; }

    /// <summary>The words that start gtc: its path, or the runtime and the program's assembly.</summary>
    public ImmutableArray<string> Program { get => field.IsDefault ? [] : field; init; }

    /// <summary>The clock.</summary>
    public required TimeProvider Time { get; init; }
}

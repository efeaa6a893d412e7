using Gtc.Model;
using Gtc.Signing;

namespace Gtc.Store.Server;

/// <summary>What a step sees: the present state, which cannot change while it runs.</summary>
public sealed record ChangeContext
{
    /// <summary>The environment, or null when there is none.</summary>
    public required EnvironmentDocument? Current { get; init; }

    /// <summary>Its generation; 0 when there is none.</summary>
    public required ulong Generation { get; init; }

    /// <summary>Its trusted keys; null when it was never bootstrapped.</summary>
    public required TrustRoot? TrustRoot { get; init; }

    /// <summary>The time of the change.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>A fresh id.</summary>
    public required Func<Ulid> NewUlid { get; init; }

    /// <summary>What lies beside the document under a name, or null.</summary>
    public required Func<SideName, Outcome<SideDocument?>> Side { get; init; }

    /// <summary>The environment, for a step that is only run where there is one.</summary>
    public EnvironmentDocument Present => Current ?? throw new InvalidOperationException("The step was run without an environment.");

    /// <summary>What can be kept of the environment, for a step that ends it; null for others.</summary>
    public Func<Outcome<EndingEnvironment>>? Capture { get; init; }

    /// <summary>An earlier document of the environment, or why it cannot be had.</summary>
    public required Func<ulong, Outcome<EnvironmentDocument>> DocumentAt { get; init; }
}

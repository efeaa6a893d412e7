namespace Gtc.Conformance;

/// <summary>What a deployer does beyond checking preconditions; checks of what it does not do are told as not applicable (deployers-and-conformance.md §13).</summary>
public sealed record DeployerCapabilities
{
    /// <summary>A deployer that only checks preconditions.</summary>
    public static DeployerCapabilities None { get; } = new();

    /// <summary>Warm makes objects at the provider, archive removes them.</summary>
    public bool ProvidesObjects { get; init; }

    /// <summary>Warm returns only when what runs is healthy.</summary>
    public bool ProvidesHealthGate { get; init; }

    /// <summary>A split is put in force at the provider, not only recorded in the environment.</summary>
    public bool ProvidesTraffic { get; init; }
}

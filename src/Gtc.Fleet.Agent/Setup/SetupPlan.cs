using System.Collections.Immutable;

namespace Gtc.Fleet.Agent.Setup;

/// <summary>What a host is set up for.</summary>
public sealed record SetupPlan
{
    /// <summary>The user that the agent runs as.</summary>
    public const string DefaultUser = "fleet-agent";

    /// <summary>Where its configuration is.</summary>
    public const string ConfigPath = "/etc/fleet-agent/agent.toml";

    /// <summary>The device's id.</summary>
    public required string Device { get; init; }

    /// <summary>The brokers.</summary>
    public required ImmutableArray<string> NatsUrls { get; init; }

    /// <summary>The device's labels.</summary>
    public ImmutableSortedDictionary<string, string> Labels { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>A file with the device's JWT and key, or null to connect as nobody in particular.</summary>
    public string? CredsFile { get; init; }

    /// <summary>The user that the agent runs as.</summary>
    public string User { get; init; } = DefaultUser;

    /// <summary>Where gtc is on the host.</summary>
    public string Program { get; init; } = "/usr/local/bin/gtc";

    /// <summary>How many subordinate ids the user needs.</summary>
    public long SubordinateCount { get; init; } = SubordinateIds.DefaultCount;

    /// <summary>True when containers of the user may listen on ports below 1,024.</summary>
    public bool AllowsLowPorts { get; init; }
}

/// <summary>What became of one part of the set-up.</summary>
public enum SetupState
{
    /// <summary>It is as it has to be.</summary>
    Unchanged,

    /// <summary>It was not, and is now.</summary>
    Changed,

    /// <summary>It is not, and would be changed.</summary>
    WouldChange,

    /// <summary>It could not be done; the parts that need it were not tried.</summary>
    Failed,
}

/// <summary>One part of the set-up.</summary>
/// <param name="Name">What it is about, one word.</param>
/// <param name="State">What became of it.</param>
/// <param name="Text">What it is, would be, or why it failed.</param>
public sealed record SetupStep(string Name, SetupState State, string Text);

/// <summary>What became of the set-up.</summary>
/// <param name="Steps">Its parts, in order.</param>
/// <param name="Warnings">What should be known and was not touched.</param>
public sealed record SetupReport(ImmutableArray<SetupStep> Steps, ImmutableArray<string> Warnings);

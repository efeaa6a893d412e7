using System.Collections.Immutable;
using Gtc.Fleet.Contracts;
using Gtc.Podman;

namespace Gtc.Fleet.Agent.Configuration;

/// <summary>What <c>agent.toml</c> says.</summary>
public sealed record AgentConfig
{
    /// <summary>The device.</summary>
    public required DeviceId Device { get; init; }

    /// <summary>Where it keeps what it has to run.</summary>
    public required string DataFolder { get; init; }

    /// <summary>The brokers.</summary>
    public required ImmutableArray<string> Urls { get; init; }

    /// <summary>What subjects of answers begin with.</summary>
    public required string InboxPrefix { get; init; }

    /// <summary>A file of certificates that are trusted instead of the machine's, or null.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>The labels of the device, <c>device-id</c> among them.</summary>
    public required ImmutableSortedDictionary<string, string> Labels { get; init; }

    /// <summary>Who it is for the broker.</summary>
    public required AgentCredentials Credentials { get; init; }

    /// <summary>podman's socket.</summary>
    public required string Socket { get; init; }

    /// <summary>Process limits of every container; none when empty.</summary>
    public ImmutableArray<ProcessLimit> Limits { get; init; } = [];

    /// <summary>Registries that need something.</summary>
    public ImmutableArray<RegistryRule> Registries { get; init; } = [];

    /// <summary>How much of the disk stays free before an image is pulled, in MiB.</summary>
    public long MinFreeMb { get; init; } = 256;

    /// <summary>Whether images that the agent pulled go when nothing uses them any more.</summary>
    public bool PrunesImages { get; init; } = true;

    /// <summary>How long such an image stays in case it is wanted again; not at all when the disk is short.</summary>
    public TimeSpan KeepsImages { get; init; } = TimeSpan.FromHours(24);

    /// <summary>How many deployments are worked on at once.</summary>
    public int Parallel { get; init; } = 2;

    /// <summary>How often it gives a sign of life when the manifest does not say.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Over which time devices come back after the broker was away, when the manifest does not say.</summary>
    public TimeSpan ReconnectWindow { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest random wait before the first connection, so that devices that boot together do not come together.</summary>
    public TimeSpan StartSpread { get; init; } = TimeSpan.FromSeconds(10);
}

/// <summary>Who the agent is for the broker. A closed family.</summary>
public abstract record AgentCredentials
{
    private AgentCredentials()
    {
    }

    /// <summary>Nobody in particular.</summary>
    public sealed record Anonymous : AgentCredentials;

    /// <summary>A name and a password.</summary>
    public sealed record UserPassword(string User, string Password) : AgentCredentials
    {
        /// <summary>The name only.</summary>
        public override string ToString() => User;
    }

    /// <summary>A file with a JWT and its key, as brokers hand out; read anew before each connection.</summary>
    public sealed record CredsFile(string Path) : AgentCredentials;
}

/// <summary>What a registry needs.</summary>
public sealed record RegistryRule
{
    /// <summary>The registry as images name it, e.g. <c>docker.io</c> or <c>10.0.0.4:5000</c>.</summary>
    public required string Host { get; init; }

    /// <summary>Who asks, or null.</summary>
    public RegistryLogin? Login { get; init; }

    /// <summary>True when it is not checked who the registry is, and plain HTTP will do.</summary>
    public bool IsInsecure { get; init; }

    /// <summary>Registries that are asked first, in this order; each may have a rule of its own.</summary>
    public ImmutableArray<string> Mirrors { get; init; } = [];
}

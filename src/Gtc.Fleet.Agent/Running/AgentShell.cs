using System.Collections.Concurrent;
using System.Collections.Immutable;
using Gtc.Fleet.Agent.Broker;
using Gtc.Fleet.Agent.Configuration;
using Gtc.Fleet.Agent.Reconciling;
using Gtc.Fleet.Agent.Storage;
using Gtc.Fleet.Contracts;
using Gtc.Podman;
using Microsoft.Extensions.Logging;

namespace Gtc.Fleet.Agent.Running;

/// <summary>A boundary between two things that the agent does; a power cut may be at each.</summary>
internal enum AgentStep
{
    SaveDesired,
    SaveManifest,
    WriteFiles,
    Pull,
    RemoveOld,
    Create,
    Start,
    RecordApplied,
    Report,
    RemoveGone,
    RemoveImage,
    ForgetGone,
}

/// <summary>Everything around the agent that a test may replace.</summary>
internal sealed record AgentPorts
{
    public required IFleetBroker Broker { get; init; }

    public required PodmanClient Podman { get; init; }

    public required TimeProvider Time { get; init; }

    public required ILogger Log { get; init; }

    /// <summary>Random numbers in [0, 1).</summary>
    public required Func<double> Random { get; init; }

    /// <summary>The agent's version.</summary>
    public required string Version { get; init; }

    /// <summary>Called before each step; what it throws ends the agent there, as a power cut would.</summary>
    public Action<AgentStep>? Before { get; init; }

    /// <summary>Told once the first look at the containers is over.</summary>
    public Action? Ready { get; init; }

    /// <summary>Told whenever the loop that decides has got something done.</summary>
    public Action? Progressed { get; init; }

    /// <summary>How often that loop is to turn at least, so that it can be seen to.</summary>
    public TimeSpan Pulse { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Keeps the memory of the process bounded until it is stopped; null where the agent is not a process of its own.</summary>
    public Func<TimeProvider, CancellationToken, Task>? WatchMemory { get; init; }

    /// <summary>How much of the disk below a folder is free, in MiB.</summary>
    public Func<string, long?> FreeMb { get; init; } = Device.HostFacts.FreeMb;

    /// <summary>How long services have to run without a restart before they count as running.</summary>
    public TimeSpan MinReady { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How often it is looked for images that nothing uses any more.</summary>
    public TimeSpan ImagePause { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a container may take to stop.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long changes are gathered before a deployment is looked at.</summary>
    public TimeSpan Coalescing { get; init; } = TimeSpan.FromMilliseconds(250);
}

/// <summary>What the parts of a running agent share.</summary>
internal sealed record AgentShell(AgentConfig Config, AgentPorts Ports, LocalStore Store, StateBook Book, EventRing Ring)
{
    /// <summary>Which ports each deployment claims.</summary>
    public ConcurrentDictionary<DeploymentName, ImmutableArray<PortClaim>> Claims { get; } = new();

    /// <summary>How many deployments are worked on at once.</summary>
    public SemaphoreSlim Slots { get; } = new(Config.Parallel, Config.Parallel);

    /// <summary>The images that each deployment may run.</summary>
    public ConcurrentDictionary<DeploymentName, ImmutableArray<string>> Images { get; } = new();

    public void Step(AgentStep step) => Ports.Before?.Invoke(step);

    /// <summary>The loop that decides has got something done.</summary>
    public void Progressed() => Ports.Progressed?.Invoke();

    /// <summary>Adds an event to the device's ring.</summary>
    public void Tell(EventSeverity severity, string message, DeploymentName? deployment = null) => Ring.Add(severity, message, deployment);
}

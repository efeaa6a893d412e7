using System.Security.Cryptography;
using Gtc.Fleet.Agent.Broker;
using Gtc.Fleet.Agent.Configuration;
using Gtc.Fleet.Agent.Device;
using Gtc.Fleet.Agent.Running;
using Gtc.Podman;
using Microsoft.Extensions.Logging;

namespace Gtc.Fleet.Agent;

/// <summary>The agent of one device, with a real broker and a real podman.</summary>
public static class FleetAgent
{
    /// <summary>Runs until it is stopped. Containers go on without it; so does it without the broker.</summary>
    /// <param name="config">What <c>agent.toml</c> says.</param>
    /// <param name="version">The agent's version, shown in the inventory.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Where it says what it does.</param>
    /// <param name="manager">Whoever started it as a service: told that it is ready, and what it gets done.</param>
    /// <param name="stop">Ends it.</param>
    /// <returns>Why it cannot run, or null after it was stopped.</returns>
    public static async Task<AgentError?> RunAsync(AgentConfig config, string version, TimeProvider time, ILogger log, ServiceManager manager, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(manager);
        if (!NatsBroker.Create(config, time).TryGet(out var broker, out var error))
        {
            return error;
        }

        await using (broker)
        {
            using var podman = new PodmanClient(config.Socket, time);
            return await DeviceAgent.RunAsync(
                config,
                new AgentPorts
                {
                    Broker = broker,
                    Podman = podman,
                    Time = time,
                    Log = log,
                    Random = static () => RandomNumberGenerator.GetInt32(int.MaxValue) / (double)int.MaxValue,
                    Version = version,
                    Ready = manager.Ready,
                    Progressed = manager.Progressed,
                    Pulse = manager.Pulse,
                    WatchMemory = MemoryWatch.RunAsync,
                },
                stop);
        }
    }
}

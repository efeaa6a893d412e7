using Gtc.Kubernetes;
using Gtc.Nats;

namespace Gtc.Fleet.Operator;

/// <summary>How the operator of a fleet is run.</summary>
public sealed record OperatorOptions
{
    /// <summary>The cluster whose resources it serves.</summary>
    public required KubeConfig Kube { get; init; }

    /// <summary>The broker of the devices.</summary>
    public required NatsOptions Nats { get; init; }

    /// <summary>The namespace of its Lease and of events that are about the operator itself.</summary>
    public string Namespace { get; init; } = "gtc-fleet";

    /// <summary>Who holds the Lease; null for host, process and the process's start.</summary>
    public string? Identity { get; init; }

    /// <summary>How long the Lease is good for.</summary>
    public LeaseTimes Lease { get; init; } = LeaseTimes.Default;

    /// <summary>Writes to the API server per second; twice as many may come at once.</summary>
    public int ApiBudget { get; init; } = 50;

    /// <summary>A folder for the checkpoint; null to keep it in the broker's bucket <c>fleet-checkpoint</c>.</summary>
    public string? CheckpointFolder { get; init; }

    /// <summary>The name of the shard, with which its checkpoint's keys begin.</summary>
    public string Shard { get; init; } = "s0";

    /// <summary>How often a checkpoint is made when anything changed.</summary>
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often the status of one deployment may change.</summary>
    public TimeSpan StatusInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>When a device is late.</summary>
    public LivenessLimits Liveness { get; init; } = LivenessLimits.Default;

    /// <summary>When what nobody needs any more is removed from the broker.</summary>
    public CompactionLimits Compaction { get; init; } = new();

    /// <summary>How many servers of the broker keep each bucket.</summary>
    public int Replicas { get; init; } = 1;

    /// <summary>Numbers from 0 up to 1 that spread pauses.</summary>
    public required Func<double> Jitter { get; init; }
}

using System.Text.Json.Serialization;
using Gtc.Model;

namespace Gtc.Deployers.LocalProcess;

/// <summary>
/// A worker's process. Process ids are used again; a boot, a process id and a start time are not, so that all three must be the recorded ones before
/// anything is done to it.
/// </summary>
public sealed record WorkerProcess
{
    /// <summary>The process id.</summary>
    public required int Pid { get; init; }

    /// <summary>When it began, in clock ticks since the machine's boot (proc(5), field 22 of <c>stat</c>).</summary>
    public required ulong StartedTicks { get; init; }

    /// <summary>The machine's boot, <c>/proc/sys/kernel/random/boot_id</c>.</summary>
    public required string BootId { get; init; }

    /// <summary>Where it listens on 127.0.0.1.</summary>
    public required ushort Port { get; init; }

    /// <summary>Where it listens, for whoever forwards to it.</summary>
    [JsonIgnore]
    public string Address => $"127.0.0.1:{Port}";

    /// <summary>Whether another record means the same process, wherever it listens.</summary>
    internal bool IsSameProcess(WorkerProcess other) => Pid == other.Pid && StartedTicks == other.StartedTicks && BootId == other.BootId;
}

/// <summary>A worker that was found running.</summary>
/// <param name="Revision">The revision that it serves.</param>
/// <param name="Process">Its process.</param>
public sealed record FoundWorker(RevisionId Revision, WorkerProcess Process);

namespace Gtc.Fleet.Contracts;

/// <summary>What a device is made of, as it says itself. Every member is optional.</summary>
public sealed record DeviceInventory : KeepsUnknown
{
    /// <summary>The host's name.</summary>
    public string? Hostname { get; init; }

    /// <summary>The processor's architecture as the kernel says it, e.g. <c>aarch64</c>.</summary>
    public string? Arch { get; init; }

    /// <summary>The operating system, e.g. <c>Ubuntu 24.04</c>.</summary>
    public string? Os { get; init; }

    /// <summary>The kernel's version.</summary>
    public string? Kernel { get; init; }

    /// <summary>How many processors.</summary>
    public int? CpuCores { get; init; }

    /// <summary>Memory in MiB.</summary>
    public long? MemoryMb { get; init; }

    /// <summary>The version of the agent.</summary>
    public string? AgentVersion { get; init; }
}

namespace Gtc.Fleet.Contracts;

/// <summary>What a device is made of, as it says itself. Every member is optional.</summary>
public sealed record DeviceInventory : KeepsUnknown
{
    /// <summary>The host's name.</summary>
    [Field("The host's name.")]
    public string? Hostname { get; init; }

    /// <summary>The processor's architecture as the kernel says it, e.g. <c>aarch64</c>.</summary>
    [Field("The processor's architecture, e.g. aarch64.")]
    public string? Arch { get; init; }

    /// <summary>The operating system, e.g. <c>Ubuntu 24.04</c>.</summary>
    [Field("The operating system, e.g. Ubuntu 24.04.")]
    public string? Os { get; init; }

    /// <summary>The kernel's version.</summary>
    [Field("The kernel's version.")]
    public string? Kernel { get; init; }

    /// <summary>How many processors.</summary>
    [Field("How many processors.", Minimum = 0)]
    public int? CpuCores { get; init; }

    /// <summary>Memory in MiB.</summary>
    [Field("Memory in MiB.", Minimum = 0)]
    public long? MemoryMb { get; init; }

    /// <summary>The version of the agent.</summary>
    [Field("The version of the agent.")]
    public string? AgentVersion { get; init; }
}

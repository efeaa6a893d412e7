namespace Gtc.Flows;

/// <summary>What one run of a flow may cost.</summary>
/// <param name="MaxSteps">Nodes run, repeats included.</param>
/// <param name="MaxPayloadBytes">One rendered payload, as JSON text in bytes.</param>
/// <param name="MaxTotalBytes">All rendered payloads together, in bytes; bounds what the run holds in memory.</param>
public sealed record FlowLimits(int MaxSteps, int MaxPayloadBytes, long MaxTotalBytes)
{
    /// <summary>10,000 steps, 4 MiB, 64 MiB.</summary>
    public static FlowLimits Standard { get; } = new(10_000, 4 << 20, 64L << 20);
}

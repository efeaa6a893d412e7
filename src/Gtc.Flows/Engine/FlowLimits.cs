namespace Gtc.Flows;

/// <summary>What one run of a flow may cost.</summary>
/// <param name="MaxSteps">Nodes run, repeats and called flows included.</param>
/// <param name="MaxPayloadBytes">One rendered payload or answer of a component, as JSON text in bytes.</param>
/// <param name="MaxTotalBytes">All rendered payloads and answers together, in bytes; bounds what the run holds in memory.</param>
public sealed record FlowLimits(int MaxSteps, int MaxPayloadBytes, long MaxTotalBytes)
{
    /// <summary>10,000 steps, 4 MiB, 64 MiB, one minute of which one component gets 30 seconds, 256 MiB, 64 requests, 8 secrets written and 1,000 lines of log for a component, 8 flows inside each other, 8 jumps.</summary>
    public static FlowLimits Standard { get; } = new(10_000, 4 << 20, 64L << 20);

    /// <summary>How long one run may take.</summary>
    public TimeSpan MaxTime { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long one call of a component may take.</summary>
    public TimeSpan ComponentTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Memory of one call of a component, in bytes.</summary>
    public long ComponentMemoryBytes { get; init; } = 256L << 20;

    /// <summary>HTTP requests in one call of a component, redirects not counted.</summary>
    public int ComponentRequests { get; init; } = 64;

    /// <summary>Secrets that one call of a component may write; each is a change of the environment.</summary>
    public int ComponentSecretWrites { get; init; } = 8;

    /// <summary>Lines that one call of a component may write to the log; what it says beyond is not kept.</summary>
    public int ComponentLines { get; init; } = 1000;

    /// <summary>Flows that call each other (<c>flow.call</c>).</summary>
    public int MaxDepth { get; init; } = 8;

    /// <summary>Jumps to other flows (<c>flow.goto</c> and what components ask for).</summary>
    public int MaxJumps { get; init; } = 8;
}

namespace Gtc.Fleet.Operator;

/// <summary>What an operator tells of itself.</summary>
public sealed class OperatorHealth
{
    /// <summary>Whether it holds the lease.</summary>
    public bool IsLeader { get; internal set; }

    /// <summary>Whether it has caught up with the cluster and the broker; a standby is ready when it waits for the lease.</summary>
    public bool IsReady => Parts is null ? !IsLeader : Parts.IsCaughtUp;

    internal OperatorParts? Parts { get; set; }

    /// <summary>The metrics in Prometheus' text format; empty while it does not lead.</summary>
    public string Metrics() => Parts is { } parts ? OperatorMetrics.Of(parts) : "";
}

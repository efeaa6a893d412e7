namespace Gtc.Fleet.Operator;

/// <summary>When what nobody needs any more is removed from the broker, and how fast.</summary>
public sealed record CompactionLimits
{
    /// <summary>How long markers of deletion are kept: a checkpoint that is older may not know of a key that is gone.</summary>
    public TimeSpan Horizon { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How long reports of a device are kept that has no resource.</summary>
    public TimeSpan UnknownAge { get; init; } = TimeSpan.FromHours(24);

    /// <summary>So many such reports are kept at most; the oldest go first.</summary>
    public int UnknownReports { get; init; } = 100_000;

    /// <summary>How often it is looked for.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Keys that are removed per second.</summary>
    public int PerSecond { get; init; } = 100;
}

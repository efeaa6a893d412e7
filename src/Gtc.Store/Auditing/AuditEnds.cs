namespace Gtc.Store;

/// <summary>What is known from elsewhere about where an audit log begins and ends. Its lines alone cannot tell that some are missing there.</summary>
public sealed record AuditEnds
{
    /// <summary>Nothing is known.</summary>
    public static AuditEnds Unknown { get; } = new();

    /// <summary>The hash that the first line must name as the one before it; null when nobody knows.</summary>
    public string? Before { get; init; }

    /// <summary>The hash of the last line; null when nobody knows.</summary>
    public string? Head { get; init; }

    /// <summary>The hash of the last line that a signed checkpoint records as pruned; null without one. The log may begin after it.</summary>
    public string? Pruned { get; init; }
}

namespace Gtc.Model;

/// <summary>Remembers, on a deployment that was taken out of routing, what its dial was (decision: clearing is a generation of its own).</summary>
public sealed record ClearedTraffic : KeepsUnknownMembers
{
    /// <summary>The dial's generation since it was cleared; the next split counts on from here.</summary>
    public required ulong Generation { get; init; }

    /// <summary>When it was cleared.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Who cleared it.</summary>
    public required string UpdatedBy { get; init; }

    /// <summary>The key under which the same request is answered again instead of done again.</summary>
    public required string IdempotencyKey { get; init; }

    /// <summary>The split that was in force, as an inline token, or null when there is no way back.</summary>
    public string? PreviousSplitRef { get; init; }
}

namespace Gtc.Runtime;

/// <summary>What a follower knows of its store server; immutable.</summary>
/// <param name="Address">The server.</param>
public sealed record FollowedView(Uri Address)
{
    /// <summary>The generation of the copy, or null when it does not say.</summary>
    public ulong? Generation { get; init; }

    /// <summary>The entity tag of the copy; null when it is of an earlier run.</summary>
    public string? Etag { get; init; }

    /// <summary>Whether the server tells of changes at the moment.</summary>
    public bool IsConnected { get; init; }

    /// <summary>When the server said last that the copy is the newest; null when it did not since the process began.</summary>
    public DateTimeOffset? ConfirmedAt { get; init; }

    /// <summary>Why the server is not followed at the moment, or null.</summary>
    public string? Problem { get; init; }
}

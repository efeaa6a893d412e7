namespace Gtc.Redis;

/// <summary>What a server may make this process keep. A reply beyond it ends the connection.</summary>
public sealed record RedisLimits
{
    /// <summary>The bytes of one reply on the wire, its members included.</summary>
    public int ReplyBytes { get; init; } = 1024 * 1024;

    /// <summary>How many aggregates may be inside each other.</summary>
    public int Depth { get; init; } = 16;

    /// <summary>The members of one reply, those of its members included.</summary>
    public int Members { get; init; } = 64 * 1024;

    /// <summary>The bytes of a line: a text, an error, a number, a length.</summary>
    public int LineBytes { get; init; } = 16 * 1024;
}

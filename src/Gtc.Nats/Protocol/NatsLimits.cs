namespace Gtc.Nats;

/// <summary>Bounds of what is taken from, and sent to, a server.</summary>
internal static class NatsLimits
{
    /// <summary>The longest line taken from a server; an INFO that lists hundreds of servers is the longest.</summary>
    public const int MaxLine = 64 * 1024;

    /// <summary>The longest control line that a server takes (its <c>max_control_line</c>).</summary>
    public const int MaxControlLine = 4096;

    /// <summary>What subject and reply subject may have together, so that the control line fits.</summary>
    public const int MaxSubjects = MaxControlLine - 64;

    /// <summary>A broker may add headers to a message of full size (republish, direct get).</summary>
    public const int AddedHeaders = 64 * 1024;

    /// <summary>What a server takes when it does not say.</summary>
    public const int DefaultMaxPayload = 1024 * 1024;

    /// <summary>The most that a server can be set to.</summary>
    public const int GreatestMaxPayload = 64 * 1024 * 1024;

    /// <summary>JSON of a server is not nested deeper than this.</summary>
    public const int MaxJsonDepth = 32;
}

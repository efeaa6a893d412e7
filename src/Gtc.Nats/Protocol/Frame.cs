namespace Gtc.Nats;

/// <summary>What a server sends.</summary>
internal enum FrameKind
{
    Message,
    Hello,
    Ping,
    Pong,
    Ok,
    Error,
}

/// <summary>One frame; its spans are valid until the next one is read.</summary>
internal ref struct Frame
{
    public FrameKind Kind;

    /// <summary>The JSON of INFO, or the text of -ERR without its quotes.</summary>
    public ReadOnlySpan<byte> Text;

    public ReadOnlySpan<byte> Subject;

    public ulong Sid;

    /// <summary>Empty when there is none.</summary>
    public ReadOnlySpan<byte> ReplyTo;

    /// <summary>Headers, then payload.</summary>
    public ReadOnlySpan<byte> Body;

    /// <summary>How much of the body is headers; 0 without.</summary>
    public int HeaderLength;

    public readonly ReadOnlySpan<byte> Headers => Body[..HeaderLength];

    public readonly ReadOnlySpan<byte> Payload => Body[HeaderLength..];
}

namespace Gtc.Redis;

/// <summary>The server does not speak RESP, or exceeds a limit. Never leaves the connection.</summary>
internal sealed class RedisProtocolException : Exception
{
    public RedisProtocolException(string message)
        : base(message)
    {
    }

    public RedisProtocolException(string message, Exception inner)
        : base(message, inner)
    {
    }

    public RedisProtocolException()
    {
    }
}

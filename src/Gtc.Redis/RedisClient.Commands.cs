namespace Gtc.Redis;

/// <content>The commands that are used; any other goes through <see cref="CallAsync"/>.</content>
public sealed partial class RedisClient
{
    /// <summary><c>PING</c>.</summary>
    public ValueTask<RedisAnswer> PingAsync(CancellationToken cancellationToken) => CallAsync(["PING"], cancellationToken);

    /// <summary><c>GET</c>: a bulk, or null when there is no such key.</summary>
    public ValueTask<RedisAnswer> GetAsync(RedisArgument key, CancellationToken cancellationToken) => CallAsync(["GET", key], cancellationToken);

    /// <summary><c>SET</c>: OK, or null when <paramref name="onlyIfAbsent"/> and the key exists.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    /// <param name="lifetime">After which it goes (<c>PX</c>), in whole milliseconds; null keeps it.</param>
    /// <param name="onlyIfAbsent">Whether an existing one stays (<c>NX</c>).</param>
    /// <param name="cancellationToken">Lets the caller leave.</param>
    public ValueTask<RedisAnswer> SetAsync(RedisArgument key, RedisArgument value, TimeSpan? lifetime, bool onlyIfAbsent, CancellationToken cancellationToken) =>
        (lifetime, onlyIfAbsent) switch
        {
            ({ } span, true) => CallAsync(["SET", key, value, "PX", (long)span.TotalMilliseconds, "NX"], cancellationToken),
            ({ } span, false) => CallAsync(["SET", key, value, "PX", (long)span.TotalMilliseconds], cancellationToken),
            (null, true) => CallAsync(["SET", key, value, "NX"], cancellationToken),
            (null, false) => CallAsync(["SET", key, value], cancellationToken),
        };

    /// <summary><c>DEL</c>: how many there were.</summary>
    public ValueTask<RedisAnswer> DeleteAsync(RedisArgument key, CancellationToken cancellationToken) => CallAsync(["DEL", key], cancellationToken);

    /// <summary>Runs a script by its digest (<c>EVALSHA</c>), and by its text (<c>EVAL</c>) when the server does not know it yet.</summary>
    /// <param name="script">The script.</param>
    /// <param name="keys">What it calls <c>KEYS</c>.</param>
    /// <param name="arguments">What it calls <c>ARGV</c>.</param>
    /// <param name="cancellationToken">Lets the caller leave.</param>
    public async ValueTask<RedisAnswer> EvalAsync(RedisScript script, ReadOnlyMemory<RedisArgument> keys, ReadOnlyMemory<RedisArgument> arguments, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(script);
        RedisArgument[] command = ["EVALSHA", script.Digest, keys.Length, .. keys.Span, .. arguments.Span];
        var answer = await CallAsync(command, cancellationToken);
        if (answer.Failure != RedisFailure.Refused || !answer.Reason!.StartsWith("NOSCRIPT", StringComparison.Ordinal))
        {
            return answer;
        }

        command[0] = "EVAL";
        command[1] = script.Text;
        return await CallAsync(command, cancellationToken);
    }
}

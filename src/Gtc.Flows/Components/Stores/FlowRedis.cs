using Gtc.Model;
using Gtc.Redis;

namespace Gtc.Flows;

/// <summary>
/// A Redis server that keeps the state of components, parked sessions and messages that wait for all workers of an environment. It is connected to in the background, and again
/// after a loss.
/// </summary>
public sealed class FlowRedis : IAsyncDisposable
{
    private readonly RedisClient _client;
    private readonly TimeProvider _time;
    private readonly TimeSpan _patience;
    private long _lostAt;

    private FlowRedis(RedisClient client, string place, string keyPrefix, TimeProvider time, TimeSpan patience) =>
        (_client, Place, KeyPrefix, _time, _patience) = (client, place, keyPrefix, time, patience);

    /// <summary>The server's URL, without a password.</summary>
    public string Place { get; }

    /// <summary>Whether there is a connection at the moment.</summary>
    public bool IsConnected => _client.IsConnected;

    /// <summary>What all keys begin with.</summary>
    internal string KeyPrefix { get; }

    /// <summary>Begins to connect.</summary>
    /// <param name="url">The server's URL.</param>
    /// <param name="password">Its password, which goes before one in the URL; null when the URL says enough.</param>
    /// <param name="keyPrefix">What all keys begin with, so that several installations can share a server; may be empty.</param>
    /// <param name="time">The clock.</param>
    /// <param name="jitter">Draws a number in [0, 1); spreads attempts to connect.</param>
    /// <param name="patience">How long calls wait for a connection after it was lost, and then for their answer.</param>
    /// <returns>The server; <see cref="Refusal.InvalidArgument"/>, which never repeats the URL, when that cannot be read.</returns>
    public static Outcome<FlowRedis> Connect(string url, string? password, string keyPrefix, TimeProvider time, Func<double> jitter, TimeSpan patience)
    {
        ArgumentNullException.ThrowIfNull(url);
        if (!RedisOptions.TryParse(url, out var options, out var expected))
        {
            return new Refusal.InvalidArgument($"the place of flow state must be {expected}");
        }

        var chosen = string.IsNullOrEmpty(password) ? options.Password : password;
        options = options with
        {
            Password = string.IsNullOrEmpty(chosen) ? null : chosen,
            CallTimeout = patience,

            // A message of the inbox is the largest that is ever read.
            Limits = new() { ReplyBytes = SharedLanes.MaxMessageBytes + 1024 },
        };
        return new FlowRedis(new RedisClient(options, time, jitter), options.Place, keyPrefix, time, patience);
    }

    /// <summary>The state of a revision's components.</summary>
    /// <param name="revisionId">The revision.</param>
    /// <param name="limits">How much it keeps.</param>
    public IStateStore StateOf(string revisionId, StateLimits limits) => new StateInRedis(this, revisionId, limits);

    /// <summary>The sessions of a revision that wait.</summary>
    /// <param name="revisionId">The revision.</param>
    /// <param name="limits">How many, and how long.</param>
    public IParkedSessions SessionsOf(string revisionId, ParkingLimits limits) => new ParkedInRedis(this, revisionId, limits);

    /// <summary>The conversations that began, of all revisions.</summary>
    /// <param name="limits">How long they are remembered.</param>
    public IConversations Conversations(ConversationLimits limits) => new ConversationsInRedis(this, limits);

    /// <summary>Whether the server writes down what it is told, so that it knows it after a crash of its own; null when it does not say.</summary>
    public async Task<bool?> IsDurableAsync(CancellationToken cancellationToken)
    {
        var answer = await AskAsync((client, token) => client.CallAsync(["INFO", "persistence"], token), cancellationToken);
        return answer.Reply is not { } reply ? null
            : reply.Text.Contains("aof_enabled:1", StringComparison.Ordinal) ? true
            : reply.Text.Contains("aof_enabled:0", StringComparison.Ordinal) ? false
            : null;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _client.DisposeAsync();

    /// <summary>Calls the server and waits for the answer on this thread.</summary>
    internal RedisAnswer Ask(Func<RedisClient, CancellationToken, ValueTask<RedisAnswer>> call, CancellationToken cancellationToken) =>
        Waiting.For(token => AskAsync(call, token), cancellationToken);

    /// <summary>Calls the server.</summary>
    internal async Task<RedisAnswer> AskAsync(Func<RedisClient, CancellationToken, ValueTask<RedisAnswer>> call, CancellationToken cancellationToken)
    {
        if (_client.IsConnected)
        {
            Interlocked.Exchange(ref _lostAt, 0);
        }
        else
        {
            await ConnectedAsync(cancellationToken);
        }

        // Without a connection the call fails at once, and says why.
        return await call(_client, cancellationToken);
    }

    /// <summary>A loss is waited out once: while it lasts longer than that, calls fail at once, and nobody waits for what nobody can give.</summary>
    private async Task ConnectedAsync(CancellationToken cancellationToken)
    {
        var now = _time.GetTimestamp();
        var lost = Interlocked.CompareExchange(ref _lostAt, now, 0);
        var left = lost == 0 ? _patience : _patience - _time.GetElapsedTime(lost, now);
        if (left <= TimeSpan.Zero)
        {
            return;
        }

        using var limit = new CancellationTokenSource(left, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        await _client.ConnectedAsync(either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
    }
}

using System.Text;

namespace Gtc.Nats;

/// <summary>
/// A connection to a NATS server, or to one of a cluster: kept, made again when it breaks, with all its subscriptions. Safe to use from any thread;
/// one is enough for a process.
/// </summary>
public sealed partial class NatsConnection : IAsyncDisposable
{
    private readonly NatsOptions _options;
    private readonly TimeProvider _time;
    private readonly ReplyTable _replies;
    private volatile Link? _link;

    private NatsConnection(NatsOptions options, ServerPool servers, TimeProvider time)
    {
        _options = options;
        _time = time;
        _servers = servers;
        _replies = new(options.InboxPrefix, time);
        _status = new(NatsState.Connecting, "", null, 0);
        _pings = time.CreateTimer(static connection => ((NatsConnection)connection!)._link?.KeepAlive(), this, options.PingInterval, options.PingInterval);
        _running = RunAsync();
    }

    /// <summary>How it was made.</summary>
    public NatsOptions Options => _options;

    /// <summary>What the connected server says of itself; null while not connected.</summary>
    public ServerHello? Server => _link?.Hello;

    internal TimeProvider Time => _time;

    private NatsError Down => Status.State == NatsState.Closed ? NatsError.Closed : NatsError.NotConnected;

    /// <summary>Begins to connect and goes on trying, for whoever has work to do without a connection too.</summary>
    /// <returns>The connection, or what is wrong with the options.</returns>
    public static NatsResult<NatsConnection> Start(NatsOptions options, TimeProvider time)
    {
        if (Subject.Check(options.InboxPrefix) is { } error)
        {
            return error;
        }

        return ServerPool.Create(options).TryGet(out var servers, out error) ? new NatsConnection(options, servers, time) : error;
    }

    /// <summary>Connects, after trying each server once.</summary>
    /// <returns>The connection, or why the last server did not let it in.</returns>
    public static async Task<NatsResult<NatsConnection>> ConnectAsync(NatsOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!Start(options, time).TryGet(out var connection, out var error))
        {
            return error;
        }

        try
        {
            error = await connection._first.Task.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            await connection.DisposeAsync();
            throw;
        }

        if (error is null)
        {
            return connection;
        }

        await connection.DisposeAsync();
        return error;
    }

    /// <summary>Publishes: the message is on its way, at most once. Waits only when more than <see cref="NatsOptions.MaxUnsentBytes"/> wait to be sent.</summary>
    /// <param name="subject">Where to.</param>
    /// <param name="payload">The bytes; they are copied before the first wait.</param>
    /// <param name="headers">Headers, or null; not to be changed during the call.</param>
    /// <param name="replyTo">Where an answer is awaited, or null.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public ValueTask<NatsResult> PublishAsync(string subject, ReadOnlyMemory<byte> payload, NatsHeaders? headers, string? replyTo, CancellationToken cancellationToken)
    {
        if (Subject.Check(subject) is { } error || (replyTo is not null && (error = Subject.Check(replyTo)) is not null))
        {
            return ValueTask.FromResult<NatsResult>(error);
        }

        var link = _link;
        return link is { IsFull: true }
            ? PublishWhenDrainedAsync(link, subject, payload, headers, replyTo, cancellationToken)
            : ValueTask.FromResult(Publish(link, subject, payload.Span, headers, replyTo));
    }

    /// <summary>Publishes without headers: the message is on its way, at most once.</summary>
    public ValueTask<NatsResult> PublishAsync(string subject, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken) =>
        PublishAsync(subject, payload, headers: null, replyTo: null, cancellationToken);

    /// <summary>Asks and awaits one answer, for <see cref="NatsOptions.RequestTimeout"/> at most.</summary>
    /// <returns>The answer, or why there is none.</returns>
    public Task<NatsResult<NatsMessage>> RequestAsync(string subject, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken) =>
        RequestAsync(subject, payload, headers: null, _options.RequestTimeout, cancellationToken);

    /// <summary>Asks and awaits one answer.</summary>
    /// <param name="subject">Whom to ask.</param>
    /// <param name="payload">The question.</param>
    /// <param name="headers">Headers, or null.</param>
    /// <param name="timeout">How long to wait.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<NatsResult<NatsMessage>> RequestAsync(
        string subject, ReadOnlyMemory<byte> payload, NatsHeaders? headers, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (Subject.Check(subject) is { } invalid)
        {
            return invalid;
        }

        var request = new PendingRequest(this);
        if (_link is { IsFull: true } link)
        {
            await link.WhenDrainedAsync(cancellationToken);
        }

        cancellationToken.ThrowIfCancellationRequested();
        return Ask(subject, "", new PublishOptions { Headers = headers }, payload.Span, request, timeout, cancellationToken) is { } error ? error : await request.Task;
    }

    /// <summary>Waits until all that was published before was handled by the server.</summary>
    public async Task<NatsResult> FlushAsync(CancellationToken cancellationToken) =>
        _link is not { } link ? Down : await link.PingAsync().WaitAsync(cancellationToken) is { } error ? error : NatsResult.Done;

    /// <summary>The streams of the server.</summary>
    /// <param name="domain">The JetStream domain, or null for the server's own.</param>
    public JetStreamContext JetStream(string? domain) => new(this, domain);

    /// <summary>The streams of the server.</summary>
    public JetStreamContext JetStream() => new(this, domain: null);

    /// <summary>True when publishers have to wait; then <see cref="WhenDrainedAsync"/> says when they need not.</summary>
    internal bool IsFull => _link is { IsFull: true };

    internal Task WhenDrainedAsync(CancellationToken cancellationToken) => _link?.WhenDrainedAsync(cancellationToken) ?? Task.CompletedTask;

    /// <summary>Sends a question; its answer ends what is pending.</summary>
    /// <returns>Null when it was sent, and what is pending will be ended by somebody; else it was not sent and nobody ends it.</returns>
    internal NatsError? Ask(
        string first, string second, in PublishOptions options, ReadOnlySpan<byte> payload, PendingReply pending, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (_link is not { } link)
        {
            return Down;
        }

        if (TooLarge(link, options, payload.Length) is { } error)
        {
            return error;
        }

        EnsureInbox();
        Span<byte> replyTo = stackalloc byte[_replies.SubjectLength];
        var length = _replies.Add(pending, first, second, timeout, replyTo, out var token);
        pending.Watch(cancellationToken);
        if (link.TryPublish(new Subject(first, second), replyTo[..length], options, payload) || _replies.Take(token) is null)
        {
            return null;
        }

        pending.Unwatch();
        return Down;
    }

    private static NatsError? TooLarge(Link link, in PublishOptions options, int payload) =>
        options.WireLength + payload > link.Hello.MaxPayload
            ? new(NatsErrorKind.TooLarge, $"a message of {payload:N0} bytes and its headers is more than the {link.Hello.MaxPayload:N0} bytes that {link.Server} takes")
            : null;

    private NatsResult Publish(Link? link, string subject, ReadOnlySpan<byte> payload, NatsHeaders? headers, string? replyTo)
    {
        if (link is null)
        {
            return Down;
        }

        var options = new PublishOptions { Headers = headers };
        if (TooLarge(link, options, payload.Length) is { } error)
        {
            return error;
        }

        Span<byte> reply = stackalloc byte[(replyTo?.Length ?? 0) * 3];
        var length = Encoding.UTF8.GetBytes(replyTo, reply);
        return link.TryPublish(new Subject(subject), reply[..length], options, payload) ? NatsResult.Done : Down;
    }

    private async ValueTask<NatsResult> PublishWhenDrainedAsync(
        Link link, string subject, ReadOnlyMemory<byte> payload, NatsHeaders? headers, string? replyTo, CancellationToken cancellationToken)
    {
        while (link.IsFull && link.End is null)
        {
            await link.WhenDrainedAsync(cancellationToken);
        }

        return Publish(link, subject, payload.Span, headers, replyTo);
    }
}

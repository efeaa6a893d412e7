using System.Net.Sockets;
using System.Security.Authentication;

namespace Gtc.Redis;

/// <summary>
/// A client of one Redis server over one connection that all callers share. It connects by itself and again after a loss; meanwhile calls fail at
/// once. A call never throws for what the server or the network does: its answer says so. Commands that wait on the server (<c>BLPOP</c>) or
/// change what replies mean (<c>SUBSCRIBE</c>, <c>MONITOR</c>) are not for a connection that is shared.
/// </summary>
public sealed partial class RedisClient : IAsyncDisposable
{
    private readonly RedisOptions _options;
    private readonly TimeProvider _time;
    private readonly Func<double> _jitter;
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _running;
    private volatile RedisConnection? _connection;
    private volatile string _reason = "not connected yet";
    private volatile TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _connects;

    /// <summary>Makes a client and begins to connect.</summary>
    /// <param name="options">Where and how.</param>
    /// <param name="time">The clock.</param>
    /// <param name="jitter">Random numbers from 0 to 1, so that many clients do not come back at the same moment.</param>
    public RedisClient(RedisOptions options, TimeProvider time, Func<double> jitter)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(jitter);
        _options = options;
        _time = time;
        _jitter = jitter;
        _running = RunAsync();
    }

    /// <summary>Whether calls reach the server at the moment.</summary>
    public bool IsConnected => _connection is not null;

    /// <summary>How often a connection stood; each beyond the first came after a loss.</summary>
    public long Connects => Interlocked.Read(ref _connects);

    /// <summary>Why there is no connection, or why the last one ended.</summary>
    public string Reason => _reason;

    /// <summary>Waits until calls reach the server.</summary>
    public Task ConnectedAsync(CancellationToken cancellationToken) => _connected.Task.WaitAsync(cancellationToken);

    /// <summary>Any command, its name first.</summary>
    /// <param name="command">The words.</param>
    /// <param name="cancellationToken">Lets the caller leave; the command is sent nevertheless.</param>
    public ValueTask<RedisAnswer> CallAsync(ReadOnlySpan<RedisArgument> command, CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested ? ValueTask.FromCanceled<RedisAnswer>(cancellationToken)
        : _connection is { } connection ? connection.CallAsync(command, _options.CallTimeout, cancellationToken)
        : new(RedisAnswer.Failed(RedisFailure.NotConnected, _reason));

    /// <summary>Ends the connection; calls that wait get a failure.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_closing.IsCancellationRequested)
        {
            await _closing.CancelAsync();
            await _running;
            _closing.Dispose();
        }
    }

    private async Task RunAsync()
    {
        var failures = 0;
        while (!_closing.IsCancellationRequested)
        {
            var began = _time.GetTimestamp();
            _reason = await ServeAsync();

            // A connection that stood for a moment only is a failure too: a server that breaks the protocol must not be called without end.
            failures = _time.GetElapsedTime(began) > _options.LongestBackoff ? 0 : failures + 1;
            var wait = Math.Min(_options.FirstBackoff.TotalMilliseconds * Math.Pow(2, Math.Min(failures, 30) - 1), _options.LongestBackoff.TotalMilliseconds);
            try
            {
                await Task.Delay(TimeSpan.FromMilliseconds(wait * (0.5 + (_jitter() / 2))), _time, _closing.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    /// <summary>One connection from its beginning to its end.</summary>
    private async Task<string> ServeAsync()
    {
        try
        {
            using var limit = new CancellationTokenSource(_options.ConnectTimeout, _time);
            using var opening = CancellationTokenSource.CreateLinkedTokenSource(_closing.Token, limit.Token);
            await using var connection = new RedisConnection(await RedisDialer.OpenAsync(_options, opening.Token), _options, _time);
            var running = connection.RunAsync(_closing.Token);
            if (await LogInAsync(connection, opening.Token) is { } refused)
            {
                await connection.EndAsync(refused, running);
                return $"{_options.Place}: {refused}";
            }

            _connection = connection;
            Interlocked.Increment(ref _connects);
            _connected.TrySetResult();
            var end = await running;
            _connection = null;
            _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
            return $"{_options.Place}: {end}";
        }
        catch (OperationCanceledException)
        {
            return _closing.IsCancellationRequested ? "the client was closed" : $"{_options.Place}: no connection within {_options.ConnectTimeout.TotalMilliseconds:0} ms";
        }
        catch (Exception error) when (error is SocketException or IOException or AuthenticationException)
        {
            return $"{_options.Place}: {error.Message}";
        }
    }

    private async Task<string?> LogInAsync(RedisConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            return await RedisDialer.LogInAsync(connection, _options, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            return $"no answer to the log in within {_options.ConnectTimeout.TotalMilliseconds:0} ms";
        }
    }
}

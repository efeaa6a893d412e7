namespace Gtc.Fleet.Operator;

/// <summary>Which writes go first when the API server is to be spared.</summary>
internal enum ApiPriority
{
    Finalizer,
    Device,
    Status,
}

/// <summary>So many writes to the API server per second, twice as many at once; whoever matters most waits least.</summary>
internal sealed class ApiBudget
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);

    private readonly Lock _gate = new();
    private readonly PriorityQueue<TaskCompletionSource, (ApiPriority Priority, long Order)> _waiting = new();
    private readonly TimeProvider _time;
    private readonly double _perSecond;
    private readonly Func<CancellationToken, ValueTask> _mayWrite;
    private readonly ITimer _timer;
    private double _tokens;
    private long _at;
    private long _order;

    /// <param name="perSecond">Writes per second.</param>
    /// <param name="mayWrite">Waits, last of all, while it is not certain that this process leads.</param>
    /// <param name="time">The clock.</param>
    public ApiBudget(int perSecond, Func<CancellationToken, ValueTask> mayWrite, TimeProvider time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(perSecond, 1);
        _time = time;
        _mayWrite = mayWrite;
        _perSecond = perSecond;
        _tokens = 2.0 * perSecond;
        _at = time.GetTimestamp();
        _timer = time.CreateTimer(static budget => ((ApiBudget)budget!).Grant(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Waits until a write may be made.</summary>
    public async Task TakeAsync(ApiPriority priority, CancellationToken cancellationToken)
    {
        await TakeTokenAsync(priority, cancellationToken);
        await _mayWrite(cancellationToken);
    }

    /// <summary>Waits while it is not certain that this process leads, when something took time since <see cref="TakeAsync"/>.</summary>
    public ValueTask MayWriteAsync(CancellationToken cancellationToken) => _mayWrite(cancellationToken);

    private async Task TakeTokenAsync(ApiPriority priority, CancellationToken cancellationToken)
    {
        TaskCompletionSource waiter;
        lock (_gate)
        {
            Refill();
            if (_waiting.Count == 0 && _tokens >= 1)
            {
                _tokens--;
                return;
            }

            waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Enqueue(waiter, (priority, _order++));
            _timer.Change(Tick, Tick);
        }

        await using var registration = cancellationToken.Register(static source => ((TaskCompletionSource)source!).TrySetCanceled(), waiter);
        await waiter.Task;
    }

    /// <summary>A write was not made after all: another may be.</summary>
    public void GiveBack()
    {
        lock (_gate)
        {
            _tokens++;
        }
    }

    private void Grant()
    {
        lock (_gate)
        {
            Refill();
            while (_tokens >= 1 && _waiting.TryDequeue(out var waiter, out _))
            {
                _tokens -= waiter.TrySetResult() ? 1 : 0;
            }

            if (_waiting.Count == 0)
            {
                _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }
        }
    }

    private void Refill()
    {
        var now = _time.GetTimestamp();
        _tokens = Math.Min(2 * _perSecond, _tokens + (_time.GetElapsedTime(_at, now).TotalSeconds * _perSecond));
        _at = now;
    }
}

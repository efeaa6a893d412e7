namespace Gtc.Fleet.Agent.Running;

/// <summary>Tasks that live and end together: the first that fails stops the others.</summary>
internal sealed class TaskGroup : IDisposable
{
    private readonly CancellationTokenSource _stop;
    private readonly Lock _gate = new();
    private readonly HashSet<Task> _running = [];
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenRegistration _stopped;
    private Exception? _failure;

    public TaskGroup(CancellationToken stop)
    {
        _stop = CancellationTokenSource.CreateLinkedTokenSource(stop);
        _stopped = _stop.Token.Register(static group => ((TaskGroup)group!)._over.TrySetResult(), this);
    }

    /// <summary>Cancelled when it is over.</summary>
    public CancellationToken Stop => _stop.Token;

    /// <summary>Runs one more.</summary>
    public void Add(Func<Task> run)
    {
        lock (_gate)
        {
            _running.Add(GuardAsync(run));
            _running.RemoveWhere(task => task.IsCompleted);
        }
    }

    /// <summary>Waits until it was stopped and every task has ended.</summary>
    /// <exception cref="Exception">What the first that failed threw.</exception>
    public async Task WaitAsync()
    {
        await _over.Task;
        Task[] left;
        lock (_gate)
        {
            left = [.. _running];
        }

        await Task.WhenAll(left);
        if (_failure is not null)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(_failure);
        }
    }

    public void Dispose()
    {
        _stopped.Dispose();
        _stop.Dispose();
    }

    private async Task GuardAsync(Func<Task> run)
    {
        await Task.Yield();
        try
        {
            await run();
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // It was stopped.
        }
        catch (Exception error)
        {
            Interlocked.CompareExchange(ref _failure, error, null);
            await _stop.CancelAsync();
        }
    }
}

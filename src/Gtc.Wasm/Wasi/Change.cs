namespace Gtc.Wasm.Wasi;

/// <summary>
/// Wakes the one thread that a guest runs on. It waits for a task, and not for a handle: the thread pool sees that its thread is blocked and takes another one for
/// it, or many guests that wait at once would hold all threads that could wake them.
/// </summary>
internal sealed class Change
{
    private TaskCompletionSource _signal = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Something happened; whoever waits, or waits next, looks.</summary>
    public void Set() => Volatile.Read(ref _signal).TrySetResult();

    /// <summary>Waits until something happened since the last wait, or the call is cancelled.</summary>
    public void Wait(CancellationToken cancellationToken)
    {
        try
        {
            _signal.Task.Wait(Timeout.Infinite, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        // What happens before this is seen by the look that follows, and what happens after it by the next wait.
        Volatile.Write(ref _signal, new(TaskCreationOptions.RunContinuationsAsynchronously));
    }
}

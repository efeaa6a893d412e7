namespace Gtc.Redis;

/// <summary>A call whose bytes are written or about to be. It keeps its place in the queue when its caller has gone, because the reply comes nevertheless.</summary>
/// <param name="deadline">When its caller stops waiting, by the connection's clock.</param>
internal sealed class WaitingCall(TimeSpan deadline) : TaskCompletionSource<RedisAnswer>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    private CancellationTokenRegistration _registration;

    /// <summary>When its caller stops waiting.</summary>
    public TimeSpan Deadline { get; } = deadline;

    /// <summary>Lets the caller leave earlier.</summary>
    public void Watch(CancellationToken cancellationToken)
    {
        if (cancellationToken.CanBeCanceled)
        {
            _registration = cancellationToken.UnsafeRegister(static (call, token) => ((WaitingCall)call!).TrySetCanceled(token), this);
            if (Task.IsCompleted)
            {
                // Its answer came before the registration did.
                _registration.Unregister();
            }
        }
    }

    /// <summary>Gives the caller its answer, unless it has gone.</summary>
    public void End(RedisAnswer answer)
    {
        _registration.Unregister();
        TrySetResult(answer);
    }
}

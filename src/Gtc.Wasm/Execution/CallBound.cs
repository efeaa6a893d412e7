namespace Gtc.Wasm;

/// <summary>Ends guests of a store at a time or on cancellation; see <see cref="WasmStore.Bound"/>. Disposing it lifts the bound, and the interruption if there was one.</summary>
public sealed class CallBound : IDisposable
{
    private readonly WasmStore _store;
    private readonly ITimer? _timer;
    private readonly CancellationTokenRegistration _registration;

    internal CallBound(WasmStore store, TimeSpan? within, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(time);
        _store = store;
        _registration = cancellationToken.UnsafeRegister(static state => ((WasmStore)state!).Interrupt(TrapKind.Cancelled), store);
        if (within is { } span)
        {
            _timer = time.CreateTimer(static state => ((WasmStore)state!).Interrupt(TrapKind.DeadlineExceeded), store, span, Timeout.InfiniteTimeSpan);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Both ends wait for a callback that is running, so that none interrupts after the interruption is cleared.
        _registration.Dispose();
        if (_timer is not null)
        {
            _timer.Dispose();
        }

        _store.ClearInterruption();
    }
}

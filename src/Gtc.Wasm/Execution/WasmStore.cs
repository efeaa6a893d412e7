using System.Diagnostics;

namespace Gtc.Wasm;

/// <summary>
/// Guests that may call each other: their instances, memories, tables and globals live and end together and share limits. One thread at a time may use a store;
/// <see cref="Interrupt"/> alone may be called from any thread.
/// </summary>
public sealed class WasmStore : IDisposable
{
    /// <summary>Results of one call at most; more than any function type may have.</summary>
    internal const int MostResults = 1_024;

    // Compiled code reads these three. The limit is compared with the stack pointer at function entry; an interruption raises it above every address,
    // so that one comparison serves both, and sets the flag that loops read.
    internal nuint StackLimit;
    internal int Interrupted;
    internal WasmValue[] Results = new WasmValue[2];

    private readonly Lock _gate = new();
    private readonly List<WasmMemory> _memories = [];
    private WasmTrap? _reason;
    private nuint _calmLimit;
    private int _depth;
    private long _memoryBytes;
    private long _tableElements;
    private int _instances;

    /// <summary>An empty store.</summary>
    public WasmStore(StoreLimits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        Limits = limits;
    }

    /// <summary>What its guests may use together.</summary>
    public StoreLimits Limits { get; }

    /// <summary>Bytes of all linear memories.</summary>
    public long MemoryBytes => _memoryBytes;

    /// <summary>True once the store is closed.</summary>
    public bool IsDisposed { get; private set; }

    /// <summary>True while a guest runs.</summary>
    public bool IsRunning => _depth > 0;

    /// <summary>
    /// Stops the guest that runs, and any that is started later, until <see cref="ClearInterruption"/>. The guest ends with the given trap at its next loop or call.
    /// Of several interruptions the first counts. Any thread may call this.
    /// </summary>
    public void Interrupt(TrapKind reason)
    {
        lock (_gate)
        {
            _reason ??= WasmTrap.Of(reason);
            Volatile.Write(ref Interrupted, 1);
            Volatile.Write(ref StackLimit, nuint.MaxValue);
        }
    }

    /// <summary>Lets guests run again.</summary>
    public void ClearInterruption()
    {
        lock (_gate)
        {
            _reason = null;
            Volatile.Write(ref Interrupted, 0);
            Volatile.Write(ref StackLimit, _calmLimit);
        }
    }

    /// <summary>
    /// Bounds what runs until the result is disposed: it ends with <see cref="TrapKind.Cancelled"/> when the token is cancelled, with
    /// <see cref="TrapKind.DeadlineExceeded"/> when the time is over.
    /// </summary>
    /// <param name="within">How long; null for no bound in time.</param>
    /// <param name="time">Whose time.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    public CallBound Bound(TimeSpan? within, TimeProvider time, CancellationToken cancellationToken) => new(this, within, time, cancellationToken);

    /// <summary>Frees the memories. What belongs to the store cannot be used any more; memories read as empty.</summary>
    /// <exception cref="InvalidOperationException">A guest is running.</exception>
    public void Dispose()
    {
        if (_depth > 0)
        {
            throw new InvalidOperationException("A store cannot be closed while a guest of it runs: interrupt it first, and close the store when the call has returned.");
        }

        IsDisposed = true;
        foreach (var memory in _memories)
        {
            memory.Release();
        }

        _memories.Clear();
    }

    /// <summary>Starts a call from the host.</summary>
    /// <returns>The stack limit to give back at its end.</returns>
    internal nuint Enter()
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        var before = _calmLimit;
        if (_depth++ == 0)
        {
            SetLimit(StackBounds.LimitFor(Limits.StackBytes));
        }

        return before;
    }

    /// <summary>Ends a call from the host.</summary>
    internal void Leave(nuint before)
    {
        Debug.Assert(_depth > 0, "Every end has a start.");
        if (--_depth == 0)
        {
            SetLimit(before);
        }
    }

    /// <summary>The trap that stops a guest whose stack check failed or who saw the flag.</summary>
    internal WasmTrap StopReason()
    {
        lock (_gate)
        {
            return _reason ?? WasmTrap.Of(TrapKind.CallStackExhausted);
        }
    }

    internal void Keep(WasmMemory memory) => _memories.Add(memory);

    internal bool TryTakeMemory(long bytes) => TryTake(ref _memoryBytes, bytes, Limits.MemoryBytes);

    internal void GiveBackMemory(long bytes) => _memoryBytes -= bytes;

    internal bool TryTakeElements(long elements) => TryTake(ref _tableElements, elements, Limits.TableElements);

    internal bool TryTakeInstance()
    {
        if (_instances >= Limits.Instances)
        {
            return false;
        }

        _instances++;
        return true;
    }

    /// <summary>Makes room for the results of one call.</summary>
    internal WasmValue[] ResultsFor(int count)
    {
        if (Results.Length < count)
        {
            Results = new WasmValue[MostResults];
        }

        return Results;
    }

    private static bool TryTake(ref long used, long wanted, long limit)
    {
        if (wanted > limit - used)
        {
            return false;
        }

        used += wanted;
        return true;
    }

    // Written before the reason is looked at: an interruption that comes in between is seen here, a later one raises the limit again.
    private void SetLimit(nuint limit)
    {
        _calmLimit = limit;
        Volatile.Write(ref StackLimit, limit);
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref Interrupted) != 0)
        {
            Volatile.Write(ref StackLimit, nuint.MaxValue);
        }
    }
}

namespace Gtc.Wasm.Wasi;

/// <summary>The system as one instance sees it. Put it into <see cref="Components.ComponentOptions.State"/> of the instance.</summary>
public sealed class WasiContext : IDisposable
{
    internal const int MostDescriptors = 256;
    private readonly CancellationTokenSource _ending = new();
    private int _outputLeft;
    private long _fileBytesLeft;

    /// <summary>A context.</summary>
    /// <param name="grants">What the guest may use.</param>
    /// <param name="time">Its clocks.</param>
    /// <param name="random">Fills a span with random bytes that nobody can guess.</param>
    public WasiContext(WasiGrants grants, TimeProvider time, Action<Span<byte>> random)
    {
        ArgumentNullException.ThrowIfNull(grants);
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(random);
        Grants = grants;
        Time = time;
        Random = random;
        Started = time.GetTimestamp();
        _outputLeft = grants.OutputBytes;
        _fileBytesLeft = grants.FileBytes;
    }

    /// <summary>What the guest may use.</summary>
    public WasiGrants Grants { get; }

    internal TimeProvider Time { get; }

    internal Action<Span<byte>> Random { get; }

    internal long Started { get; }

    internal int OpenDescriptors { get; set; }

    /// <summary>Signalled whenever something that a guest may wait for has happened.</summary>
    internal Change Changed { get; } = new();

    /// <summary>Cancelled when the context ends.</summary>
    internal CancellationToken Ending => _ending.Token;

    /// <summary>Ends what is still running for the guest, such as requests.</summary>
    public void Dispose()
    {
        _ending.Cancel();
        _ending.Dispose();
    }

    internal void SpendFileBytes(long bytes)
    {
        if (bytes > _fileBytesLeft)
        {
            throw new FileFaultException(FileFault.Quota);
        }

        _fileBytesLeft -= bytes;
    }

    internal ulong Nanoseconds() => (ulong)Time.GetElapsedTime(Started).Ticks * 100;

    internal void Write(ReadOnlySpan<byte> bytes, Action<ReadOnlySpan<byte>>? sink)
    {
        if (bytes.Length > _outputLeft)
        {
            throw new WasmTrapException(new WasmTrap(TrapKind.ResourceExhausted, $"the guest wrote more than {Grants.OutputBytes} bytes to its output"));
        }

        _outputLeft -= bytes.Length;
        sink?.Invoke(bytes);
    }
}

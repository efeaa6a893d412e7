using Gtc.Wasm.Components;

namespace Gtc.Wasm.Wasi;

/// <summary>Something a guest can wait for. Whoever makes it ready signals the context.</summary>
internal abstract class Pollable : IDisposable
{
    public abstract bool IsReady { get; }

    public virtual void Dispose()
    {
    }

    /// <summary>Waits until one of several is ready.</summary>
    /// <exception cref="WasmTrapException">The call was cancelled or its time is over.</exception>
    public static void Wait(HostCall call, IReadOnlyCollection<Pollable> pollables)
    {
        var context = call.Get<WasiContext>();
        var cancellation = call.Cancellation;
        while (!pollables.Any(pollable => pollable.IsReady))
        {
            call.ThrowIfOver();
            context.Changed.Wait(cancellation);
        }
    }
}

/// <summary>What never makes a guest wait.</summary>
internal sealed class AlwaysReady : Pollable
{
    public override bool IsReady => true;
}

/// <summary>A point in time.</summary>
internal sealed class Alarm : Pollable
{
    private readonly WasiContext _context;
    private readonly ulong _when;
    private readonly ITimer? _timer;

    public Alarm(WasiContext context, ulong when)
    {
        _context = context;
        _when = when;
        var now = context.Nanoseconds();
        if (when > now)
        {
            // A tick more than asked for, so that the clock has passed the moment when the timer fires.
            var wait = TimeSpan.FromTicks((long)Math.Min((when - now) / 100, (ulong)TimeSpan.FromDays(40).Ticks) + 1);
            _timer = context.Time.CreateTimer(static state => ((WasiContext)state!).Changed.Set(), context, wait, TimeSpan.FromMilliseconds(1));
        }
    }

    public override bool IsReady => _context.Nanoseconds() >= _when;

    public override void Dispose()
    {
        _timer?.Dispose();
        base.Dispose();
    }
}

/// <summary>Ready when a condition of the host's holds.</summary>
internal sealed class Condition(Func<bool> isReady) : Pollable
{
    public override bool IsReady => isReady();
}

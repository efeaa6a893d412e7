using System.Net;

namespace Gtc.Proxy;

/// <summary>A server that requests are forwarded to. One object stands for one address; a policy keeps and compares it by reference.</summary>
public sealed class Backend
{
    private int _failuresInARow;
    private long _ejectedUntil;
    private long _inFlight;

    /// <summary>Makes a backend.</summary>
    /// <param name="name">What people call it.</param>
    /// <param name="endPoint">Where it listens.</param>
    public Backend(string name, IPEndPoint endPoint)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(endPoint);
        Name = name;
        EndPoint = endPoint;
    }

    /// <summary>What people call it.</summary>
    public string Name { get; }

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>What it is spoken to in.</summary>
    public BackendProtocol Protocol { get; init; }

    /// <summary>Exchanges and tunnels that are under way.</summary>
    public long InFlight => Interlocked.Read(ref _inFlight);

    /// <summary>Exchanges that failed one after the other until now.</summary>
    public int FailuresInARow => Volatile.Read(ref _failuresInARow);

    /// <summary>Whether it failed so often that it is left alone for a while.</summary>
    /// <param name="now"><see cref="Environment.TickCount64"/>.</param>
    public bool IsEjected(long now) => Volatile.Read(ref _ejectedUntil) > now;

    /// <summary>Leaves it alone until a moment, or takes it back at once with 0.</summary>
    /// <param name="until">As <see cref="Environment.TickCount64"/>.</param>
    public void Eject(long until) => Volatile.Write(ref _ejectedUntil, until);

    /// <inheritdoc/>
    public override string ToString() => $"{Name} at {EndPoint}";

    internal void Began() => Interlocked.Increment(ref _inFlight);

    internal void Ended() => Interlocked.Decrement(ref _inFlight);

    internal void Answered()
    {
        if (_failuresInARow != 0)
        {
            Volatile.Write(ref _failuresInARow, 0);
            Eject(0);
        }
    }

    /// <summary>
    /// Counts a failure. At the bound it is left alone, twice as long each time it fails again. What fails while it is left alone was under way
    /// before, or had nobody else to go to, and says nothing new.
    /// </summary>
    internal void Failed(long now, ProxyOptions options)
    {
        if (IsEjected(now))
        {
            return;
        }

        var failures = Interlocked.Increment(ref _failuresInARow);
        if (failures >= options.FailuresUntilEjected)
        {
            var times = Math.Min(failures - options.FailuresUntilEjected, 5);
            Eject(now + ((long)options.Ejection.TotalMilliseconds << times));
        }
    }
}

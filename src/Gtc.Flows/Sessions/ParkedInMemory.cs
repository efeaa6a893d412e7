using Gtc.Model;

namespace Gtc.Flows;

/// <summary>Parked sessions in memory: bounded in number, in bytes and in time. When it is full, those that were parked first are forgotten.</summary>
public sealed class ParkedInMemory : IParkedSessions
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, LinkedListNode<Parked>> _byKey = new(StringComparer.Ordinal);
    private readonly LinkedList<Parked> _byAge = [];
    private readonly TimeProvider _time;
    private readonly ParkingLimits _limits;
    private long _bytes;

    /// <summary>An empty store.</summary>
    /// <param name="time">Whose time it is.</param>
    /// <param name="limits">How much it keeps, and how long.</param>
    public ParkedInMemory(TimeProvider time, ParkingLimits limits)
    {
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(limits);
        _time = time;
        _limits = limits;
    }

    /// <inheritdoc/>
    public Refusal? Park(string key, ReadOnlyMemory<byte> snapshot)
    {
        ArgumentNullException.ThrowIfNull(key);
        lock (_lock)
        {
            Remove(key);
            if (snapshot.Length > _limits.MaxBytes)
            {
                return new Refusal.InvalidArgument($"what it knows so far has {snapshot.Length} bytes, the most is {_limits.MaxBytes}");
            }

            _byKey[key] = _byAge.AddLast(new Parked(key, snapshot, _time.GetTimestamp()));
            _bytes += snapshot.Length;
            while (_byAge.First is { } oldest && (_byKey.Count > _limits.MaxSessions || _bytes > _limits.MaxBytes || IsOver(oldest.Value)))
            {
                Remove(oldest.Value.Key);
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public Outcome<ReadOnlyMemory<byte>?> Take(string key, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        lock (_lock)
        {
            return Remove(key) is { } parked && !IsOver(parked) ? parked.Snapshot : default(ReadOnlyMemory<byte>?);
        }
    }

    private Parked? Remove(string key)
    {
        if (!_byKey.Remove(key, out var node))
        {
            return null;
        }

        _byAge.Remove(node);
        _bytes -= node.Value.Snapshot.Length;
        return node.Value;
    }

    private bool IsOver(Parked parked) => _time.GetElapsedTime(parked.At) >= _limits.Lifetime;

    private sealed record Parked(string Key, ReadOnlyMemory<byte> Snapshot, long At);
}

namespace Gtc.Flows;

/// <summary>Parked sessions in memory: bounded in number, in bytes and in time. When it is full, those that were parked first are forgotten.</summary>
public sealed class ParkedInMemory : IParkedSessions
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, LinkedListNode<Parked>> _byKey = new(StringComparer.Ordinal);
    private readonly LinkedList<Parked> _byAge = [];
    private readonly TimeProvider _time;
    private readonly TimeSpan _lifetime;
    private readonly int _maxSessions;
    private readonly long _maxBytes;
    private long _bytes;

    /// <summary>An empty store.</summary>
    /// <param name="time">Whose time it is.</param>
    /// <param name="lifetime">How long a session waits.</param>
    /// <param name="maxSessions">Sessions at a time.</param>
    /// <param name="maxBytes">Bytes of all snapshots together.</param>
    public ParkedInMemory(TimeProvider time, TimeSpan lifetime, int maxSessions, long maxBytes)
    {
        ArgumentNullException.ThrowIfNull(time);
        _time = time;
        _lifetime = lifetime;
        _maxSessions = maxSessions;
        _maxBytes = maxBytes;
    }

    /// <summary>An hour, 16,384 sessions, 64 MiB.</summary>
    public static ParkedInMemory Standard(TimeProvider time) => new(time, TimeSpan.FromHours(1), 16_384, 64L << 20);

    /// <inheritdoc/>
    public void Park(string key, ReadOnlyMemory<byte> snapshot)
    {
        ArgumentNullException.ThrowIfNull(key);
        lock (_lock)
        {
            Remove(key);
            if (snapshot.Length > _maxBytes)
            {
                return;
            }

            _byKey[key] = _byAge.AddLast(new Parked(key, snapshot, _time.GetTimestamp()));
            _bytes += snapshot.Length;
            while (_byAge.First is { } oldest && (_byKey.Count > _maxSessions || _bytes > _maxBytes || IsOver(oldest.Value)))
            {
                Remove(oldest.Value.Key);
            }
        }
    }

    /// <inheritdoc/>
    public ReadOnlyMemory<byte>? Take(string key)
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

    private bool IsOver(Parked parked) => _time.GetElapsedTime(parked.At) >= _lifetime;

    private sealed record Parked(string Key, ReadOnlyMemory<byte> Snapshot, long At);
}

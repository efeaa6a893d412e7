using Gtc.Kubernetes;

namespace Gtc.Fleet.Operator;

/// <summary>A resource whose status is to be told.</summary>
/// <param name="Key">The resource.</param>
/// <param name="Since">The clock's reading when that began.</param>
internal readonly record struct StatusWork(KubeKey Key, long Since);

/// <summary>How the telling of a status ended.</summary>
internal enum StatusEnd
{
    /// <summary>It was told: not again within the interval.</summary>
    Told,

    /// <summary>There was nothing to tell.</summary>
    Same,

    /// <summary>It failed, and keeps its place among those that wait; longer each time.</summary>
    Failed,

    /// <summary>Somebody else changed the resource meanwhile: it keeps its place, and is tried again after an interval.</summary>
    Overtaken,

    /// <summary>It was overtaken, and by what is not known yet, so nothing was asked: it keeps its place, and is tried again after an interval.</summary>
    Behind,

    /// <summary>The resource is gone.</summary>
    Gone,
}

/// <summary>
/// The resources whose statuses may have changed. Whoever has waited longest is next; none comes twice within the interval, nor while it is at work. Nobody
/// waits for another: what is slow or fails holds up itself only.
/// </summary>
internal sealed class StatusQueue(TimeSpan interval, TimeProvider time)
{
    private const int MaxDoublings = 5;

    private readonly Lock _gate = new();
    private readonly Dictionary<KubeKey, Entry> _entries = [];
    private readonly PriorityQueue<Entry, long> _ready = new();
    private readonly PriorityQueue<Entry, long> _later = new();
    private readonly Signal _changed = new();
    private int _dirty;

    /// <summary>How many wait, those at work not counted.</summary>
    public int Dirty
    {
        get
        {
            lock (_gate)
            {
                return _dirty;
            }
        }
    }

    /// <summary>A resource's status may have changed.</summary>
    public void Touch(KubeKey key)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue(key, out var entry))
            {
                _entries.Add(key, entry = new Entry(key));
            }

            if (!entry.IsDirty)
            {
                MakeDirty(entry, time.GetTimestamp());
            }
        }

        _changed.Set();
    }

    /// <summary>Waits until there is something for <see cref="TryTake"/>. For one waiter.</summary>
    public async Task ReadyAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            long? next = null;
            var now = time.GetTimestamp();
            lock (_gate)
            {
                Promote(now);
                if (_ready.Count > 0)
                {
                    return;
                }

                next = _later.TryPeek(out _, out var at) ? at : null;
            }

            if (next is { } until)
            {
                await _changed.WaitAsync(time.GetElapsedTime(now, until), time, cancellationToken);
            }
            else
            {
                await _changed.WaitAsync(cancellationToken);
            }
        }
    }

    /// <summary>Takes the one that has waited longest; each that was taken has to be ended.</summary>
    public bool TryTake(out StatusWork work)
    {
        lock (_gate)
        {
            var now = time.GetTimestamp();
            Promote(now);
            if (!_ready.TryDequeue(out var entry, out _))
            {
                work = default;
                return false;
            }

            work = new StatusWork(entry.Key, entry.Since);
            (entry.IsDirty, entry.IsAtWork, entry.TakenAt) = (false, true, now);
            _dirty--;
            return true;
        }
    }

    /// <summary>Says how it went. What changed meanwhile makes it wait anew.</summary>
    public void End(StatusWork work, StatusEnd end)
    {
        lock (_gate)
        {
            var entry = _entries[work.Key];
            entry.IsAtWork = false;
            entry.Failures = end == StatusEnd.Failed ? Math.Min(entry.Failures + 1, MaxDoublings) : 0;
            entry.NotBefore = end switch
            {
                StatusEnd.Told => entry.TakenAt + Ticks(interval),
                StatusEnd.Failed => time.GetTimestamp() + Ticks(interval * (1 << (entry.Failures - 1))),
                StatusEnd.Overtaken or StatusEnd.Behind => time.GetTimestamp() + Ticks(interval),
                _ => entry.NotBefore,
            };
            if (end is StatusEnd.Failed or StatusEnd.Overtaken or StatusEnd.Behind)
            {
                _dirty -= entry.IsDirty ? 1 : 0;
                MakeDirty(entry, work.Since);
            }
            else if (entry.IsDirty)
            {
                Place(entry);
            }
            else if (end == StatusEnd.Gone)
            {
                _entries.Remove(work.Key);
            }
        }

        _changed.Set();
    }

    private void MakeDirty(Entry entry, long since)
    {
        (entry.IsDirty, entry.Since) = (true, since);
        _dirty++;
        if (!entry.IsAtWork)
        {
            Place(entry);
        }
    }

    private void Place(Entry entry)
    {
        if (entry.NotBefore > time.GetTimestamp())
        {
            _later.Enqueue(entry, entry.NotBefore);
        }
        else
        {
            _ready.Enqueue(entry, entry.Since);
        }
    }

    private void Promote(long now)
    {
        while (_later.TryPeek(out var entry, out var at) && at <= now)
        {
            _later.Dequeue();
            _ready.Enqueue(entry, entry.Since);
        }
    }

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * time.TimestampFrequency);

    /// <summary>A resource: idle, waiting in one of the two queues, or at work and perhaps changed meanwhile.</summary>
    private sealed class Entry(KubeKey key)
    {
        public KubeKey Key { get; } = key;

        public bool IsDirty { get; set; }

        public bool IsAtWork { get; set; }

        public long Since { get; set; }

        public long TakenAt { get; set; }

        public long NotBefore { get; set; }

        public int Failures { get; set; }
    }
}

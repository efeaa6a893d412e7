namespace Gtc.Fleet.Operator;

/// <summary>How far a stream was read.</summary>
/// <param name="Created">When the stream was made: another time means another stream.</param>
/// <param name="Sequence">The sequence of the last message whose meaning the tables hold.</param>
internal readonly record struct StreamPosition(DateTimeOffset Created, ulong Sequence);

/// <summary>
/// The tables and how far each source was read into them, for one caller at a time: whoever takes a cut of both sees them agree. Nobody waits for anything
/// while inside.
/// </summary>
internal sealed class SharedTables(FleetTables tables)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, StreamPosition> _positions = [];

    /// <summary>Devices have entries to be written.</summary>
    public Signal Work { get; } = new();

    /// <summary>Counters changed: there are deployments for <see cref="FleetTables.TakeDirty"/>.</summary>
    public Signal Counted { get; } = new();

    /// <summary>Counts what changed since the last checkpoint.</summary>
    public long Changes { get; private set; }

    /// <summary>Where the watch of devices stands; null before its first list.</summary>
    public string? DevicesVersion { get; set; }

    public void Do(Action<FleetTables> change)
    {
        bool hasWork, hasCounted;
        lock (_gate)
        {
            change(tables);
            Changes++;
            hasWork = tables.DevicesWithWork > 0;
            hasCounted = tables.HasDirty;
        }

        Wake(hasWork, hasCounted);
    }

    public T Ask<T>(Func<FleetTables, T> ask)
    {
        lock (_gate)
        {
            return ask(tables);
        }
    }

    /// <summary>Changes the tables by a message, and moves the position of its stream with them.</summary>
    public void Do(string stream, StreamPosition position, Action<FleetTables> change)
    {
        bool hasWork, hasCounted;
        lock (_gate)
        {
            change(tables);
            _positions[stream] = position;
            Changes++;
            hasWork = tables.DevicesWithWork > 0;
            hasCounted = tables.HasDirty;
        }

        Wake(hasWork, hasCounted);
    }

    /// <summary>A report of a device: the one change that comes thousands of times a second.</summary>
    public void Report(string stream, StreamPosition position, ReadOnlySpan<byte> device, ReadOnlySpan<byte> deployment, Phase phase, ScoreId score, ReadOnlySpan<byte> error, ReadOnlySpan<byte> at)
    {
        bool hasWork, hasCounted;
        lock (_gate)
        {
            tables.Report(device, deployment, phase, score, (long)position.Sequence, error, at);
            _positions[stream] = position;
            Changes++;
            hasWork = tables.DevicesWithWork > 0;
            hasCounted = tables.HasDirty;
        }

        Wake(hasWork, hasCounted);
    }

    public StreamPosition? PositionOf(string stream)
    {
        lock (_gate)
        {
            return _positions.TryGetValue(stream, out var position) ? position : null;
        }
    }

    public void Move(string stream, StreamPosition position)
    {
        lock (_gate)
        {
            _positions[stream] = position;
        }
    }

    /// <summary>Looks at tables and positions together.</summary>
    public T Cut<T>(Func<FleetTables, IReadOnlyDictionary<string, StreamPosition>, T> cut)
    {
        lock (_gate)
        {
            Changes = 0;
            return cut(tables, _positions);
        }
    }

    private void Wake(bool hasWork, bool hasCounted)
    {
        if (hasWork)
        {
            Work.Set();
        }

        if (hasCounted)
        {
            Counted.Set();
        }
    }
}

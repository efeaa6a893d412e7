using Gtc.Model;

namespace Gtc.Routing;

/// <summary>
/// Pins of one process. All live equally long, so the order of their creation is the order of their end: the oldest one is always the next to go.
/// Nothing is allocated beyond what grows with the number of pins.
/// </summary>
/// <param name="time">The clock; its timestamps, which never go back.</param>
/// <param name="capacity">How many pins there may be; a further one takes the place of the one that would end soonest.</param>
public sealed class MemoryPins(TimeProvider time, int capacity = MemoryPins.DefaultCapacity) : ISessionPins
{
    /// <summary>The capacity when nothing else is said.</summary>
    public const int DefaultCapacity = 16_384;

    private const int None = -1;

    private readonly Lock _gate = new();
    private readonly Dictionary<PinKey, int> _places = [];
    private readonly List<Pin> _pins = [];
    private int _free = None;
    private int _oldest = None;
    private int _newest = None;

    /// <inheritdoc/>
    public long Unanswered => 0;

    /// <summary>How many there are, those included that have ended and were not asked for since.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _places.Count;
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask<RevisionId?> FindAsync(PinKey key, ulong generation, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return new(Live(key, generation) is { } pin && pin.Generation == generation ? pin.Revision : null);
        }
    }

    /// <inheritdoc/>
    public ValueTask<PinResult> InsertAsync(PinKey key, RevisionId revision, ulong generation, CancellationToken cancellationToken)
    {
        if (!key.IsUsable)
        {
            return new(PinResult.Skipped);
        }

        lock (_gate)
        {
            if (Live(key, generation) is { } there)
            {
                return new(there.Generation == generation ? new PinResult(PinOutcome.Existing, there.Revision) : PinResult.Skipped);
            }

            if (_places.Count >= capacity)
            {
                DropEnded();
            }

            if (_places.Count >= capacity)
            {
                Drop(_oldest);
            }

            Append(new Pin(key, revision, generation, time.GetTimestamp(), _newest, None));
            return new(new PinResult(PinOutcome.Inserted, revision));
        }
    }

    /// <summary>The pin of a session; one that has ended or is of an earlier generation is dropped.</summary>
    private Pin? Live(PinKey key, ulong generation)
    {
        if (!_places.TryGetValue(key, out var place))
        {
            return null;
        }

        var pin = _pins[place];
        if (!HasEnded(pin) && pin.Generation >= generation)
        {
            return pin;
        }

        Drop(place);
        return null;
    }

    private bool HasEnded(Pin pin) => time.GetElapsedTime(pin.Made) >= ISessionPins.Lifetime;

    private void DropEnded()
    {
        while (_oldest != None && HasEnded(_pins[_oldest]))
        {
            Drop(_oldest);
        }
    }

    private void Append(Pin pin)
    {
        var place = _free;
        if (place == None)
        {
            place = _pins.Count;
            _pins.Add(pin);
        }
        else
        {
            _free = _pins[place].After;
            _pins[place] = pin;
        }

        _places.Add(pin.Key, place);
        Link(_newest, place);
        _newest = place;
        _oldest = _oldest == None ? place : _oldest;
    }

    private void Drop(int place)
    {
        var pin = _pins[place];
        _places.Remove(pin.Key);
        Link(pin.Before, pin.After);
        _oldest = _oldest == place ? pin.After : _oldest;
        _newest = _newest == place ? pin.Before : _newest;
        _pins[place] = default(Pin) with { After = _free };
        _free = place;
    }

    private void Link(int before, int after)
    {
        if (before != None)
        {
            _pins[before] = _pins[before] with { After = after };
        }

        if (after != None)
        {
            _pins[after] = _pins[after] with { Before = before };
        }
    }

    /// <summary>A pin in the list by creation; a free place uses <paramref name="After"/> only.</summary>
    private readonly record struct Pin(PinKey Key, RevisionId Revision, ulong Generation, long Made, int Before, int After);
}

namespace Gtc.Proxy.Loop;

/// <summary>
/// Deadlines of one duration. Because all are equally long, whoever is added last is due last: adding, moving and removing cost a few
/// pointers, and only the first one is ever looked at.
/// </summary>
internal sealed class DeadlineList(TimeSpan duration)
{
    private readonly long _milliseconds = (long)duration.TotalMilliseconds;
    private Pollable? _first;
    private Pollable? _last;

    /// <summary>When the first one is due, or null.</summary>
    public long? FirstDueAt => _first?.DueAt;

    /// <summary>Gives a full duration from now; what it was given before is forgotten.</summary>
    public void Set(Pollable pollable, long now)
    {
        Clear(pollable);
        pollable.DueAt = now + _milliseconds;
        pollable.Deadline = this;
        pollable.EarlierDeadline = _last;
        if (_last is null)
        {
            _first = pollable;
        }
        else
        {
            _last.LaterDeadline = pollable;
        }

        _last = pollable;
    }

    /// <summary>Takes a deadline away, whichever it is.</summary>
    public static void Clear(Pollable pollable) => pollable.Deadline?.Remove(pollable);

    /// <summary>Takes out the first one that is due, or null.</summary>
    public Pollable? TakeDue(long now)
    {
        if (_first is not { } due || due.DueAt > now)
        {
            return null;
        }

        Remove(due);
        return due;
    }

    private void Remove(Pollable pollable)
    {
        if (pollable.EarlierDeadline is { } earlier)
        {
            earlier.LaterDeadline = pollable.LaterDeadline;
        }
        else
        {
            _first = pollable.LaterDeadline;
        }

        if (pollable.LaterDeadline is { } later)
        {
            later.EarlierDeadline = pollable.EarlierDeadline;
        }
        else
        {
            _last = pollable.EarlierDeadline;
        }

        pollable.EarlierDeadline = null;
        pollable.LaterDeadline = null;
        pollable.Deadline = null;
    }
}

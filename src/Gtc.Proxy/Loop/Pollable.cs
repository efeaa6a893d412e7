namespace Gtc.Proxy.Loop;

/// <summary>Something with a descriptor whose events a loop delivers. It lives on its loop's thread alone.</summary>
internal abstract class Pollable
{
    /// <summary>Makes one of a loop.</summary>
    protected Pollable(EventLoop loop) => Loop = loop;

    /// <summary>The loop.</summary>
    public EventLoop Loop { get; }

    /// <summary>The descriptor, or -1 when it is closed.</summary>
    public int Descriptor { get; protected set; } = -1;

    /// <summary>Its place in the loop's table.</summary>
    internal int Slot { get; set; } = -1;

    /// <summary>The list of deadlines that it stands in, or null.</summary>
    internal DeadlineList? Deadline { get; set; }

    internal Pollable? EarlierDeadline { get; set; }

    internal Pollable? LaterDeadline { get; set; }

    /// <summary>When its time is up, in the loop's milliseconds.</summary>
    internal long DueAt { get; set; }

    /// <summary>Whether it stands in the loop's list of those with work left.</summary>
    internal bool IsQueued { get; set; }

    /// <summary>Events of epoll came.</summary>
    public abstract void OnEvents(uint events);

    /// <summary>Work that was put off, to let others have their turn, may go on.</summary>
    public abstract void OnTurn();

    /// <summary>The deadline that it was given has passed.</summary>
    public abstract void OnDeadline();

    /// <summary>Handling it threw; whatever it was in the middle of cannot go on.</summary>
    public abstract void OnFault();
}

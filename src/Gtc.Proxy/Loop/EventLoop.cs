using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Gtc.Proxy.Native;

namespace Gtc.Proxy.Loop;

/// <summary>
/// One thread that waits for the events of many sockets (epoll, edge-triggered) and handles them one after the other. Everything that belongs
/// to a loop is touched by its thread only, so nothing in it is locked.
/// </summary>
internal sealed unsafe class EventLoop : IDisposable
{
    /// <summary>EPOLLIN: there is something to read.</summary>
    public const uint Readable = 0x1;

    /// <summary>EPOLLOUT: there is room to write.</summary>
    public const uint Writable = 0x4;

    /// <summary>EPOLLERR or EPOLLHUP: the connection is gone.</summary>
    public const uint Gone = 0x8 | 0x10;

    /// <summary>EPOLLRDHUP: the peer sends no more.</summary>
    public const uint PeerDone = 0x2000;

    private const uint EdgeTriggered = 1u << 31;
    private const uint Exclusive = 1u << 28;
    private const int EventsAtOnce = 256;
    private const int LongestWait = 100;
    private const int WakeSlot = -1;

    // struct epoll_event is packed on x86-64 alone.
    private static readonly int EventSize = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;
    private static readonly int EventValue = EventSize - sizeof(long);

    private readonly int _poll;
    private readonly int _wake;
    private readonly List<Pollable?> _slots = [];
    private readonly List<uint> _generations = [];
    private readonly Stack<int> _freeSlots = [];
    private readonly ConcurrentQueue<Action> _posted = new();
    private readonly Queue<Pollable> _turns = new();
    private readonly List<DeadlineList> _deadlines = [];
    private readonly byte[] _events = GC.AllocateArray<byte>(EventsAtOnce * EventSize, pinned: true);
    private readonly Action<Exception> _faulted;
    private volatile bool _stops;

    /// <summary>Makes a loop; <see cref="Run"/> is called on its thread.</summary>
    /// <param name="faulted">Told of an exception that handling a connection threw. That connection ends, the loop goes on.</param>
    public EventLoop(Action<Exception> faulted)
    {
        _faulted = faulted;
        _poll = LibC.PollCreate(LibC.SocketCloseOnExec);
        _wake = LibC.EventDescriptor(0, LibC.SocketNonBlocking | LibC.SocketCloseOnExec);
        if (_poll < 0 || _wake < 0)
        {
            throw new IOException($"a poll descriptor could not be made, error {Marshal.GetLastPInvokeError()}");
        }

        Attach(_wake, Readable | EdgeTriggered, unchecked((ulong)(uint)WakeSlot));
    }

    /// <summary>Milliseconds since the machine started, as of the current round.</summary>
    public long Now { get; private set; } = Environment.TickCount64;

    /// <summary>Where sockets are read into; what is not used up at once is copied away by its owner.</summary>
    public byte[] Scratch { get; } = GC.AllocateUninitializedArray<byte>(64 * 1024, pinned: true);

    /// <summary>Where heads are put together before they are sent.</summary>
    public byte[] HeadScratch { get; } = GC.AllocateUninitializedArray<byte>(Http.HeadLimits.MaxHead + Http.HeadLimits.Added, pinned: true);

    /// <summary>Buffers for what cannot be used up or sent at once.</summary>
    public BufferPool Buffers { get; } = new();

    /// <summary>Makes a list of deadlines that this loop watches.</summary>
    public DeadlineList AddDeadlines(TimeSpan duration)
    {
        var list = new DeadlineList(duration);
        _deadlines.Add(list);
        return list;
    }

    /// <summary>Delivers a connection's events from now on.</summary>
    public void Add(Pollable pollable, int descriptor) => Add(pollable, descriptor, Readable | Writable | PeerDone | EdgeTriggered);

    /// <summary>Delivers a listener's events from now on; one of the loops that share it is woken for each connection.</summary>
    public void AddListener(Pollable pollable, int descriptor) => Add(pollable, descriptor, Readable | Exclusive);

    /// <summary>Delivers nothing more.</summary>
    public void Remove(Pollable pollable, int descriptor)
    {
        if (pollable.Slot < 0)
        {
            return;
        }

        DeadlineList.Clear(pollable);
        _ = Control(LibC.ControlDelete, descriptor, 0, 0);
        _slots[pollable.Slot] = null;
        _generations[pollable.Slot]++;
        _freeSlots.Push(pollable.Slot);
        pollable.Slot = -1;
    }

    /// <summary>Lets someone go on after the others had their turn.</summary>
    public void Queue(Pollable pollable)
    {
        if (!pollable.IsQueued)
        {
            pollable.IsQueued = true;
            _turns.Enqueue(pollable);
        }
    }

    /// <summary>Runs something on the loop's thread soon. The only member that any thread may call.</summary>
    public void Post(Action action)
    {
        _posted.Enqueue(action);
        Wake();
    }

    /// <summary>Ends the loop soon. Any thread may call it.</summary>
    public void Stop()
    {
        _stops = true;
        Wake();
    }

    /// <summary>Runs until it is stopped.</summary>
    public void Run()
    {
        while (!_stops)
        {
            var count = Wait();
            Now = Environment.TickCount64;
            for (var index = 0; index < count; index++)
            {
                Deliver(_events.AsSpan(index * EventSize, EventSize));
            }

            for (var turns = _turns.Count; turns > 0; turns--)
            {
                var next = _turns.Dequeue();
                next.IsQueued = false;
                Guard(next, static (pollable, _) => pollable.OnTurn(), 0);
            }

            RunPosted();
            foreach (var list in _deadlines)
            {
                while (list.TakeDue(Now) is { } due)
                {
                    Guard(due, static (pollable, _) => pollable.OnDeadline(), 0);
                }
            }
        }

        RunPosted();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _ = LibC.Close(_poll);
        _ = LibC.Close(_wake);
    }

    private int Wait()
    {
        var wait = _turns.Count > 0 ? 0 : LongestWait;
        foreach (var list in _deadlines)
        {
            if (list.FirstDueAt is { } due)
            {
                wait = (int)Math.Clamp(due - Now, 0, wait);
            }
        }

        fixed (byte* events = _events)
        {
            var count = LibC.PollWait(_poll, events, EventsAtOnce, wait);
            return count >= 0 || Marshal.GetLastPInvokeError() == Errno.Interrupted
                ? Math.Max(count, 0)
                : throw new IOException($"epoll_wait failed, error {Marshal.GetLastPInvokeError()}");
        }
    }

    private void Deliver(ReadOnlySpan<byte> item)
    {
        var value = BitConverter.ToUInt64(item[EventValue..]);
        var slot = (int)(uint)value;
        if (slot == WakeSlot)
        {
            ulong ignored;
            _ = LibC.Read(_wake, (byte*)&ignored, sizeof(ulong));
            return;
        }

        // Whoever was closed earlier in this round gets nothing, nor does the one who took its slot.
        if (_slots[slot] is { } pollable && _generations[slot] == (uint)(value >> 32))
        {
            Guard(pollable, static (pollable, events) => pollable.OnEvents(events), BitConverter.ToUInt32(item));
        }
    }

    /// <summary>One connection's trouble, be it a bug, is not the others'.</summary>
    private void Guard(Pollable pollable, Action<Pollable, uint> handle, uint events)
    {
        try
        {
            handle(pollable, events);
        }
        catch (Exception error)
        {
            _faulted(error);
            pollable.OnFault();
        }
    }

    private void RunPosted()
    {
        while (_posted.TryDequeue(out var action))
        {
            try
            {
                action();
            }
            catch (Exception error)
            {
                _faulted(error);
            }
        }
    }

    private void Wake()
    {
        var one = 1ul;
        _ = LibC.Write(_wake, (byte*)&one, sizeof(ulong));
    }

    private void Add(Pollable pollable, int descriptor, uint events)
    {
        if (!_freeSlots.TryPop(out var slot))
        {
            slot = _slots.Count;
            _slots.Add(null);
            _generations.Add(0);
        }

        _slots[slot] = pollable;
        pollable.Slot = slot;
        Attach(descriptor, events, ((ulong)_generations[slot] << 32) | (uint)slot);
    }

    private void Attach(int descriptor, uint events, ulong value)
    {
        if (!Control(LibC.ControlAdd, descriptor, events, value))
        {
            throw new IOException($"epoll_ctl failed, error {Marshal.GetLastPInvokeError()}");
        }
    }

    private bool Control(int operation, int descriptor, uint events, ulong value)
    {
        Span<byte> item = stackalloc byte[16];
        BinaryPrimitives.WriteUInt32LittleEndian(item, events);
        BinaryPrimitives.WriteUInt64LittleEndian(item[EventValue..], value);
        fixed (byte* start = item)
        {
            return LibC.PollControl(_poll, operation, descriptor, start) == 0;
        }
    }
}

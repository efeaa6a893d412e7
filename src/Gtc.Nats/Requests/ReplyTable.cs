using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Gtc.Nats;

/// <summary>
/// What waits for answers, behind one wildcard subscription <c>prefix.random.*</c>. The last token of a reply subject is a slot and how often it was
/// used, so that a late answer finds nothing.
/// </summary>
internal sealed class ReplyTable : IFrameSink, IDisposable
{
    private const int LongestToken = 20;

    private static readonly TimeSpan SweepEvery = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly ITimer _sweep;
    private readonly byte[] _prefix;
    private readonly Stack<int> _free = new();
    private PendingReply?[] _slots = [];
    private uint[] _uses = [];
    private int _waiting;
    private bool _isSweeping;

    public ReplyTable(string inboxPrefix, TimeProvider time)
    {
        _time = time;
        var inbox = $"{inboxPrefix}.{NewName()}";
        Wildcard = $"{inbox}.*";
        _prefix = Encoding.UTF8.GetBytes($"{inbox}.");
        _sweep = time.CreateTimer(static table => ((ReplyTable)table!).Sweep(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>What has to be subscribed.</summary>
    public string Wildcard { get; }

    /// <summary>The bytes that a reply subject takes at most.</summary>
    public int SubjectLength => _prefix.Length + LongestToken;

    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>A name that nobody else has: 22 letters and digits.</summary>
    public static string NewName() => RandomNumberGenerator.GetString("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", 22);

    /// <summary>Takes something in and writes its reply subject.</summary>
    /// <returns>How many bytes the subject has.</returns>
    public int Add(PendingReply pending, string first, string second, TimeSpan timeout, Span<byte> replyTo, out ulong token)
    {
        var deadline = _time.GetTimestamp() + (long)(timeout.TotalSeconds * _time.TimestampFrequency);
        lock (_gate)
        {
            if (!_free.TryPop(out var slot))
            {
                slot = Grow();
            }

            token = ((ulong)_uses[slot] << 32) | (uint)slot;
            _slots[slot] = pending;
            pending.Placed(this, token, deadline, first, second);
            _waiting++;
            if (!_isSweeping)
            {
                _isSweeping = true;
                _sweep.Change(SweepEvery, Timeout.InfiniteTimeSpan);
            }
        }

        _prefix.CopyTo(replyTo);
        _ = Utf8Formatter.TryFormat(token, replyTo[_prefix.Length..], out var written);
        return _prefix.Length + written;
    }

    /// <summary>Takes something out.</summary>
    /// <returns>Null when it is not there any more: somebody else ends it.</returns>
    public PendingReply? Take(ulong token)
    {
        var slot = (int)(uint)token;
        lock (_gate)
        {
            return slot >= 0 && slot < _slots.Length && _slots[slot] is not null && _uses[slot] == (uint)(token >> 32) ? TakeSlot(slot) : null;
        }
    }

    /// <summary>Ends all that wait.</summary>
    public void FailAll(NatsError error)
    {
        foreach (var pending in TakeWhere(static (_, _) => true, default))
        {
            pending.Fail(error);
        }
    }

    /// <summary>Ends what was asked on a subject that the server refused.</summary>
    public void FailSubject(string subject, NatsError error)
    {
        foreach (var pending in TakeWhere(
            static (pending, subject) => pending.Subject is var (first, second)
                && subject.Text.Length == first.Length + second.Length
                && subject.Text.StartsWith(first, StringComparison.Ordinal)
                && subject.Text.EndsWith(second, StringComparison.Ordinal),
            (subject, 0L)))
        {
            pending.Fail(error);
        }
    }

    public void Received(in Frame frame)
    {
        if (frame.Subject.Length > _prefix.Length
            && Utf8Parser.TryParse(frame.Subject[_prefix.Length..], out ulong token, out var read)
            && read == frame.Subject.Length - _prefix.Length)
        {
            Take(token)?.Answer(frame);
        }
    }

    public void Failed(NatsError error) => FailAll(error);

    public void Reconnected()
    {
        // What waited for the connection of before was failed when that ended.
    }

    public void Dispose() => _sweep.Dispose();

    private void Sweep()
    {
        foreach (var pending in TakeWhere(static (pending, limit) => pending.Deadline <= limit.Now, ("", _time.GetTimestamp())))
        {
            pending.Fail(NatsError.TimedOut);
        }

        lock (_gate)
        {
            _isSweeping = _waiting > 0;
            if (_isSweeping)
            {
                _sweep.Change(SweepEvery, Timeout.InfiniteTimeSpan);
            }
        }
    }

    private List<PendingReply> TakeWhere(Func<PendingReply, (string Text, long Now), bool> isMeant, (string Text, long Now) limit)
    {
        var taken = new List<PendingReply>();
        lock (_gate)
        {
            for (var slot = 0; slot < _slots.Length; slot++)
            {
                if (_slots[slot] is { } pending && isMeant(pending, limit))
                {
                    taken.Add(TakeSlot(slot)!);
                }
            }
        }

        return taken;
    }

    private PendingReply? TakeSlot(int slot)
    {
        var pending = _slots[slot];
        _slots[slot] = null;
        _uses[slot]++;
        _free.Push(slot);
        _waiting--;
        return pending;
    }

    private int Grow()
    {
        var before = _slots.Length;
        var size = Math.Max(8, before * 2);
        Array.Resize(ref _slots, size);
        Array.Resize(ref _uses, size);
        _free.EnsureCapacity(size);
        for (var slot = size - 1; slot > before; slot--)
        {
            _free.Push(slot);
        }

        return before;
    }
}

using System.Text;

namespace Gtc.Fleet.Operator;

/// <summary>How a device is doing, as far as signs of life tell.</summary>
public enum DeviceLife
{
    /// <summary>It never gave a sign.</summary>
    Unseen,

    /// <summary>It gives signs.</summary>
    Online,

    /// <summary>The last sign is late.</summary>
    Stale,

    /// <summary>It is late for so long that it is taken for gone.</summary>
    Offline,
}

/// <summary>When a device is late.</summary>
/// <param name="Stale">No sign for this long is late.</param>
/// <param name="Offline">No sign for this long means gone.</param>
public sealed record LivenessLimits(TimeSpan Stale, TimeSpan Offline)
{
    /// <summary>Three missed beats of 30 seconds, and five minutes.</summary>
    public static readonly LivenessLimits Default = new(TimeSpan.FromSeconds(90), TimeSpan.FromSeconds(300));

    /// <summary>So many changes within <see cref="FlapWindow"/> mean that a device comes and goes.</summary>
    public int FlapChanges { get; init; } = 6;

    /// <summary>The time in which changes are counted.</summary>
    public TimeSpan FlapWindow { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a device that comes and goes is held to be late.</summary>
    public TimeSpan FlapHold { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>More than this share of all devices about to go offline at once is not the devices' doing.</summary>
    public double MassLossShare { get; init; } = 0.3;
}

/// <summary>A device's life took another turn.</summary>
/// <param name="Device">The device.</param>
/// <param name="Life">What it is now.</param>
/// <param name="IsFlapping">Whether it is held to be late because it comes and goes.</param>
public readonly record struct LifeChange(string Device, DeviceLife Life, bool IsFlapping)
{
    /// <summary>Whether the operator itself hears nothing, so that what the device is now cannot be known.</summary>
    public bool IsUnheard { get; init; }
}

/// <summary>
/// Tells from signs of life when devices become late, go and return (fleet.md §13). Seconds of one monotonic clock go in, changes come out; a beat costs
/// one write, since a device stays in the wheel's slot until that slot is due and is then moved on to where its last beat puts it.
/// </summary>
public sealed class LivenessTracker
{
    private const int Slots = 512;
    private const int Never = int.MaxValue;

    private readonly LivenessLimits _limits;
    private readonly NameTable _names = new();
    private readonly List<int>[] _wheel = new List<int>[Slots];
    private Row[] _rows = [];
    private int _now;

    /// <summary>Makes a tracker that begins at a second.</summary>
    public LivenessTracker(LivenessLimits limits, long now)
    {
        ArgumentNullException.ThrowIfNull(limits);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(limits.Offline, limits.Stale);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(limits.Offline.TotalSeconds, Slots);
        _limits = limits;
        _now = checked((int)now);
        for (var slot = 0; slot < Slots; slot++)
        {
            _wheel[slot] = [];
        }
    }

    /// <summary>How many devices are followed.</summary>
    public int Count => _names.Count;

    /// <summary>The bytes of memory that it holds, as far as they grow with the fleet.</summary>
    public long Bytes => _names.Bytes + (20L * _rows.Length) + _wheel.Sum(due => 4L * due.Capacity);

    /// <summary>A device gave a sign of life.</summary>
    /// <param name="device">The device.</param>
    /// <param name="changes">Is told when that changed anything.</param>
    public void Beat(string device, ICollection<LifeChange> changes) => Beat(Encoding.UTF8.GetBytes(device), changes);

    /// <summary>A device gave a sign of life.</summary>
    /// <param name="device">The device's id in UTF-8.</param>
    /// <param name="changes">Is told when that changed anything.</param>
    public void Beat(ReadOnlySpan<byte> device, ICollection<LifeChange> changes)
    {
        ArgumentNullException.ThrowIfNull(changes);
        var index = Add(device, out _);
        ref var row = ref _rows[index];
        row.LastBeat = _now;
        if (row.Life == DeviceLife.Online || row.HeldUntil > _now)
        {
            return;
        }

        Enter(index, DeviceLife.Online, changes);
        Wait(index, Math.Max(_now + Seconds(_limits.Stale), row.HeldUntil));
    }

    /// <summary>A device is followed from now on as if it had just given a sign, without saying so.</summary>
    public void Expect(string device, DeviceLife life)
    {
        var index = Add(Encoding.UTF8.GetBytes(device), out var isNew);
        if (isNew)
        {
            _rows[index] = new Row { LastBeat = _now, Life = life };
            Wait(index, _now + Seconds(_limits.Stale));
        }
    }

    /// <summary>A device is of no interest any more.</summary>
    public void Forget(string device)
    {
        if (_names.Find(Encoding.UTF8.GetBytes(device)) is >= 0 and var index)
        {
            _names.Remove(index);
        }
    }

    /// <summary>All devices that are followed.</summary>
    public IEnumerable<string> Devices => Enumerable.Range(0, _names.Limit).Where(_names.Has).Select(_names.Text);

    /// <summary>How a device is doing.</summary>
    public DeviceLife this[string device] => _names.Find(Encoding.UTF8.GetBytes(device)) is >= 0 and var index ? _rows[index].Life : DeviceLife.Unseen;

    /// <summary>Everyone gets a fresh period of grace: while the operator itself heard nothing, nobody was late.</summary>
    public void Excuse()
    {
        for (var index = 0; index < _names.Limit; index++)
        {
            _rows[index].LastBeat = _now;
        }
    }

    /// <summary>Whether so many devices are about to go within a minute that something between them and the operator is to blame.</summary>
    public bool IsMassLoss()
    {
        var online = 0;
        var leaving = 0;
        for (var index = 0; index < _names.Limit; index++)
        {
            var row = _rows[index];
            if (_names.Has(index))
            {
                online += row.Life is DeviceLife.Online or DeviceLife.Stale ? 1 : 0;
                leaving += row.Life == DeviceLife.Stale && _now - row.LastBeat >= Seconds(_limits.Offline) - 60 ? 1 : 0;
            }
        }

        return leaving > 10 && leaving > online * _limits.MassLossShare;
    }

    /// <summary>Time went on.</summary>
    /// <param name="now">The second that it is.</param>
    /// <param name="changes">Is told of every device that became late or went.</param>
    public void Advance(long now, ICollection<LifeChange> changes)
    {
        ArgumentNullException.ThrowIfNull(changes);
        // After a sleep longer than the wheel every slot is due once.
        var from = Math.Max(_now + 1, now - Slots + 1);
        _now = Math.Max(_now, checked((int)now));
        for (var second = from; second <= now; second++)
        {
            var slot = (int)(second % Slots);
            var due = _wheel[slot];
            if (due.Count == 0)
            {
                continue;
            }

            _wheel[slot] = [];
            foreach (var device in due)
            {
                Due(device, changes);
            }
        }
    }

    private static int Seconds(TimeSpan span) => (int)Math.Ceiling(span.TotalSeconds);

    /// <summary>The index of a device. One that was given out before begins anew; what the wheel still holds of the other finds nothing due.</summary>
    private int Add(ReadOnlySpan<byte> device, out bool isNew)
    {
        var index = _names.Find(device);
        isNew = index < 0;
        if (!isNew)
        {
            return index;
        }

        index = _names.Add(device);
        if (index >= _rows.Length)
        {
            Array.Resize(ref _rows, index + Math.Max(64, index / 8));
        }

        _rows[index] = new Row { DueAt = Never };
        return index;
    }

    private void Due(int device, ICollection<LifeChange> changes)
    {
        ref var row = ref _rows[device];
        if (!_names.Has(device) || row.DueAt > _now)
        {
            // It is of no interest any more, or waits in a later slot by now.
            return;
        }

        var silence = _now - row.LastBeat;
        if (row.HeldUntil > _now)
        {
            Wait(device, row.HeldUntil);
        }
        else if (silence >= Seconds(_limits.Offline))
        {
            Enter(device, DeviceLife.Offline, changes);
            Wait(device, row.HeldUntil > _now ? row.HeldUntil : Never);
        }
        else if (silence >= Seconds(_limits.Stale))
        {
            Enter(device, DeviceLife.Stale, changes);
            Wait(device, Math.Max(row.LastBeat + Seconds(_limits.Offline), row.HeldUntil));
        }
        else
        {
            // A beat came since, or the hold of one that came and went is over.
            Enter(device, DeviceLife.Online, changes);
            Wait(device, Math.Max(row.LastBeat + Seconds(_limits.Stale), row.HeldUntil));
        }
    }

    private void Enter(int device, DeviceLife life, ICollection<LifeChange> changes)
    {
        ref var row = ref _rows[device];
        if (row.Life == life && !row.IsFlapping)
        {
            return;
        }

        var wasUnseen = row.Life == DeviceLife.Unseen;
        row.Life = life;
        row.IsFlapping = false;
        if (!wasUnseen && HasFlapped(ref row))
        {
            row.HeldUntil = _now + Seconds(_limits.FlapHold);
            row.Life = DeviceLife.Stale;
            row.IsFlapping = true;
        }

        changes.Add(new LifeChange(_names.Text(device), row.Life, row.IsFlapping));
    }

    /// <summary>Counts the change; the count begins anew with each window and after each hold.</summary>
    private bool HasFlapped(ref Row row)
    {
        if (_now - row.WindowStart > Seconds(_limits.FlapWindow))
        {
            row.WindowStart = _now;
            row.Changes = 0;
        }

        row.Changes++;
        if (row.Changes < _limits.FlapChanges)
        {
            return false;
        }

        row.Changes = 0;
        return true;
    }

    private void Wait(int device, int until)
    {
        ref var row = ref _rows[device];
        row.DueAt = Math.Max(until, _now + 1);
        if (until != Never)
        {
            _wheel[row.DueAt % Slots].Add(device);
        }
    }

    /// <summary>Twenty bytes: a fleet has as many of them as devices.</summary>
    private struct Row
    {
        private byte _life;

        public int LastBeat;
        public int WindowStart;
        public int HeldUntil;
        public int DueAt;
        public ushort Changes;
        public bool IsFlapping;

        public DeviceLife Life
        {
            readonly get => (DeviceLife)_life;
            set => _life = (byte)value;
        }
    }
}

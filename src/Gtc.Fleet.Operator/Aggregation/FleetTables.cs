using System.Collections.Immutable;
using System.Text;
using Gtc.Fleet.Contracts;

namespace Gtc.Fleet.Operator;

/// <summary>
/// All that the operator knows of a fleet, and the counters that follow from it: devices and their labels, deployments and their selectors, what devices
/// reported, and which entries are stored. Pure and single-threaded: no I/O, no clock. Whatever order events come in, however often, the counters are
/// those of a fresh count of the same facts (fleet.md §7).
/// </summary>
public sealed partial class FleetTables
{
    /// <summary>Names of deployments that are held at most; reports of further unknown ones are dropped and counted.</summary>
    public const int MaxDeploymentNames = 65_536;

    private readonly NameTable _deviceNames = new();
    private readonly NameTable _deploymentNames = new();
    private readonly PairTable _pairs;
    private readonly SelectorIndex _index;
    private readonly DeviceSet _reachable = new();
    private readonly DeviceSet _late = new();
    private readonly DeviceSet _frozen = new();
    private DeploymentRow?[] _deployments = [];
    private int[] _rowsOfDevice = [];
    private DeviceSet? _listed;

    /// <summary>Makes empty tables.</summary>
    public FleetTables()
        : this(new PairTable())
    {
    }

    private FleetTables(PairTable pairs) => (_pairs, _index) = (pairs, new SelectorIndex(_deviceNames));

    /// <summary>Devices that have an object.</summary>
    public int Devices => _index.Devices;

    /// <summary>Pairs that have a row.</summary>
    public int Pairs => _pairs.Count;

    /// <summary>Reports that were not newer than what was known.</summary>
    public long DroppedOld { get; private set; }

    /// <summary>Reports of names beyond <see cref="MaxDeploymentNames"/>.</summary>
    public long DroppedUnknown { get; private set; }

    /// <summary>A device's object came or changed.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="labels">The labels of its object.</param>
    /// <param name="isPaused">Whether its desired state is frozen.</param>
    public void SetDevice(string id, IReadOnlyDictionary<string, string> labels, bool isPaused)
    {
        ArgumentNullException.ThrowIfNull(labels);
        var device = DeviceIndex(Encoding.UTF8.GetBytes(id));
        _listed?.Add(device);
        MarkDevice(device);
        foreach (var number in _index.SetLabels(device, labels))
        {
            Rematch(device, number);
        }

        if (isPaused)
        {
            _frozen.Add(device);
        }
        else if (_frozen.Remove(device))
        {
            _work.Add(device);
        }
    }

    /// <summary>A device's object went.</summary>
    public void RemoveDevice(string id)
    {
        var device = _deviceNames.Find(Encoding.UTF8.GetBytes(id));
        if (device >= 0 && _index.Knows(device))
        {
            RemoveDevice(device);
        }
    }

    /// <summary>A complete list of devices begins: those that are not named by <see cref="SetDevice"/> until <see cref="EndDevices"/> are gone.</summary>
    public void BeginDevices() => _listed = new DeviceSet();

    /// <summary>The list is complete.</summary>
    public void EndDevices()
    {
        var listed = _listed ?? new DeviceSet();
        _listed = null;
        for (var device = 0; device < _deviceNames.Limit; device++)
        {
            if (_index.Knows(device) && !listed.Contains(device))
            {
                RemoveDevice(device);
            }
        }
    }

    /// <summary>A valid deployment came or changed.</summary>
    /// <param name="name">Its name, which is that of its entries.</param>
    /// <param name="intent">What it asks for.</param>
    public void SetDeployment(string name, DeploymentIntent intent)
    {
        ArgumentNullException.ThrowIfNull(intent);
        var number = DeploymentIndex(Encoding.UTF8.GetBytes(name), isForced: true);
        var row = _deployments[number]!;
        var before = row.Intent;
        (row.Intent, row.IsGone) = (intent, false);
        if (before is null || before.Score != intent.Score)
        {
            ChangeScore(number, row, intent);
        }
        else if (before.IsBatched && !intent.IsBatched)
        {
            foreach (var device in row.Rows.All().ToList())
            {
                MakeDue(device, number);
            }
        }

        if (row.Selector is null || !before!.Terms.SequenceEqual(intent.Terms, SameTerm.Instance))
        {
            ChangeSelector(number, row, intent.Terms);
        }

        if (before is { IsPaused: true } && !intent.IsPaused)
        {
            Wake(number, row);
        }

        MarkDeployment(number);
        MarkDirty(number, row);
    }

    /// <summary>A deployment went; its entries are to be deleted.</summary>
    public void RemoveDeployment(string name)
    {
        var number = _deploymentNames.Find(Encoding.UTF8.GetBytes(name));
        if (number < 0)
        {
            return;
        }

        var row = _deployments[number]!;
        foreach (var device in row.Rows.All().ToList())
        {
            SetMatched(device, number, isMatched: false);
        }

        if (row.Selector is { } selector)
        {
            _index.Remove(number, selector);
        }

        (row.Selector, row.Intent, row.IsGone) = (null, null, true);
        MarkDeployment(number);
        Wake(number, row);
        FreeDeployment(number);
    }

    /// <summary>How many entries of a deployment may still be stored; none means that a finalizer may go.</summary>
    public long EntriesOf(string name) => _deploymentNames.Find(Encoding.UTF8.GetBytes(name)) is >= 0 and var number ? _deployments[number]!.Entries : 0;

    /// <summary>A device reported on a deployment. Reports that are not newer than what is known change nothing.</summary>
    /// <param name="device">The device's id.</param>
    /// <param name="deployment">The deployment's name.</param>
    /// <param name="phase">What it said; <see cref="Phase.None"/> when it took its report back.</param>
    /// <param name="score">Which score it spoke of.</param>
    /// <param name="sequence">The stream sequence of the report, from 1.</param>
    public void Report(ReadOnlySpan<byte> device, ReadOnlySpan<byte> deployment, Phase phase, ScoreId score, long sequence) => Report(device, deployment, phase, score, sequence, default, default);

    /// <summary>A device reported on a deployment, and why it failed. The reason of each deployment's newest failure is kept.</summary>
    /// <param name="device">The device's id.</param>
    /// <param name="deployment">The deployment's name.</param>
    /// <param name="phase">What it said; <see cref="Phase.None"/> when it took its report back.</param>
    /// <param name="score">Which score it spoke of.</param>
    /// <param name="sequence">The stream sequence of the report, from 1.</param>
    /// <param name="error">The reason as it stands in the report's JSON; empty when none was given.</param>
    /// <param name="at">When, as it stands there.</param>
    public void Report(ReadOnlySpan<byte> device, ReadOnlySpan<byte> deployment, Phase phase, ScoreId score, long sequence, ReadOnlySpan<byte> error, ReadOnlySpan<byte> at)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sequence, 1);
        var number = DeploymentIndex(deployment, isForced: false);
        if (number < 0)
        {
            DroppedUnknown++;
            return;
        }

        Report(DeviceIndex(device), number, phase, score, sequence);
        if (phase == Phase.Failed && _deployments[number] is { Intent: not null } row)
        {
            row.Reason.Keep(sequence, error, at);
        }
    }

    /// <summary>How a device is doing changed.</summary>
    public void SetLife(string id, DeviceLife life)
    {
        var device = DeviceIndex(Encoding.UTF8.GetBytes(id));
        _ = life == DeviceLife.Stale ? _late.Add(device) : _late.Remove(device);
        MarkDevice(device);
        var isReachable = life == DeviceLife.Online;
        if (_reachable.Contains(device) != isReachable)
        {
            SetReachable(device, isReachable);
        }

        FreeDevice(device);
    }

    /// <summary>How a device was doing when that was last told; one that was never heard of counts as gone.</summary>
    public DeviceLife LifeOf(string id) => _deviceNames.Find(Encoding.UTF8.GetBytes(id)) is not (>= 0 and var device) ? DeviceLife.Unseen
        : _reachable.Contains(device) ? DeviceLife.Online
        : _late.Contains(device) ? DeviceLife.Stale
        : DeviceLife.Offline;

    /// <summary>The ids of all devices that have an object.</summary>
    public IEnumerable<string> DeviceIds => Enumerable.Range(0, _deviceNames.Limit).Where(_index.Knows).Select(_deviceNames.Text);

    /// <summary>A device and all that it said or was given is gone for good: its keys were purged.</summary>
    public void PurgeDevice(string id)
    {
        RemoveDevice(id);
        var device = _deviceNames.Find(Encoding.UTF8.GetBytes(id));
        for (var number = 0; device >= 0 && number < _deployments.Length; number++)
        {
            if (_deployments[number]?.Rows.Contains(device) == true)
            {
                Change(device, number, _pairs[device, number], default);
            }
        }
    }

    private void SetReachable(int device, bool isReachable)
    {
        var affected = _index.Knows(device) ? _index.Candidates(device) : [];
        foreach (var number in affected)
        {
            Detach(device, number, _pairs[device, number]);
        }

        _ = isReachable ? _reachable.Add(device) : _reachable.Remove(device);
        foreach (var number in affected)
        {
            Attach(device, number, _pairs[device, number]);
            MarkDirty(number, _deployments[number]!);
        }
    }

    private void RemoveDevice(int device)
    {
        MarkDevice(device);
        foreach (var number in _index.Candidates(device))
        {
            SetMatched(device, number, isMatched: false);
        }

        _index.Remove(device);
        _frozen.Remove(device);
        FreeDevice(device);
    }

    private void Rematch(int device, int number)
    {
        if (_deployments[number] is { Selector: { } selector })
        {
            SetMatched(device, number, _index.Matches(selector, device));
        }
    }

    private void ChangeSelector(int number, DeploymentRow row, ImmutableArray<SelectorTerm> terms)
    {
        if (row.Selector is { } old)
        {
            _index.Remove(number, old);
        }

        row.Selector = _index.Add(number, terms);
        var taken = _index.Evaluate(row.Selector);
        foreach (var device in DeviceSet.Combine(row.Rows, taken, SetAlgebra.AndNot).All().ToList())
        {
            SetMatched(device, number, isMatched: false);
        }

        foreach (var device in taken.All())
        {
            SetMatched(device, number, isMatched: true);
        }
    }

    private int DeviceIndex(ReadOnlySpan<byte> id)
    {
        var device = _deviceNames.Find(id);
        if (device >= 0)
        {
            return device;
        }

        device = _deviceNames.Add(id);
        GrowDevices(device);
        MarkDevice(device);
        return device;
    }

    private int DeploymentIndex(ReadOnlySpan<byte> name, bool isForced)
    {
        var number = _deploymentNames.Find(name);
        if (number >= 0 || (!isForced && _deploymentNames.Count >= MaxDeploymentNames))
        {
            return number;
        }

        number = _deploymentNames.Add(name);
        GrowDeployments(number);
        MarkDeployment(number);
        _deployments[number] = new DeploymentRow(Encoding.UTF8.GetString(name));
        return number;
    }

    private void GrowDevices(int device)
    {
        if (device >= _rowsOfDevice.Length)
        {
            Array.Resize(ref _rowsOfDevice, device + Math.Max(64, device / 4));
        }
    }

    private void GrowDeployments(int number)
    {
        if (number >= _deployments.Length)
        {
            Array.Resize(ref _deployments, number + Math.Max(16, number / 2));
        }
    }

    private void FreeDevice(int device)
    {
        if (_rowsOfDevice[device] == 0 && !_index.Knows(device) && !_reachable.Contains(device) && !_late.Contains(device) && !_inFlight.Contains(device))
        {
            MarkDevice(device);
            _work.Remove(device);
            _deviceNames.Remove(device);
        }
    }

    private void FreeDeployment(int number)
    {
        if (_deployments[number] is { Intent: null, Rows.Count: 0 })
        {
            MarkDeployment(number);
            _deployments[number] = null;
            _deploymentNames.Remove(number);
        }
    }

    private sealed class SameTerm : IEqualityComparer<SelectorTerm>
    {
        public static readonly SameTerm Instance = new();

        public bool Equals(SelectorTerm? x, SelectorTerm? y) => x!.Key == y!.Key && x.Operator == y.Operator && x.Values.SequenceEqual(y.Values);

        public int GetHashCode(SelectorTerm term) => term.Key.GetHashCode(StringComparison.Ordinal);
    }
}

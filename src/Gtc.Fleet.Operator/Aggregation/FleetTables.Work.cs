using System.Collections.Immutable;

namespace Gtc.Fleet.Operator;

/// <summary>What is to be done to the stored desired state of one device.</summary>
/// <param name="Device">Its index, to say how it went.</param>
/// <param name="Id">Its id.</param>
/// <param name="Puts">Deployments whose current score is to be its entry.</param>
/// <param name="Deletes">Deployments whose entry is to go.</param>
public sealed record DeviceWork(int Device, string Id, ImmutableArray<DesiredPut> Puts, ImmutableArray<string> Deletes);

/// <summary>An entry to write.</summary>
/// <param name="Deployment">The deployment.</param>
/// <param name="Uid">Its uid.</param>
/// <param name="Score">Its score.</param>
public readonly record struct DesiredPut(string Deployment, string Uid, ScoreId Score);

public sealed partial class FleetTables
{
    private readonly DeviceSet _work = new();
    private readonly DeviceSet _inFlight = new();
    private readonly HashSet<int> _leaving = [];
    private int _workCursor;

    /// <summary>How many devices wait for something to be written, those at work not counted.</summary>
    public int DevicesWithWork => _work.Count;

    /// <summary>
    /// Takes the next device whose desired state is to be changed, or null when there is none. It is not given out again before <see cref="EndWork"/>,
    /// so that one device's entries and its manifest are written by one hand.
    /// </summary>
    public DeviceWork? TakeWork()
    {
        for (var tried = _work.Count; tried > 0; tried--)
        {
            var device = _work.FirstFrom(_workCursor);
            device = device < 0 ? _work.FirstFrom(0) : device;
            _workCursor = device + 1;
            if (_inFlight.Contains(device))
            {
                continue;
            }

            _work.Remove(device);
            if (WorkOf(device) is { } work)
            {
                _inFlight.Add(device);
                Expect(work);
                return work;
            }

            FreeDevice(device);
        }

        return null;
    }

    /// <summary>An entry is stored: it was written, or it was found.</summary>
    public void Stored(ReadOnlySpan<byte> device, ReadOnlySpan<byte> deployment, ScoreId score)
    {
        var number = DeploymentIndex(deployment, isForced: false);
        if (number < 0)
        {
            DroppedUnknown++;
            return;
        }

        var index = DeviceIndex(device);
        var row = _pairs[index, number];
        var isCurrent = row.IsMatched && _deployments[number]!.Intent is { } intent && intent.Score == score;
        Change(index, number, row, row.WithEntry(true).WithWritten(isCurrent).WithDue(row.IsDue || isCurrent));
    }

    /// <summary>No entry is stored: it was deleted, or none was found.</summary>
    public void Absent(ReadOnlySpan<byte> device, ReadOnlySpan<byte> deployment)
    {
        var index = _deviceNames.Find(device);
        var number = _deploymentNames.Find(deployment);
        if (index >= 0 && number >= 0)
        {
            var row = _pairs[index, number];
            Change(index, number, row, row.WithEntry(false).WithWritten(false));
        }
    }

    /// <summary>The bucket was made anew and is empty: what devices have to run is to be written again.</summary>
    public void LoseEntries()
    {
        foreach (var (device, number, row) in _pairs.All().Where(pair => pair.Row.HasEntry).ToList())
        {
            Change(device, number, row, row.WithEntry(false).WithWritten(false));
        }
    }

    /// <summary>A device that was taken is given back; what is still to do, or came meanwhile, is given out again.</summary>
    public void EndWork(int device)
    {
        _inFlight.Remove(device);
        if (WorkOf(device) is not null)
        {
            _work.Add(device);
        }
        else
        {
            FreeDevice(device);
        }
    }

    /// <summary>A batched roll-out has come to a device: its entry may be written.</summary>
    private void MakeDue(int device, int number)
    {
        var row = _pairs[device, number];
        if (row.IsMatched)
        {
            Change(device, number, row, row.WithDue(true));
        }
    }

    /// <summary>From here on entries may be stored, whatever becomes of the writing.</summary>
    private void Expect(DeviceWork work)
    {
        foreach (var put in work.Puts)
        {
            var number = _deploymentNames.Find(System.Text.Encoding.UTF8.GetBytes(put.Deployment));
            var row = _pairs[work.Device, number];
            Change(work.Device, number, row, row.WithEntry(true));
        }
    }

    private DeviceWork? WorkOf(int device)
    {
        if (_frozen.Contains(device))
        {
            return null;
        }

        var puts = ImmutableArray.CreateBuilder<DesiredPut>();
        foreach (var number in _index.Knows(device) ? _index.Candidates(device) : [])
        {
            if (_deployments[number] is { Intent: { IsPaused: false } intent } row && _pairs[device, number] is { IsMatched: true, HasWork: true })
            {
                puts.Add(new DesiredPut(row.Name, intent.Uid, intent.Score));
            }
        }

        var deletes = ImmutableArray.CreateBuilder<string>();
        foreach (var number in _leaving)
        {
            if (_deployments[number] is { Leaving: > 0 } row && (row.IsGone || row.Intent is { IsPaused: false }) && _pairs[device, number] is { IsMatched: false, HasEntry: true })
            {
                deletes.Add(row.Name);
            }
        }

        _leaving.RemoveWhere(number => _deployments[number] is not { Leaving: > 0 });
        return puts.Count + deletes.Count == 0 ? null : new DeviceWork(device, _deviceNames.Text(device), puts.ToImmutable(), deletes.ToImmutable());
    }

    private void Wake(int number, DeploymentRow row)
    {
        foreach (var device in row.Rows.All())
        {
            if (_pairs[device, number].HasWork)
            {
                _work.Add(device);
            }
        }
    }
}

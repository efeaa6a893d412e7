using System.Collections.Immutable;
using System.Text;
using Gtc.Fleet.Contracts;

namespace Gtc.Fleet.Operator;

public sealed partial class FleetTables
{
    private const int SampleSize = 10;

    /// <summary>Whether there are deployments whose counters may have changed.</summary>
    public bool HasDirty => _dirty.Count > 0;

    /// <summary>The deployments whose counters may have changed since the last call.</summary>
    public ImmutableArray<string> TakeDirty()
    {
        var names = ImmutableArray.CreateBuilder<string>(_dirty.Count);
        foreach (var number in _dirty)
        {
            if (_deployments[number] is { IsDirty: true } row)
            {
                row.IsDirty = false;
                if (row.Intent is not null)
                {
                    names.Add(row.Name);
                }
            }
        }

        _dirty.Clear();
        return names.ToImmutable();
    }

    /// <summary>The counters of a deployment, or null when it is not known.</summary>
    public DeploymentCounts? CountsOf(string name) =>
        _deploymentNames.Find(Encoding.UTF8.GetBytes(name)) is >= 0 and var number && _deployments[number] is { Intent: not null } row
            ? new DeploymentCounts(row.Matched, row.Succeeded, row.Failed, row.Stale, LastError(number, row), [.. row.FailedDevices.All().Take(SampleSize).Select(_deviceNames.Text)])
            : null;

    /// <summary>Why a failure that <see cref="CountsOf"/> named happened, or null when its reason is not kept.</summary>
    internal AggregateError? ReasonOf(string name, DeviceFailure failure) =>
        _deploymentNames.Find(Encoding.UTF8.GetBytes(name)) is >= 0 and var number && _deployments[number]!.Reason is { } reason && reason.Sequence == failure.Sequence
            ? reason.ToError(failure.Device)
            : null;

    /// <summary>How the matched devices of a deployment stand in its roll-out.</summary>
    public IReadOnlyList<RolloutDevice> RolloutOf(string name)
    {
        var devices = new List<RolloutDevice>();
        var number = _deploymentNames.Find(Encoding.UTF8.GetBytes(name));
        foreach (var device in number < 0 ? [] : _deployments[number]!.Rows.All())
        {
            var row = _pairs[device, number];
            if (row.IsMatched)
            {
                devices.Add(new RolloutDevice(_deviceNames.Text(device), StepOf(row, _deployments[number]!), _reachable.Contains(device), device));
            }
        }

        return devices;
    }

    /// <summary>A batched roll-out has come to devices: their entries may be written.</summary>
    /// <param name="name">The deployment.</param>
    /// <param name="devices">The tags that <see cref="RolloutOf"/> gave them.</param>
    public void MakeDue(string name, IEnumerable<int> devices)
    {
        ArgumentNullException.ThrowIfNull(devices);
        if (_deploymentNames.Find(Encoding.UTF8.GetBytes(name)) is >= 0 and var number)
        {
            foreach (var device in devices)
            {
                MakeDue(device, number);
            }
        }
    }

    private static RolloutStep StepOf(PairRow row, DeploymentRow deployment) => (row.IsDue, deployment.IsCurrent(row.Hash), row.Phase) switch
    {
        (false, _, _) => RolloutStep.Waiting,
        (true, true, Phase.Running) => RolloutStep.Running,
        (true, true, Phase.Failed) => RolloutStep.Failed,
        _ => RolloutStep.Updating,
    };

    /// <summary>Counts a deployment anew from its rows and puts right what differs, which nothing but a bug or bad memory can bring about.</summary>
    /// <returns>Whether anything differed.</returns>
    public bool Audit(string name)
    {
        var number = _deploymentNames.Find(Encoding.UTF8.GetBytes(name));
        if (number < 0)
        {
            return false;
        }

        var row = _deployments[number]!;
        var before = (row.Matched, row.Succeeded, row.Failed, row.Stale, row.Entries, row.Leaving);
        (row.Matched, row.Succeeded, row.Failed, row.Stale, row.Entries, row.Leaving) = (0, 0, 0, 0, 0, 0);
        foreach (var device in row.Rows.All())
        {
            Attach(device, number, _pairs[device, number]);
        }

        return before != (row.Matched, row.Succeeded, row.Failed, row.Stale, row.Entries, row.Leaving);
    }

    /// <summary>The names of all deployments that have an object.</summary>
    public IEnumerable<string> DeploymentNames => _deployments.Where(row => row is { Intent: not null }).Select(row => row!.Name);

    /// <summary>The names of all deployments that have an object, or entries without one.</summary>
    public IEnumerable<string> AllDeploymentNames => _deployments.Where(row => row is { Intent: not null } or { Entries: > 0 }).Select(row => row!.Name);

    /// <summary>The bytes of memory that the tables hold, as far as they grow with the fleet.</summary>
    public long Bytes => _pairs.Bytes + _deviceNames.Bytes + _deploymentNames.Bytes + (4L * _rowsOfDevice.Length) + _work.Bytes
        + _deployments.Sum(row => row is null ? 0 : 200 + row.Rows.Bytes + row.FailedDevices.Bytes + (16L * row.Failures.Count));

    private DeviceFailure? LastError(int number, DeploymentRow row)
    {
        while (row.Failures.TryPeek(out var device, out var newest))
        {
            if (row.FailedDevices.Contains(device) && _pairs[device, number].Sequence == -newest)
            {
                return new DeviceFailure(_deviceNames.Text(device), -newest);
            }

            row.Failures.Dequeue();
        }

        return null;
    }
}

namespace Gtc.Fleet.Operator;

public sealed partial class FleetTables
{
    private readonly Queue<(int Device, int Deployment, long Sequence)> _tombstones = new();
    private readonly List<int> _dirty = [];
    private long _floor;

    /// <summary>Forgets what devices took back, once no report up to a sequence can come again.</summary>
    /// <param name="floor">The sequence, which a checkpoint holds: one of before that comes late all the same is of a pair that is known, or that went.</param>
    public void Forget(long floor)
    {
        _floor = Math.Max(_floor, floor);
        while (_tombstones.TryPeek(out var oldest) && oldest.Sequence <= floor)
        {
            _tombstones.Dequeue();
            var row = _pairs[oldest.Device, oldest.Deployment];
            if (IsTombstone(row) && row.Sequence == oldest.Sequence)
            {
                Store(oldest.Device, oldest.Deployment, row, default);
            }
        }
    }

    private static bool IsTombstone(PairRow row) => row is { Phase: Phase.None, IsMatched: false, HasEntry: false, Sequence: > 0 };

    private void Report(int device, int number, Phase phase, ScoreId score, long sequence)
    {
        Tell(device, number);
        var row = _pairs[device, number];
        if (sequence <= row.Sequence || (row.Sequence == 0 && sequence <= _floor && _told is null))
        {
            DroppedOld++;
            return;
        }

        var hash = phase == Phase.None ? 0 : _deployments[number]!.FindHash(score);
        Change(device, number, row, row.Reported(phase, hash >= 0 ? (byte)hash : NewHash(number, score), sequence));
    }

    private byte NewHash(int number, ScoreId score)
    {
        var deployment = _deployments[number]!;
        var hash = deployment.AddHash(score, () => HashesInUse(number));
        if (deployment.TakeHashesChanged())
        {
            MarkDeployment(number);
        }

        return hash;
    }

    private void SetMatched(int device, int number, bool isMatched)
    {
        var row = _pairs[device, number];
        if (row.IsMatched != isMatched)
        {
            var isDue = isMatched && !_deployments[number]!.Intent!.IsBatched;
            Change(device, number, row, row.WithMatched(isMatched).WithDue(isDue).WithWritten(false));
        }
    }

    /// <summary>
    /// The one way in which a pair changes: what it contributed is taken away, the row is replaced, and what it contributes now is added.
    /// </summary>
    private void Change(int device, int number, PairRow before, PairRow after)
    {
        if (before == after)
        {
            return;
        }

        Detach(device, number, before);
        Store(device, number, before, after);
        if (_deployments[number] is not { } row)
        {
            return;
        }

        Attach(device, number, after);
        MarkDirty(number, row);
        if (after.HasWork && (!before.HasWork || before.IsMatched != after.IsMatched))
        {
            _work.Add(device);
        }

        if (IsTombstone(after))
        {
            _tombstones.Enqueue((device, number, after.Sequence));
        }
    }

    private void Store(int device, int number, PairRow before, PairRow after)
    {
        _pairs.Set(device, number, after);
        var row = _deployments[number]!;
        if (before.IsBlank && !after.IsBlank)
        {
            row.Rows.Add(device);
            _rowsOfDevice[device]++;
        }
        else if (!before.IsBlank && after.IsBlank)
        {
            row.Rows.Remove(device);
            _rowsOfDevice[device]--;
            FreeDevice(device);
            FreeDeployment(number);
        }
    }

    /// <summary>Takes away what a pair contributes. With <see cref="Attach"/> the only code that touches counters.</summary>
    private void Detach(int device, int number, PairRow row)
    {
        var deployment = _deployments[number]!;
        deployment.Entries -= row.HasEntry ? 1 : 0;
        if (!row.IsMatched)
        {
            deployment.Leaving -= row.HasEntry ? 1 : 0;
            return;
        }

        deployment.Matched--;
        deployment.Stale -= _reachable.Contains(device) ? 0 : 1;
        if (!deployment.IsCurrent(row.Hash))
        {
            return;
        }

        if (row.Phase == Phase.Running)
        {
            deployment.Succeeded--;
        }
        else if (row.Phase == Phase.Failed)
        {
            deployment.Failed--;
            deployment.FailedDevices.Remove(device);
        }
    }

    /// <summary>Adds what a pair contributes.</summary>
    private void Attach(int device, int number, PairRow row)
    {
        var deployment = _deployments[number]!;
        deployment.Entries += row.HasEntry ? 1 : 0;
        if (!row.IsMatched)
        {
            if (row.HasEntry && deployment.Leaving++ == 0)
            {
                _leaving.Add(number);
            }

            return;
        }

        deployment.Matched++;
        deployment.Stale += _reachable.Contains(device) ? 0 : 1;
        if (!deployment.IsCurrent(row.Hash))
        {
            return;
        }

        if (row.Phase == Phase.Running)
        {
            deployment.Succeeded++;
        }
        else if (row.Phase == Phase.Failed)
        {
            deployment.Failed++;
            deployment.FailedDevices.Add(device);
            deployment.Failures.Enqueue(device, -row.Sequence);
            Compact(number, deployment);
        }
    }

    /// <summary>A new score: every report of another one is about the past, and every entry is to be written again.</summary>
    private void ChangeScore(int number, DeploymentRow row, DeploymentIntent intent)
    {
        var devices = row.Rows.All().ToList();
        foreach (var device in devices)
        {
            Detach(device, number, _pairs[device, number]);
        }

        var stolen = row.MakeCurrent(intent.Score, () => HashesInUse(number));
        foreach (var device in devices)
        {
            var pair = _pairs[device, number];
            pair = stolen != 0 && pair.Hash == stolen ? pair.WithHash(DeploymentRow.OtherHash) : pair;
            pair = pair.WithWritten(false).WithDue(pair.IsMatched && !intent.IsBatched);
            _pairs.Set(device, number, pair);
            Attach(device, number, pair);
            if (pair.HasWork)
            {
                _work.Add(device);
            }
        }
    }

    /// <summary>Skipped entries must not outnumber those that count, so that the memory of failures is bounded by their number.</summary>
    private void Compact(int number, DeploymentRow row)
    {
        if (row.Failures.Count <= (2 * row.Failed) + 16)
        {
            return;
        }

        row.Failures.Clear();
        row.Failures.EnqueueRange(row.FailedDevices.All().Select(device => (device, -_pairs[device, number].Sequence)));
    }

    private bool[] HashesInUse(int number)
    {
        var used = new bool[256];
        foreach (var device in _deployments[number]!.Rows.All())
        {
            used[_pairs[device, number].Hash] = true;
        }

        return used;
    }

    private void MarkDirty(int number, DeploymentRow row)
    {
        if (!row.IsDirty)
        {
            row.IsDirty = true;
            _dirty.Add(number);
        }
    }
}

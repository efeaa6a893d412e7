using Gtc.Fleet.Contracts;

namespace Gtc.Load.Fleet;

/// <summary>The counters that a deployment's status has to show.</summary>
internal readonly record struct ExpectedCounts(long Matched, long Succeeded, long Failed)
{
    public long Pending => Matched - Succeeded - Failed;
}

/// <summary>One change of phase that a device reports.</summary>
/// <param name="Device">Its number.</param>
/// <param name="Deployment">The deployment's number.</param>
/// <param name="Phase">What it is now.</param>
/// <param name="Version">The version of the score that it is about.</param>
/// <param name="Seq">Counts the changes of the pair.</param>
internal readonly record struct Transition(int Device, int Deployment, DeploymentPhase Phase, int Version, long Seq);

/// <summary>
/// What the simulated fleet knows of itself, apart from everything that the operator counts: which device is in which group, what it was told to run and
/// what it reported last. Deployment d selects group d mod G. It does no I/O and reads no clock.
/// </summary>
internal sealed class FleetModel
{
    private readonly int[] _groups;
    private readonly int[] _versions;
    private readonly Dictionary<(int Device, int Deployment), Pair> _pairs;
    private readonly int _groupCount;

    /// <param name="devices">How many devices; device n begins in group n mod <paramref name="groups"/>.</param>
    /// <param name="deployments">How many deployments, all at version 1.</param>
    /// <param name="groups">How many groups.</param>
    public FleetModel(int devices, int deployments, int groups)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(devices, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(deployments, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(groups, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(groups, deployments);
        _groupCount = groups;
        _groups = [.. Enumerable.Range(0, devices).Select(device => device % groups)];
        _versions = [.. Enumerable.Repeat(1, deployments)];
        _pairs = new(devices * (deployments / groups));
    }

    public int Devices => _groups.Length;

    public int Deployments => _versions.Length;

    /// <summary>How many (device, deployment) pairs match at present.</summary>
    public long Matches => Enumerable.Range(0, Devices).Sum(device => (long)DeploymentsOf(_groups[device]));

    /// <summary>How many matching pairs were told the present version of their score.</summary>
    public long Told => _pairs.Count(pair => IsMatch(pair.Key) && pair.Value.Version == _versions[pair.Key.Deployment]);

    public int GroupOf(int device) => _groups[device];

    public int VersionOf(int deployment) => _versions[deployment];

    /// <summary>The device was given a score: it runs it, and says so. Nothing when it has that version already.</summary>
    public Transition? Tell(int device, int deployment, int version)
    {
        var old = _pairs.GetValueOrDefault((device, deployment));
        return old.Version == version ? null : Record(device, deployment, DeploymentPhase.Running, version, old.Seq + 1);
    }

    /// <summary>The device has no longer to run it.</summary>
    /// <returns>True when it did, so that its report has to go.</returns>
    public bool Untell(int device, int deployment) => _pairs.Remove((device, deployment));

    /// <summary>Whatever a device does next: of one of its deployments it reports another phase; running most of the time, so that most counters are not small.</summary>
    /// <returns>Nothing when it has nothing to run.</returns>
    public Transition? Next(int device, Random random)
    {
        ArgumentNullException.ThrowIfNull(random);
        var group = _groups[device];
        var deployment = group + (random.Next(DeploymentsOf(group)) * _groupCount);
        if (!_pairs.TryGetValue((device, deployment), out var pair))
        {
            return null;
        }

        var phase = pair.Phase switch
        {
            DeploymentPhase.Running => random.Next(4) == 0 ? DeploymentPhase.Pending : DeploymentPhase.Failed,
            _ => DeploymentPhase.Running,
        };
        return Record(device, deployment, phase, pair.Version, pair.Seq + 1);
    }

    /// <summary>What a device reported last, to be sent again; nothing when it reported nothing.</summary>
    public Transition? Last(int device, int deployment) =>
        _pairs.TryGetValue((device, deployment), out var pair) ? new(device, deployment, pair.Phase, pair.Version, pair.Seq) : null;

    /// <summary>A device moves to the next group.</summary>
    /// <returns>The group.</returns>
    public int Flip(int device) => _groups[device] = (_groups[device] + 1) % _groupCount;

    /// <summary>A deployment gets another score.</summary>
    /// <returns>Its version.</returns>
    public int Redeploy(int deployment) => ++_versions[deployment];

    /// <summary>What every deployment has to show when all messages have arrived: counted anew from the pairs.</summary>
    public ExpectedCounts[] Count()
    {
        var inGroup = new long[_groupCount];
        foreach (var group in _groups)
        {
            inGroup[group]++;
        }

        var counts = new ExpectedCounts[Deployments];
        for (var deployment = 0; deployment < counts.Length; deployment++)
        {
            counts[deployment] = new(inGroup[deployment % _groupCount], 0, 0);
        }

        foreach (var (key, pair) in _pairs)
        {
            if (!IsMatch(key) || pair.Version != _versions[key.Deployment])
            {
                continue;
            }

            ref var count = ref counts[key.Deployment];
            count = pair.Phase switch
            {
                DeploymentPhase.Running => count with { Succeeded = count.Succeeded + 1 },
                DeploymentPhase.Failed => count with { Failed = count.Failed + 1 },
                _ => count,
            };
        }

        return counts;
    }

    private bool IsMatch((int Device, int Deployment) key) => _groups[key.Device] == key.Deployment % _groupCount;

    private int DeploymentsOf(int group) => (Deployments - group + _groupCount - 1) / _groupCount;

    private Transition Record(int device, int deployment, DeploymentPhase phase, int version, long seq)
    {
        _pairs[(device, deployment)] = new(phase, version, seq);
        return new(device, deployment, phase, version, seq);
    }

    private readonly record struct Pair(DeploymentPhase Phase, int Version, long Seq);
}

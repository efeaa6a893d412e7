using System.Diagnostics;
using Gtc.Fleet.Contracts;
using Gtc.Kubernetes;

namespace Gtc.Load.Fleet;

/// <summary>Follows what the API server shows of the deployments: the last counters, how many patches, whether a sum was ever wrong, and how old what is shown is.</summary>
internal sealed class StatusWatch : IAsyncDisposable
{
    // A second, where other watches wait for half a minute: the pause would be taken for the operator's.
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    private readonly FleetAggregate?[] _shown;
    private readonly Queue<long>[] _waiting;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly Task _loop;
    private long _patches;
    private long _broken;
    private long _unreasoned;
    private long _interruptions;

    public StatusWatch(KubeClient client, string ns, int deployments)
    {
        _shown = new FleetAggregate?[deployments];
        _waiting = [.. Enumerable.Range(0, deployments).Select(_ => new Queue<long>())];
        _loop = Task.Run(() => FollowAsync(client, ns));
    }

    /// <summary>From the moment that a device reports a failure to the moment that a status shows it, or a newer one of the same deployment.</summary>
    public Percentiles Latency { get; } = new();

    public long Patches => Interlocked.Read(ref _patches);

    /// <summary>How many statuses had counters that do not add up.</summary>
    public long Broken => Interlocked.Read(ref _broken);

    /// <summary>How often the API server cut this watch: what it did not see meanwhile looks late, and is not.</summary>
    public long Interruptions => Interlocked.Read(ref _interruptions);

    /// <summary>How many statuses named a failed device, and not why it failed.</summary>
    public long Unreasoned => Interlocked.Read(ref _unreasoned);

    /// <summary>A device reported a failure.</summary>
    public void Failed(int deployment, long stamp)
    {
        lock (_gate)
        {
            _waiting[deployment].Enqueue(stamp);
        }
    }

    /// <summary>Forgets what is under way, when the time of measuring begins.</summary>
    public void Forget()
    {
        lock (_gate)
        {
            foreach (var waiting in _waiting)
            {
                waiting.Clear();
            }
        }
    }

    /// <summary>How many deployments do not show the wanted counters.</summary>
    public int Differences(ReadOnlySpan<ExpectedCounts> wanted)
    {
        var differences = 0;
        lock (_gate)
        {
            for (var deployment = 0; deployment < wanted.Length; deployment++)
            {
                differences += _shown[deployment] is { } shown && new ExpectedCounts(shown.MatchedDeviceCount, shown.Succeeded, shown.Failed) == wanted[deployment] && shown.Pending == wanted[deployment].Pending ? 0 : 1;
            }
        }

        return differences;
    }

    /// <summary>One deployment that differs, for the report.</summary>
    public string? FirstDifference(ReadOnlySpan<ExpectedCounts> wanted)
    {
        lock (_gate)
        {
            for (var deployment = 0; deployment < wanted.Length; deployment++)
            {
                var shown = _shown[deployment];
                if (shown is null || new ExpectedCounts(shown.MatchedDeviceCount, shown.Succeeded, shown.Failed) != wanted[deployment])
                {
                    return $"{FleetNames.Deployment(deployment)} shows {shown?.MatchedDeviceCount}/{shown?.Succeeded}/{shown?.Failed}, {wanted[deployment].Matched}/{wanted[deployment].Succeeded}/{wanted[deployment].Failed} was expected";
                }
            }
        }

        return null;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop.ContinueWith(static _ => { }, TaskScheduler.Default);
        _stop.Dispose();
    }

    private async Task FollowAsync(KubeClient client, string ns)
    {
        var scope = new KubeScope(KubeKind.Of(FleetApi.GroupVersion, FleetApi.DeploymentKind)!) { Namespace = ns };
        await foreach (var change in new ResumingWatch(client, scope, TimeProvider.System, Random.Shared.NextDouble) { LongestPause = LongestPause }.RunAsync(_stop.Token))
        {
            Interlocked.Add(ref _interruptions, change is WatchChange.Interrupted ? 1 : 0);
            if (change is WatchChange.Present present && FleetDeployment.Parse(present.Item).TryGet(out var found, out _)
                && FleetNames.TryDeployment(found.Metadata.Name, out var deployment) && deployment < _shown.Length && found.Status?.Aggregate is { } aggregate)
            {
                Show(deployment, aggregate);
            }
        }
    }

    private void Show(int deployment, FleetAggregate aggregate)
    {
        var now = Stopwatch.GetTimestamp();
        lock (_gate)
        {
            if (_shown[deployment] is { } before && before.MatchedDeviceCount == aggregate.MatchedDeviceCount && before.Succeeded == aggregate.Succeeded
                && before.Failed == aggregate.Failed && before.LastError?.Message == aggregate.LastError?.Message)
            {
                return;
            }

            _patches++;
            _broken += aggregate.Succeeded + aggregate.Failed + aggregate.Pending == aggregate.MatchedDeviceCount && aggregate is { Succeeded: >= 0, Failed: >= 0, Pending: >= 0 } ? 0 : 1;
            _shown[deployment] = aggregate;
            if (aggregate.LastError is null)
            {
                return;
            }

            if (!DevicePayloads.TryStamp(aggregate.LastError.Message, out var stamp))
            {
                _unreasoned++;
            }
            else
            {
                while (_waiting[deployment].TryPeek(out var oldest) && oldest <= stamp)
                {
                    Latency.Add(Stopwatch.GetElapsedTime(_waiting[deployment].Dequeue(), now));
                }
            }
        }
    }
}

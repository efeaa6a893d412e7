using System.Collections.Concurrent;
using System.Diagnostics;
using Gtc.Fleet.Contracts;
using Gtc.Kubernetes;
using Microsoft.Extensions.Logging;
using DeploymentStatus = Gtc.Fleet.Contracts.DeploymentStatus;

namespace Gtc.Fleet.Operator;

/// <summary>
/// Brings counters to the cluster: each deployment at most once per interval, only when its status differs from the one that was sent last, and as fast as
/// the API server is to be burdened.
/// </summary>
internal sealed partial class StatusPatcher(
    KubeClient client, DeploymentBook book, SharedTables tables, ApiBudget budget, FailureTexts failures, RolloutDriver rollouts, Func<bool> isResyncing, TimeSpan interval, TimeProvider time, ILogger logger)
{
    private const int AtATime = 8;
    private static readonly KubeKind Kind = KubeKind.Of(FleetApi.GroupVersion, FleetApi.DeploymentKind)!;

    private readonly ConcurrentDictionary<KubeKey, long> _dirty = new();
    private readonly ConcurrentDictionary<KubeKey, (string Uid, string Text, DeploymentStatus Status)> _sent = new();

    /// <summary>Patches that were made, and that failed.</summary>
    public long Patched { get; private set; }

    public long Failed { get; private set; }

    /// <summary>Resources whose status may differ from what was sent.</summary>
    public int Dirty => _dirty.Count;

    /// <summary>From a change to the patch that tells of it.</summary>
    public LatencyHistogram Latency { get; } = new();

    /// <summary>A resource's status may have changed.</summary>
    public void Touch(KubeKey key) => _dirty.TryAdd(key, time.GetTimestamp());

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(interval, time);
        do
        {
            await DrainAsync(cancellationToken);
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    internal async Task DrainAsync(CancellationToken cancellationToken)
    {
        foreach (var name in tables.Ask(ask => ask.TakeDirty()))
        {
            if (book.OwnerOf(name) is { } owner)
            {
                Touch(owner);
            }
        }

        // ToArray locks the table; sorting the table itself copies it unlocked, and fails when another thread adds meanwhile.
        var oldestFirst = _dirty.ToArray().OrderBy(entry => entry.Value).Select(entry => entry.Key).ToList();
        await Parallel.ForEachAsync(oldestFirst, new ParallelOptions { MaxDegreeOfParallelism = AtATime, CancellationToken = cancellationToken }, async (key, stop) =>
        {
            if (_dirty.TryRemove(key, out var since) && !await ServeAsync(key, since, stop))
            {
                _dirty.TryAdd(key, since);
            }
        });
    }

    /// <returns>False when it has to be tried again.</returns>
    private async Task<bool> ServeAsync(KubeKey key, long since, CancellationToken cancellationToken)
    {
        if (book[key] is not { } record)
        {
            _sent.TryRemove(key, out _);
            return true;
        }

        var before = _sent.TryGetValue(key, out var sent) && sent.Uid == record.Uid ? sent.Status : record.Status;
        var status = await ComputeAsync(record, before, cancellationToken);
        var text = StatusRules.Text(status);
        if (before is not null && text == (sent.Uid == record.Uid ? sent.Text : StatusRules.Text(before)))
        {
            return true;
        }

        Debug.Assert(status.Aggregate!.Succeeded + status.Aggregate.Failed + status.Aggregate.Pending == status.Aggregate.MatchedDeviceCount, "the counters add up");
        await budget.TakeAsync(ApiPriority.Status, cancellationToken);
        var done = await client.MergeStatusAsync(Kind, key.Namespace, key.Name, StatusRules.Patch(status), DeploymentController.Manager, cancellationToken);
        done.Value?.Dispose();
        if (done.Error is { } error)
        {
            Failed++;
            if (error.Kind is KubeErrorKind.NotFound)
            {
                return true;
            }

            Log.NotPatched(logger, key.ToString(), error.Message);
            return false;
        }

        Patched++;
        _sent[key] = (record.Uid, text, status);
        Latency.Add(time.GetElapsedTime(since));
        return true;
    }

    private async Task<DeploymentStatus> ComputeAsync(DeploymentRecord record, DeploymentStatus? before, CancellationToken cancellationToken)
    {
        var isOwner = book.OwnerOf(record.Key.Name) == record.Key;
        var counts = isOwner ? tables.Ask(ask => ask.CountsOf(record.Key.Name)) : null;
        var error = counts?.LastError is { } failure ? await failures.GetAsync(record.Key.Name, failure, cancellationToken) : null;
        return StatusRules.Of(
            record, book.VerdictOf(record), isOwner ? book.ActiveOf(record.Key.Name) : null, counts, error, isOwner ? rollouts.PlanOf(record.Key.Name) : null, isResyncing(), before, time.GetUtcNow());
    }

    private static partial class Log
    {
        [LoggerMessage(4961, LogLevel.Warning, "The status of deployment {Deployment} could not be patched and is tried again: {Cause}")]
        public static partial void NotPatched(ILogger logger, string deployment, string cause);
    }
}

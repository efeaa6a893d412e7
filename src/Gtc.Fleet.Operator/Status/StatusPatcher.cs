using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using Gtc.Fleet.Contracts;
using Gtc.Kubernetes;
using Microsoft.Extensions.Logging;
using DeploymentStatus = Gtc.Fleet.Contracts.DeploymentStatus;

namespace Gtc.Fleet.Operator;

/// <summary>
/// Brings counters to the cluster: each deployment at most once per interval, the one that has waited longest first, only when its status differs from what
/// the API server has, and as fast as that is to be burdened. Counters are read when it is a patch's turn, so that it tells the newest.
/// </summary>
internal sealed partial class StatusPatcher(
    KubeClient client, DeploymentBook book, SharedTables tables, ApiBudget budget, FailureTexts failures, RolloutDriver rollouts, Func<bool> isResyncing, TimeSpan interval, TimeProvider time, ILogger logger) : IDisposable
{
    private const int AtATime = 16;
    private static readonly KubeKind Kind = KubeKind.Of(FleetApi.GroupVersion, FleetApi.DeploymentKind)!;

    // Reports come in bursts: those that come together are looked at together.
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(20);

    /// <summary>How long the watch has for telling what overtook a patch, before the API server is asked again all the same.</summary>
    private static readonly TimeSpan WatchPatience = TimeSpan.FromSeconds(30);

    private readonly StatusQueue _queue = new(interval, time);
    private readonly ConcurrentDictionary<KubeKey, Sent> _sent = new();
    private readonly SemaphoreSlim _choosing = new(1);
    private long _patched;
    private long _failed;

    /// <summary>Patches that were made, and that failed.</summary>
    public long Patched => Interlocked.Read(ref _patched);

    public long Failed => Interlocked.Read(ref _failed);

    /// <summary>Resources whose status may differ from what was sent.</summary>
    public int Dirty => _queue.Dirty;

    /// <summary>From a change to the patch that tells of it.</summary>
    public LatencyHistogram Latency { get; } = new();

    /// <summary>A resource's status may have changed.</summary>
    public void Touch(KubeKey key) => _queue.Touch(key);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var parts = Enumerable.Range(0, AtATime).Select(_ => PatchAsync(ends.Token)).Append(CollectAsync(ends.Token)).ToList();
        var first = await Task.WhenAny(parts);
        await ends.CancelAsync();
        await Task.WhenAll(parts).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await first;
    }

    public void Dispose() => _choosing.Dispose();

    private async Task CollectAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            foreach (var name in tables.Ask(ask => ask.TakeDirty()))
            {
                if (book.OwnerOf(name) is { } owner)
                {
                    Touch(owner);
                }
            }

            await Task.Delay(Gathering, time, cancellationToken);
            await tables.Counted.WaitAsync(cancellationToken);
        }
    }

    private async Task PatchAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var work = await TakeAsync(cancellationToken);
            var end = await ServeAsync(work, cancellationToken);
            _queue.End(work, end);
            if (end is StatusEnd.Same or StatusEnd.Behind)
            {
                budget.GiveBack();
            }
        }
    }

    /// <summary>Which one is next is decided when the API server may be asked, by one at a time.</summary>
    private async Task<StatusWork> TakeAsync(CancellationToken cancellationToken)
    {
        await _choosing.WaitAsync(cancellationToken);
        try
        {
            await _queue.ReadyAsync(cancellationToken);
            await budget.TakeAsync(ApiPriority.Status, cancellationToken);
            var isTaken = _queue.TryTake(out var work);
            Debug.Assert(isTaken, "nobody else takes");
            return work;
        }
        finally
        {
            _choosing.Release();
        }
    }

    private async Task<StatusEnd> ServeAsync(StatusWork work, CancellationToken cancellationToken)
    {
        var key = work.Key;
        if (book[key] is not { } record)
        {
            _sent.TryRemove(key, out _);
            return StatusEnd.Gone;
        }

        var sent = _sent.TryGetValue(key, out var known) && known.Uid == record.Uid ? known
            : record.Status is { } stored ? new Sent(record.Uid, stored, StatusRules.ToElement(StatusRules.Known(stored))) : new Sent(record.Uid, null, null);
        var version = Newer(sent.Version, record.Version);
        if (version is not null && version == sent.Overtaken?.Version && time.GetElapsedTime(sent.Overtaken.Value.At) < WatchPatience)
        {
            return StatusEnd.Behind;
        }

        var status = await ComputeAsync(record, sent.Status, cancellationToken);
        Debug.Assert(status.Aggregate!.Succeeded + status.Aggregate.Failed + status.Aggregate.Pending == status.Aggregate.MatchedDeviceCount, "the counters add up");
        var json = StatusRules.ToElement(status);
        if (StatusRules.Patch(sent.Json, json, version) is not { } patch)
        {
            return StatusEnd.Same;
        }

        // Until the answer is there, nobody knows what the API server has; without one, the next patch names every member.
        _sent[key] = sent with { Json = null, Overtaken = null };

        // A process may be stopped between this and the patch, for as long as it takes another to lead: the version is of before.
        await budget.MayWriteAsync(cancellationToken);
        var answer = await client.MergeStatusAsync(Kind, key.Namespace, key.Name, patch, DeploymentController.Manager, cancellationToken);
        using var metadata = answer.Value;
        if (answer.Error is { } error)
        {
            if (error.Kind is KubeErrorKind.Conflict)
            {
                // Somebody wrote since: the watch tells of it, and until then the same patch would be refused again.
                _sent[key] = sent with { Json = null, Overtaken = version is null ? null : (version, time.GetTimestamp()) };
                return StatusEnd.Overtaken;
            }

            Interlocked.Increment(ref _failed);
            if (error.Kind is KubeErrorKind.NotFound)
            {
                _sent.TryRemove(key, out _);
                return StatusEnd.Gone;
            }

            Log.NotPatched(logger, key.ToString(), error.Message);
            return StatusEnd.Failed;
        }

        Interlocked.Increment(ref _patched);
        _sent[key] = new Sent(record.Uid, status, json) { Version = metadata is null ? null : DeploymentRecord.VersionOf(metadata.RootElement) };
        Latency.Add(time.GetElapsedTime(work.Since));
        return StatusEnd.Told;
    }

    /// <summary>
    /// The watch of an API server with much to do is seconds behind, and a patch for the version that it has told would be refused because of the operator's own last one. Where versions
    /// cannot be compared, the watch is believed.
    /// </summary>
    private static string? Newer(string? own, string? told) => ResourceVersions.IsAfter(own, told) == true ? own : told;

    private async Task<DeploymentStatus> ComputeAsync(DeploymentRecord record, DeploymentStatus? before, CancellationToken cancellationToken)
    {
        var isOwner = book.OwnerOf(record.Key.Name) == record.Key;
        var counts = isOwner ? tables.Ask(ask => ask.CountsOf(record.Key.Name)) : null;
        var error = counts?.LastError is { } failure ? await failures.GetAsync(record.Key.Name, failure, cancellationToken) : null;
        return StatusRules.Of(
            record, book.VerdictOf(record), isOwner ? book.ActiveOf(record.Key.Name) : null, counts, error, isOwner ? rollouts.PlanOf(record.Key.Name) : null, isResyncing(), before, time.GetUtcNow());
    }

    /// <summary>What a resource was sent last.</summary>
    /// <param name="Uid">The resource.</param>
    /// <param name="Status">The status, for the times of its conditions.</param>
    /// <param name="Json">What the API server has; null when that is not known.</param>
    private sealed record Sent(string Uid, DeploymentStatus? Status, JsonElement? Json)
    {
        /// <summary>The version that the resource has since; null when that is not known.</summary>
        public string? Version { get; init; }

        /// <summary>The version for which a patch was refused since another had followed, and the clock's reading then; null when none was.</summary>
        public (string Version, long At)? Overtaken { get; init; }
    }

    private static partial class Log
    {
        [LoggerMessage(4961, LogLevel.Warning, "The status of deployment {Deployment} could not be patched and is tried again: {Cause}")]
        public static partial void NotPatched(ILogger logger, string deployment, string cause);
    }
}

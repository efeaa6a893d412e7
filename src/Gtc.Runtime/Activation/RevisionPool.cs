using System.Collections.Concurrent;
using System.Collections.Immutable;
using Gtc.Flows;
using Gtc.Model;
using Gtc.Routing;
using Microsoft.Extensions.Logging;

namespace Gtc.Runtime;

/// <summary>
/// All revisions that are loaded: those that are served and those that are not wanted any more and drain (dispatcher.md §5). What is wanted again
/// before it is empty stays as it is. Wanted ones change from one thread at a time; drains end on any.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="components">Makes the hosts of their components.</param>
/// <param name="logger">Where drains are told.</param>
internal sealed partial class RevisionPool(TimeProvider time, WorkerComponents components, ILogger logger) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<RevisionId, ActiveRevision> _loaded = [];
    private readonly Dictionary<ActiveRevision, TaskCompletionSource> _drains = [];
    private readonly ConcurrentDictionary<RevisionId, RevisionState> _states = new();
    private readonly CancellationTokenSource _stop = new();

    /// <summary>Makes the hosts of their components.</summary>
    public WorkerComponents Components { get; } = components;

    /// <summary>What its revisions have done, for whom.</summary>
    public UsageMeters Usage { get; } = new(time);

    /// <summary>Revisions that are not wanted any more and have requests.</summary>
    public ImmutableArray<ActiveRevision> Draining
    {
        get
        {
            lock (_gate)
            {
                return [.. _drains.Keys];
            }
        }
    }

    /// <summary>What is known about a revision; the same object as long as the process lives, so that its meters go on.</summary>
    public RevisionState StateOf(RevisionId id) => _states.GetOrAdd(id, static id => new RevisionState(id));

    /// <summary>The loaded revision that a block stands for, or null. One that drained is wanted again from here on.</summary>
    public ActiveRevision? Keep(RuntimeRevision block, FlowContext context)
    {
        lock (_gate)
        {
            if (!_loaded.TryGetValue(block.RevisionId, out var revision) || revision.IsCut || !revision.IsFor(block, context))
            {
                return null;
            }

            if (_drains.Remove(revision, out var wantedAgain))
            {
                wantedAgain.SetResult();
            }

            return revision;
        }
    }

    /// <summary>From now on these are wanted and no others; what falls out drains.</summary>
    public void Want(ImmutableArray<ActiveRevision> wanted)
    {
        var leaving = new List<(ActiveRevision Revision, Task WantedAgain)>();
        lock (_gate)
        {
            var kept = wanted.ToHashSet();
            foreach (var revision in _loaded.Values.Where(loaded => !kept.Contains(loaded) && !_drains.ContainsKey(loaded)))
            {
                var wantedAgain = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _drains.Add(revision, wantedAgain);
                leaving.Add((revision, wantedAgain.Task));
            }

            foreach (var revision in wanted)
            {
                _loaded[revision.Id] = revision;
            }
        }

        foreach (var (revision, wantedAgain) in leaving)
        {
            Log.Draining(logger, revision.Id, revision.Deployment, revision.Block.BundleId, revision.InFlight, revision.DrainTime.TotalSeconds);
            _ = DrainAsync(revision, wantedAgain);
        }
    }

    /// <summary>Closes all of them at once: the process ends.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        lock (_gate)
        {
            foreach (var revision in _loaded.Values)
            {
                revision.Dispose();
            }
        }
    }

    private async Task DrainAsync(ActiveRevision revision, Task wantedAgain)
    {
        Task? over = null;
        var wasCut = false;
        try
        {
            while (!TryEvict(revision, out var emptied))
            {
                over ??= Task.Delay(revision.DrainTime, time, _stop.Token);
                await Task.WhenAny(emptied, wantedAgain, wasCut ? emptied : over).WaitAsync(_stop.Token);
                if (wantedAgain.IsCompleted)
                {
                    return;
                }

                if (!wasCut && over.IsCompleted && TryMarkCut(revision))
                {
                    wasCut = true;
                    await revision.CutAsync();
                }
            }

            Log.Evicted(logger, revision.Id, revision.Deployment, revision.Block.BundleId, wasCut);
        }
        catch (OperationCanceledException)
        {
            // The process ends.
        }
    }

    private bool TryMarkCut(ActiveRevision revision)
    {
        lock (_gate)
        {
            return revision.IsCut = _drains.ContainsKey(revision);
        }
    }

    private bool TryEvict(ActiveRevision revision, out Task emptied)
    {
        lock (_gate)
        {
            if (!_drains.ContainsKey(revision))
            {
                // Wanted again since.
                emptied = Task.CompletedTask;
                return false;
            }

            if (!revision.TryClose(out emptied))
            {
                return false;
            }

            _drains.Remove(revision);
            if (_loaded.GetValueOrDefault(revision.Id) == revision)
            {
                _loaded.Remove(revision.Id);
            }

            return true;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4711, LogLevel.Information, "RevisionDraining: {Revision} of deployment {Deployment} (bundle {Bundle}) takes no more requests; {InFlight} in flight get {Seconds} s")]
        public static partial void Draining(ILogger logger, RevisionId revision, DeploymentId deployment, string bundle, int inFlight, double seconds);

        [LoggerMessage(4712, LogLevel.Information, "RevisionEvicted: {Revision} of deployment {Deployment} (bundle {Bundle}); requests were cut: {WereCut}")]
        public static partial void Evicted(ILogger logger, RevisionId revision, DeploymentId deployment, string bundle, bool wereCut);
    }
}

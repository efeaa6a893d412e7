using System.Collections.Concurrent;
using Gtc.Fleet.Contracts;
using Gtc.Kubernetes;
using Microsoft.Extensions.Logging;

namespace Gtc.Fleet.Operator;

/// <summary>
/// Follows the deployments of the cluster: gives valid ones to the tables, holds each with a finalizer until its entries are gone from every device, and
/// leaves what devices have alone while a content is not valid.
/// </summary>
internal sealed partial class DeploymentController(
    KubeClient client, DeploymentBook book, SharedTables tables, ApiBudget budget, KubeEvents events, TimeProvider time, Func<double> jitter, ILogger logger) : IDisposable
{
    private static readonly KubeKind Kind = KubeKind.Of(FleetApi.GroupVersion, FleetApi.DeploymentKind)!;
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);

    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentDictionary<KubeKey, byte> _leaving = new();
    private readonly ConcurrentDictionary<KubeKey, string> _told = new();
    private readonly ConcurrentDictionary<string, byte> _unheld = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _deciding = new(1);

    /// <summary>Ends when all deployments are known.</summary>
    public Task Synced => _synced.Task;

    /// <summary>Told of each resource whose status may have changed.</summary>
    public Action<KubeKey> Touched { get; set; } = static _ => { };

    /// <summary>Entries were deleted: finalizers may go.</summary>
    public Signal EntriesGone { get; } = new();

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var isListing = true;
        var watch = new ResumingWatch(client, new KubeScope(Kind), time, jitter);
        await foreach (var change in watch.RunAsync(cancellationToken))
        {
            switch (change)
            {
                case WatchChange.Listing:
                    isListing = true;
                    break;
                case WatchChange.Present present when !isListing && book[present.Key]?.IsOf(present.Item) == true:
                    // Only its status is another one: what this process wrote itself.
                    book.Set(book[present.Key]! with { Version = DeploymentRecord.VersionOf(present.Item) });
                    break;
                case WatchChange.Present present:
                    await SeeAsync(DeploymentRecord.Of(present.Key, present.Item), isListing, cancellationToken);
                    break;
                case WatchChange.Absent absent:
                    book.Remove(absent.Key);
                    _leaving.TryRemove(absent.Key, out _);
                    _told.TryRemove(absent.Key, out _);
                    if (!isListing)
                    {
                        await DecideAsync(absent.Key.Name, cancellationToken);
                    }

                    break;
                case WatchChange.Synced:
                    isListing = false;
                    await SyncAsync(cancellationToken);
                    break;
                case WatchChange.Interrupted interrupted:
                    Log.Interrupted(logger, interrupted.Error.Message, interrupted.Pause.TotalMilliseconds);
                    break;
                default:
                    break;
            }
        }
    }

    /// <summary>Lets go of deployments that are being deleted, each when its last entry is gone.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    /// <param name="entriesKnown">Ends when all stored entries are known; before that none that is seen means nothing.</param>
    public async Task ReleaseAsync(Task entriesKnown, CancellationToken cancellationToken)
    {
        await entriesKnown;
        while (true)
        {
            foreach (var key in _leaving.Keys)
            {
                if (book[key] is { IsDeleting: true } record && tables.Ask(ask => ask.EntriesOf(key.Name)) == 0)
                {
                    await ReleaseAsync(record, cancellationToken);
                }
            }

            foreach (var name in _unheld.Keys)
            {
                await DecideAsync(name, cancellationToken);
            }

            await EntriesGone.WaitAsync(LookAgain, time, cancellationToken);
        }
    }

    /// <summary>Takes from devices what belongs to no deployment any more. All deployments have to be known.</summary>
    public void Sweep()
    {
        var names = book.All.Select(record => record.Key.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var name in tables.Ask(ask => ask.AllDeploymentNames.ToList()).Where(name => !names.Contains(name)))
        {
            tables.Do(change => change.RemoveDeployment(name));
        }
    }

    private async Task SeeAsync(DeploymentRecord record, bool isListing, CancellationToken cancellationToken)
    {
        if (book[record.Key] is not { } before || before.Generation != record.Generation || before.Uid != record.Uid)
        {
            Log.Acquired(logger, record.Key.Namespace ?? "", record.Key.Name, record.Generation);
        }

        book.Set(record);
        if (!isListing)
        {
            await DecideAsync(record.Key.Name, cancellationToken);
        }
    }

    /// <summary>Everything is known: what the tables hold beyond it was deleted while nobody looked.</summary>
    private async Task SyncAsync(CancellationToken cancellationToken)
    {
        Sweep();
        foreach (var name in book.All.Select(record => record.Key.Name).Distinct(StringComparer.Ordinal))
        {
            await DecideAsync(name, cancellationToken);
        }

        _synced.TrySetResult();
    }

    private async Task DecideAsync(string name, CancellationToken cancellationToken)
    {
        await _deciding.WaitAsync(cancellationToken);
        try
        {
            _unheld.TryRemove(name, out _);
            await ServeAsync(name, book.Decide(name), cancellationToken);
        }
        finally
        {
            _deciding.Release();
        }

        foreach (var record in book.Named(name))
        {
            await TellAsync(record, cancellationToken);
            Touched(record.Key);
        }
    }

    private async Task ServeAsync(string name, DeploymentRecord? owner, CancellationToken cancellationToken)
    {
        if (owner is null || owner.IsDeleting)
        {
            tables.Do(change => change.RemoveDeployment(name));
            if (owner?.Finalizers.Contains(FleetApi.DeploymentFinalizer) == true)
            {
                _leaving[owner.Key] = 0;
                EntriesGone.Set();
            }
        }
        else if (owner.Active is { } active)
        {
            if (await HoldAsync(owner, cancellationToken))
            {
                tables.Do(change => change.SetDeployment(name, active.Intent));
            }
            else
            {
                _unheld[name] = 0;
            }
        }
    }

    /// <summary>The finalizer comes before anything is written for devices, so that nothing can be forgotten there.</summary>
    private async Task<bool> HoldAsync(DeploymentRecord owner, CancellationToken cancellationToken)
    {
        if (owner.Finalizers.Contains(FleetApi.DeploymentFinalizer))
        {
            return true;
        }

        await budget.TakeAsync(ApiPriority.Finalizer, cancellationToken);
        var done = await client.PatchAsync(Kind, owner.Key.Namespace, owner.Key.Name, PatchOperation.AddFinalizer(owner.Finalizers, owner.Version, FleetApi.DeploymentFinalizer), Manager, cancellationToken);
        using var held = done.Value;
        if (done.Error is not { } error)
        {
            // The watch may be many deployments behind, and a status that follows from the version before would be refused.
            if (held is not null)
            {
                book.Note(owner, owner with { Finalizers = owner.Finalizers.Add(FleetApi.DeploymentFinalizer), Version = DeploymentRecord.VersionOf(held.RootElement) });
            }

            return true;
        }

        Log.NotHeld(logger, owner.Key.ToString(), error.Message);
        return false;
    }

    private async Task ReleaseAsync(DeploymentRecord record, CancellationToken cancellationToken)
    {
        if (PatchOperation.RemoveFinalizer(record.Finalizers, FleetApi.DeploymentFinalizer) is not { Count: > 0 } operations)
        {
            _leaving.TryRemove(record.Key, out _);
            return;
        }

        await budget.TakeAsync(ApiPriority.Finalizer, cancellationToken);
        var done = await client.PatchAsync(Kind, record.Key.Namespace, record.Key.Name, operations, Manager, cancellationToken);
        done.Value?.Dispose();
        if (done.Error is null or { Kind: KubeErrorKind.NotFound })
        {
            _leaving.TryRemove(record.Key, out _);
            Log.Released(logger, record.Key.ToString());
        }
        else
        {
            Log.NotReleased(logger, record.Key.ToString(), done.Error.Message);
        }
    }

    /// <summary>An event for every refusal, and for a selector that takes every device; once for each generation.</summary>
    private async Task TellAsync(DeploymentRecord record, CancellationToken cancellationToken)
    {
        var verdict = book.VerdictOf(record);
        var told = $"{record.Generation}:{verdict.Reason}";
        if (record.IsDeleting || (verdict.IsAccepted && !record.SelectsAll) || (_told.TryGetValue(record.Key, out var before) && before == told))
        {
            return;
        }

        _told[record.Key] = told;
        await events.WarnAsync(Kind, record.Key, record.Uid, verdict.IsAccepted ? "SelectsAllDevices" : verdict.Reason,
            verdict.IsAccepted ? "the selector is empty: every device runs this deployment" : verdict.Message, cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose() => _deciding.Dispose();

    internal const string Manager = "fleet-operator";

    private static partial class Log
    {
        [LoggerMessage(4954, LogLevel.Information, "Deployment {Namespace}/{Name} is followed at generation {Generation}")]
        public static partial void Acquired(ILogger logger, string @namespace, string name, long generation);

        [LoggerMessage(4955, LogLevel.Warning, "The watch of deployments was interrupted: {Cause}; it goes on in {DelayMs} ms")]
        public static partial void Interrupted(ILogger logger, string cause, double delayMs);

        [LoggerMessage(4956, LogLevel.Warning, "Deployment {Deployment} could not be given its finalizer: {Cause}")]
        public static partial void NotHeld(ILogger logger, string deployment, string cause);

        [LoggerMessage(4957, LogLevel.Information, "Deployment {Deployment} is gone from every device")]
        public static partial void Released(ILogger logger, string deployment);

        [LoggerMessage(4958, LogLevel.Warning, "Deployment {Deployment} could not be let go and is tried again: {Cause}")]
        public static partial void NotReleased(ILogger logger, string deployment, string cause);
    }
}

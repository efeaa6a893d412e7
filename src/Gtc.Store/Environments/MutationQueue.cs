using System.Collections.Concurrent;
using Gtc.Model;

namespace Gtc.Store;

/// <summary>
/// The changes of one environment that wait in this process. The first to get its turn takes the environment's lock and carries
/// those behind it along, so that they share one flush. One waiter per process is in the kernel's queue; the others wait here
/// without a thread. Where answers come before views, the lock is kept until the views are written.
/// </summary>
internal sealed class MutationQueue(EnvironmentLayout layout, AtomicFile atomic, LocalAccess access, EnvironmentWriter writer, TimeProvider time, TimeSpan viewsFollow, SemaphoreSlim gate, Action<string> warn)
    : IAsyncDisposable
{
    /// <summary>How many changes share a flush at most: other processes want the lock too.</summary>
    private const int MaxBatch = 64;

    private readonly ConcurrentQueue<PendingMutation> _waiting = new();
    private readonly CancellationTokenSource _end = new();
    private EnvironmentLock? _kept;
    private Task _following = Task.CompletedTask;
    private bool _isPlaceKnown;

    /// <summary>Runs a change when its turn comes.</summary>
    /// <param name="change">The change.</param>
    /// <param name="cancellationToken">Ends the wait; a change that has been taken on is carried through.</param>
    public async Task<Outcome<T>> RunAsync<T>(PendingMutation<T> change, CancellationToken cancellationToken)
    {
        _waiting.Enqueue(change);
        try
        {
            await gate.WaitAsync(cancellationToken);
            try
            {
                while (!change.IsStarted)
                {
                    await LeadAsync(cancellationToken);
                }
            }
            finally
            {
                gate.Release();
            }
        }
        catch (OperationCanceledException) when (!change.TryCancel())
        {
            // Another took it on meanwhile.
        }

        return await change.Answer;
    }

    /// <summary>Writes the views that are late at once, and gives up the environment's lock.</summary>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _following;
    }

    /// <summary>Writes late views again.</summary>
    /// <returns>The generation.</returns>
    public Task<Outcome<ulong>> CatchUpAsync(CancellationToken cancellationToken) => ExclusiveAsync(writer.CatchUp, cancellationToken);

    /// <summary>Finds damage of the journal, and repairs it when asked.</summary>
    public Task<Outcome<JournalRepair>> RepairAsync(bool apply, CancellationToken cancellationToken) => ExclusiveAsync(() => writer.Repair(apply), cancellationToken);

    /// <summary>Records a change and then does something about the files that it is recorded in, under one lock.</summary>
    /// <param name="change">What is recorded; a refusal ends it.</param>
    /// <param name="step">What is done once the record and its audit line are on disk.</param>
    /// <param name="cancellationToken">Ends the wait for the lock.</param>
    public async Task<Outcome<TResult>> RecordedAsync<T, TResult>(PendingMutation<T> change, Func<T, Outcome<TResult>> step, CancellationToken cancellationToken)
    {
        await gate.WaitAsync(cancellationToken);
        try
        {
            Settle();
            if (!(await LockAsync(cancellationToken)).TryGet(out var held, out var refusal))
            {
                writer.Refuse([change], refusal);
                return (await change.Answer).Refusal ?? refusal;
            }

            using (held)
            {
                writer.Run([change], isAnsweredFirst: false);
                var outcome = (await change.Answer).Then(answer => writer.Settle() is { } unsettled ? unsettled : step(answer));
                writer.Forget();
                held.RemoveStrayFolder();
                return outcome;
            }
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Reads with the journal and its views settled, while nobody changes anything.</summary>
    public Task<Outcome<T>> CaughtUpAsync<T>(Func<Outcome<T>> read, CancellationToken cancellationToken) => ExclusiveAsync(() => writer.CatchUp().Then(_ => read()), cancellationToken);

    private async Task<Outcome<T>> ExclusiveAsync<T>(Func<Outcome<T>> step, CancellationToken cancellationToken)
    {
        await gate.WaitAsync(cancellationToken);
        try
        {
            Settle();
            if (!(await LockAsync(cancellationToken)).TryGet(out var held, out var refusal))
            {
                return refusal;
            }

            using (held)
            {
                var outcome = step();
                held.RemoveStrayFolder();
                return outcome;
            }
        }
        finally
        {
            gate.Release();
        }
    }

    private async Task LeadAsync(CancellationToken cancellationToken)
    {
        if (_kept is not { } held && !(await LockAsync(cancellationToken)).TryGet(out held, out var refusal))
        {
            writer.Refuse(TakeWaiting(), refusal);
            return;
        }

        try
        {
            writer.Run(TakeWaiting(), isAnsweredFirst: viewsFollow > TimeSpan.Zero);
        }
        finally
        {
            Keep(held);
        }
    }

    /// <summary>Keeps the lock while views are late, and gives it up otherwise.</summary>
    private void Keep(EnvironmentLock held)
    {
        if (!writer.IsLate)
        {
            _kept = null;
            held.RemoveStrayFolder();
            held.Dispose();
        }
        else if (_kept is null)
        {
            _kept = held;
            _following = FollowAsync();
        }
    }

    private async Task FollowAsync()
    {
        await Task.Delay(viewsFollow, time, _end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await gate.WaitAsync();
        try
        {
            Settle();
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Writes the views that are late and gives up the lock.</summary>
    private void Settle()
    {
        using var held = _kept;
        _kept = null;
        writer.Follow();
    }

    private List<PendingMutation> TakeWaiting()
    {
        var taken = new List<PendingMutation>();
        while (taken.Count < MaxBatch && _waiting.TryDequeue(out var change))
        {
            if (change.TryStart())
            {
                taken.Add(change);
            }
        }

        return taken;
    }

    private async Task<Outcome<EnvironmentLock>> LockAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (access.Deny(layout) is { } denied)
            {
                return denied;
            }

            var held = await EnvironmentLock.TakeAsync(layout, atomic, cancellationToken);
            atomic.Sweep(layout.Folder, time.GetUtcNow());
            WarnOfThePlace();
            return held;
        }
        catch (FileCallException error)
        {
            return FileRefusals.Store($"environment `{layout.Id}` could not be locked", error);
        }
    }

    /// <summary>Once: on a network file system the lock may not keep other machines out.</summary>
    private void WarnOfThePlace()
    {
        if (!_isPlaceKnown && atomic.Calls.IsRemote(layout.Folder))
        {
            warn($"{layout.Folder} is on a network file system, where locks may not hold between machines: change the environment from one machine only");
        }

        _isPlaceKnown = true;
    }
}

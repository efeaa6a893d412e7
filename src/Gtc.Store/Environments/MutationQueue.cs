using System.Collections.Concurrent;
using Gtc.Model;

namespace Gtc.Store;

/// <summary>
/// The changes of one environment that wait in this process. The first to get its turn takes the environment's lock and carries
/// those behind it along, so that they share one flush. One waiter per process is in the kernel's queue; the others wait here
/// without a thread.
/// </summary>
internal sealed class MutationQueue(EnvironmentLayout layout, AtomicFile atomic, EnvironmentWriter writer, TimeProvider time, SemaphoreSlim gate)
{
    /// <summary>How many changes share a flush at most: other processes want the lock too.</summary>
    private const int MaxBatch = 64;

    private readonly ConcurrentQueue<PendingMutation> _waiting = new();

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

    /// <summary>Writes late views again.</summary>
    /// <returns>The generation.</returns>
    public Task<Outcome<ulong>> CatchUpAsync(CancellationToken cancellationToken) => ExclusiveAsync(writer.CatchUp, cancellationToken);

    /// <summary>Finds damage of the journal, and repairs it when asked.</summary>
    public Task<Outcome<JournalRepair>> RepairAsync(bool apply, CancellationToken cancellationToken) => ExclusiveAsync(() => writer.Repair(apply), cancellationToken);

    /// <summary>Records the end of the environment and lets it end, under one lock.</summary>
    /// <param name="change">Whether it may end; its answer tells whether it is there.</param>
    /// <param name="end">Ends it.</param>
    /// <param name="cancellationToken">Ends the wait for the lock.</param>
    public async Task<Outcome<T>> DestroyAsync<T>(PendingMutation<bool> change, Func<bool, Outcome<T>> end, CancellationToken cancellationToken)
    {
        await gate.WaitAsync(cancellationToken);
        try
        {
            var locked = await LockAsync(cancellationToken);
            if (!locked.TryGet(out var held, out var refusal))
            {
                writer.Refuse([change], refusal);
                return (await change.Answer).Then<T>(_ => refusal);
            }

            using (held)
            {
                writer.Run([change]);
                if (!(await change.Answer).TryGet(out var isThere, out refusal))
                {
                    held.RemoveStrayFolder();
                    return refusal;
                }

                if (isThere && writer.Settle() is { } unsettled)
                {
                    return unsettled;
                }

                var ended = end(isThere);
                writer.Forget();
                if (!isThere)
                {
                    held.RemoveStrayFolder();
                }

                // The folder has moved with the lock's file: a folder that is there now is another's.
                return ended;
            }
        }
        finally
        {
            gate.Release();
        }
    }

    private async Task<Outcome<T>> ExclusiveAsync<T>(Func<Outcome<T>> step, CancellationToken cancellationToken)
    {
        await gate.WaitAsync(cancellationToken);
        try
        {
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
        var locked = await LockAsync(cancellationToken);
        if (!locked.TryGet(out var held, out var refusal))
        {
            writer.Refuse(TakeWaiting(), refusal);
            return;
        }

        using (held)
        {
            writer.Run(TakeWaiting());
            held.RemoveStrayFolder();
        }
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
            var held = await EnvironmentLock.TakeAsync(layout, atomic, cancellationToken);
            atomic.Sweep(layout.Folder, time.GetUtcNow());
            return held;
        }
        catch (FileCallException error)
        {
            return FileRefusals.Store($"environment `{layout.Id}` could not be locked", error);
        }
    }
}

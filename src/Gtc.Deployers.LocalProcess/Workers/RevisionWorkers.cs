using System.Collections.Immutable;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Deployers.LocalProcess;

/// <summary>
/// Starts and ends the worker of a revision. Whoever is killed on the way leaves either a worker that is recorded or one that is found by its mark
/// (<see cref="IWorkerProcesses.Find"/>): the mark is the intent, written by the same call that makes the process.
/// </summary>
internal sealed class RevisionWorkers(LocalProcessOptions options)
{
    /// <summary>How much longer than its drain time a worker may take before it is killed.</summary>
    private static readonly TimeSpan StopSlack = TimeSpan.FromSeconds(2);

    /// <summary>The longest drain time that a worker understands.</summary>
    private const uint MostDrainSeconds = 86_400;

    private const int MostStarts = 4;

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(50);

    /// <summary>The running workers of an environment, recorded or not.</summary>
    public Outcome<ImmutableArray<FoundWorker>> Find(EnvId environment) => options.Processes is { } processes
        ? processes.Find(Folder(environment))
        : NotConfigured();

    /// <summary>Sees to it that a revision has one healthy worker.</summary>
    /// <returns>Whether it was started here; or why there is none.</returns>
    public async Task<Outcome<bool>> EnsureAsync(EnvironmentDocument environment, Revision revision, LocalProcessSettings settings, CancellationToken cancellationToken)
    {
        if (options.Processes is not { } processes || options.Program.IsEmpty)
        {
            return NotConfigured();
        }

        var id = environment.EnvironmentId;
        if (!(await options.Store.TakeWorkerLockAsync(id, revision.RevisionId, cancellationToken)).TryGet(out var held, out var refusal))
        {
            return AsProvider(refusal);
        }

        using (held)
        {
            if (!processes.Find(Folder(id)).TryGet(out var running, out refusal))
            {
                return refusal;
            }

            var own = running.Where(worker => worker.Revision == revision.RevisionId).Select(worker => worker.Process).ToList();
            var recorded = WorkerRecords.Read(options.Store, id).GetValueOrDefault(revision.RevisionId.ToString());
            var kept = own.Find(worker => recorded is not null && worker.IsSameProcess(recorded)) ?? own.FirstOrDefault();
            if (await StopAllAsync(processes, own.Where(worker => worker != kept), TimeSpan.Zero, cancellationToken) is { } left)
            {
                return left;
            }

            var health = new HealthWait(processes, options.Time, settings.WarmTimeout, LogFolder(id, revision.RevisionId));
            return kept is not null
                ? await AdoptAsync(environment, revision, kept, health, cancellationToken)
                : await StartAsync(environment, revision, settings, recorded, health, cancellationToken);
        }
    }

    /// <summary>Ends the workers of a revision; none is fine.</summary>
    /// <param name="environment">The environment.</param>
    /// <param name="revision">The revision.</param>
    /// <param name="grace">How long running requests get.</param>
    /// <param name="cancellationToken">Stops it; a worker that was asked to stop still stops.</param>
    /// <returns>Whether there was one; or why it is still there.</returns>
    public async Task<Outcome<bool>> EndAsync(EnvId environment, RevisionId revision, TimeSpan grace, CancellationToken cancellationToken)
    {
        if (options.Processes is not { } processes)
        {
            return NotConfigured();
        }

        if (!(await options.Store.TakeWorkerLockAsync(environment, revision, cancellationToken)).TryGet(out var held, out var refusal))
        {
            return AsProvider(refusal);
        }

        using (held)
        {
            if (!processes.Find(Folder(environment)).TryGet(out var running, out refusal))
            {
                return refusal;
            }

            var own = running.Where(worker => worker.Revision == revision).Select(worker => worker.Process).ToList();
            if (await StopAllAsync(processes, own, grace + StopSlack, cancellationToken) is { } left)
            {
                return left;
            }

            return await WorkerRecords.SetAsync(options.Store, environment, revision, null, cancellationToken) is { } unsaved ? AsProvider(unsaved) : own.Count > 0;
        }
    }

    private async Task<Outcome<bool>> AdoptAsync(EnvironmentDocument environment, Revision revision, WorkerProcess worker, HealthWait health, CancellationToken cancellationToken)
    {
        if (await WorkerRecords.SetAsync(options.Store, environment.EnvironmentId, revision.RevisionId, worker, cancellationToken) is { } unsaved)
        {
            return AsProvider(unsaved);
        }

        return await health.RunAsync(environment, revision, worker, cancellationToken) is { } unhealthy
            ? await GiveUpAsync(environment.EnvironmentId, revision.RevisionId, worker, unhealthy)
            : false;
    }

    private async Task<Outcome<bool>> StartAsync(
        EnvironmentDocument environment, Revision revision, LocalProcessSettings settings, WorkerProcess? recorded, HealthWait health, CancellationToken cancellationToken)
    {
        var tried = new HashSet<ushort>();
        while (true)
        {
            if (!ChoosePort(environment, settings, recorded, tried).TryGet(out var port, out var refusal)
                || !options.Processes!.Start(Launch(environment.EnvironmentId, revision, port, settings)).TryGet(out var worker, out refusal))
            {
                return refusal;
            }

            // Not cancelled: what was started is recorded, whatever happens next.
            if (await WorkerRecords.SetAsync(options.Store, environment.EnvironmentId, revision.RevisionId, worker, CancellationToken.None) is { } unsaved)
            {
                return AsProvider(unsaved);
            }

            if (await health.RunAsync(environment, revision, worker, cancellationToken) is not { } unhealthy)
            {
                return true;
            }

            tried.Add(port);
            var lostItsPort = !options.Processes.IsRunning(worker) && options.Processes.IsTaken(port) && tried.Count < MostStarts;
            if (!lostItsPort)
            {
                return await GiveUpAsync(environment.EnvironmentId, revision.RevisionId, worker, unhealthy);
            }
        }
    }

    /// <summary>A worker that does not become healthy is ended, so that the next warm begins anew.</summary>
    private async Task<Outcome<bool>> GiveUpAsync(EnvId environment, RevisionId revision, WorkerProcess worker, Refusal why)
    {
        _ = await StopAllAsync(options.Processes!, [worker], StopSlack, CancellationToken.None);
        _ = await WorkerRecords.SetAsync(options.Store, environment, revision, null, CancellationToken.None);
        return why;
    }

    /// <summary>The port that the revision had, else the first one that is neither another's nor the router's.</summary>
    private Outcome<ushort> ChoosePort(EnvironmentDocument environment, LocalProcessSettings settings, WorkerProcess? recorded, HashSet<ushort> tried)
    {
        var records = WorkerRecords.Read(options.Store, environment.EnvironmentId).Values;
        var taken = records.Where(worker => worker != recorded).Select(worker => (int)worker.Port).ToHashSet();
        if (System.Net.IPEndPoint.TryParse(environment.HostConfig.ResolveListenAddr(), out var router))
        {
            taken.Add(router.Port);
        }

        var range = Enumerable.Range(settings.Ports.First, settings.Ports.Last - settings.Ports.First + 1);
        foreach (var port in recorded is null ? range : range.Where(port => port == recorded.Port).Concat(range))
        {
            if (!taken.Contains(port) && !tried.Contains((ushort)port) && !options.Processes!.IsTaken((ushort)port))
            {
                return (ushort)port;
            }
        }

        return new DeployerRefusal.Provider($"no port of {settings.Ports} on 127.0.0.1 is free for a worker")
        {
            Details = [new("range", settings.Ports.ToString()), new("the router's", $"{router?.Port}")],
            Next = "gtc op env-packs update slot=deployer   with another port_range",
        };
    }

    /// <summary>Asks, waits, ends, waits.</summary>
    private async Task<Refusal?> StopAllAsync(IWorkerProcesses processes, IEnumerable<WorkerProcess> workers, TimeSpan grace, CancellationToken cancellationToken)
    {
        var left = workers.ToList();
        foreach (var isFinal in (bool[])[false, true])
        {
            left.ForEach(worker => processes.Signal(worker, isFinal));
            var until = options.Time.GetUtcNow() + (isFinal ? StopSlack : grace);
            using var timer = new PeriodicTimer(LookEvery, options.Time);
            while (left.RemoveAll(worker => !processes.IsRunning(worker)) >= 0 && left.Count > 0 && options.Time.GetUtcNow() < until)
            {
                await timer.WaitForNextTickAsync(cancellationToken);
            }

            if (left.Count == 0)
            {
                return null;
            }
        }

        return new DeployerRefusal.Provider($"{left.Count} worker(s) could not be ended: process {string.Join(", ", left.Select(worker => worker.Pid))}");
    }

    private WorkerLaunch Launch(EnvId environment, Revision revision, ushort port, LocalProcessSettings settings) => new()
    {
        Program = options.Program,
        Environment = environment,
        Folder = Folder(environment),
        StoreRoot = options.Store.Layout.Root,
        Revision = revision.RevisionId,
        Port = port,
        DrainSeconds = Math.Min(revision.DrainSeconds, MostDrainSeconds),
        LogFolder = LogFolder(environment, revision.RevisionId),
        ComponentEgress = settings.ComponentEgress,
    };

    private string Folder(EnvId environment) => options.Store.Layout.Environment(environment).Folder;

    private string LogFolder(EnvId environment, RevisionId revision) => Path.Combine(Folder(environment), "logs", revision.ToString());

    private static DeployerRefusal.Provider NotConfigured() => new("no program to start workers with is configured");

    private static DeployerRefusal.Provider AsProvider(Refusal refusal) => new(refusal.Message) { Details = refusal.Details, Next = refusal.Next };
}

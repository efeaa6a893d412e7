using System.Collections.Immutable;
using Gtc.Model;

namespace Gtc.Deployers.LocalProcess;

/// <summary>The processes of this machine, as far as workers are concerned: all that the deployer does outside the store goes through here.</summary>
public interface IWorkerProcesses
{
    /// <summary>
    /// The running workers of an environment. They are found by a mark that every worker carries from its first instant, not by what was recorded:
    /// a worker whose starter was killed before it could record anything is found too.
    /// </summary>
    /// <param name="folder">The environment's folder, absolute.</param>
    /// <returns>The workers; <see cref="DeployerRefusal.Provider"/> when processes cannot be listed.</returns>
    Outcome<ImmutableArray<FoundWorker>> Find(string folder);

    /// <summary>Starts a worker that outlives this process.</summary>
    /// <param name="launch">What is started.</param>
    /// <returns>The process, which may have ended already; <see cref="DeployerRefusal.Provider"/> when it could not be started.</returns>
    Outcome<WorkerProcess> Start(WorkerLaunch launch);

    /// <summary>Whether it still runs. One that has ended and was not collected by its parent does not.</summary>
    bool IsRunning(WorkerProcess worker);

    /// <summary>Asks it to stop (SIGTERM), or ends it (SIGKILL). One that has ended is left alone, also when its id is another's by now.</summary>
    /// <param name="worker">Which.</param>
    /// <param name="isFinal">SIGKILL instead of SIGTERM.</param>
    void Signal(WorkerProcess worker, bool isFinal);

    /// <summary>Whether somebody listens on a port of 127.0.0.1.</summary>
    bool IsTaken(ushort port);

    /// <summary>Asks a worker for its health.</summary>
    /// <param name="worker">Which.</param>
    /// <param name="path">The path, e.g. <c>/healthz/01J…</c>.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>Null when it is healthy, else what was seen, for people.</returns>
    Task<string?> FindHealthFaultAsync(WorkerProcess worker, string path, CancellationToken cancellationToken);
}

/// <summary>What is started for one revision.</summary>
public sealed record WorkerLaunch
{
    /// <summary>Program and first words: gtc itself.</summary>
    public required ImmutableArray<string> Program { get; init; }

    /// <summary>The environment.</summary>
    public required EnvId Environment { get; init; }

    /// <summary>The environment's folder, absolute: the worker's mark.</summary>
    public required string Folder { get; init; }

    /// <summary>Where environments are kept, absolute.</summary>
    public required string StoreRoot { get; init; }

    /// <summary>The revision.</summary>
    public required RevisionId Revision { get; init; }

    /// <summary>Where it shall listen on 127.0.0.1.</summary>
    public required ushort Port { get; init; }

    /// <summary>How long running requests get when it is asked to stop.</summary>
    public required uint DrainSeconds { get; init; }

    /// <summary>Where it logs, absolute.</summary>
    public required string LogFolder { get; init; }

    /// <summary>Where its components may send HTTP requests to; null for what it takes from this process.</summary>
    public string? ComponentEgress { get; init; }
}

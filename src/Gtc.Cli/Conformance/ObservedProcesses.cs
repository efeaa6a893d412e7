using System.Collections.Concurrent;
using System.Collections.Immutable;
using Gtc.Conformance;
using Gtc.Deployers.LocalProcess;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Conformance;

/// <summary>The machine's processes with a log of calls and faults on demand. What the deployer asks about a process that it holds is no call.</summary>
internal sealed class ObservedProcesses(IWorkerProcesses inner, FileEnvironmentStore store) : IWorkerProcesses, IObservedProvider
{
    private readonly Lock _gate = new();
    private readonly List<ProviderCall> _calls = [];
    private readonly ConcurrentDictionary<EnvId, bool> _placed = [];
    private int _failIn;

    public ImmutableArray<ProviderCall> Calls
    {
        get
        {
            lock (_gate)
            {
                return [.. _calls];
            }
        }
    }

    public bool IsReady { get; set; } = true;

    /// <summary>Lets snapshots look at an environment.</summary>
    public void Place(EnvId environment) => _placed[environment] = true;

    /// <summary>The workers of all environments.</summary>
    public List<FoundWorker> Running() => [.. _placed.Keys.SelectMany(environment => Workers(environment))];

    public void ForgetCalls()
    {
        lock (_gate)
        {
            _calls.Clear();
        }
    }

    public void FailCall(int number)
    {
        lock (_gate)
        {
            _failIn = number;
        }
    }

    public Task<ImmutableArray<ProviderObject>> SnapshotAsync(CancellationToken cancellationToken) => Task.FromResult<ImmutableArray<ProviderObject>>(
    [
        .. from environment in _placed.Keys
           from worker in Workers(environment)
           select new ProviderObject($"{environment}/{worker.Revision}/process-{worker.Process.Pid}", $"{worker.Process}") { Environment = environment, Revision = worker.Revision },
        .. from environment in _placed.Keys
           from record in WorkerRecords.Read(store, environment)
           let revision = RevisionId.TryParse(record.Key, out var id) ? id : default
           select new ProviderObject($"{environment}/{record.Key}/record", $"{record.Value}") { Environment = environment, Revision = revision },
    ]);

    public async Task<bool> IsServingAsync(EnvironmentDocument environment, RevisionId revision, CancellationToken cancellationToken) =>
        Workers(environment.EnvironmentId).FirstOrDefault(worker => worker.Revision == revision) is { } found
        && await inner.FindHealthFaultAsync(found.Process, $"/healthz/{revision}", cancellationToken) is null;

    public Task<ImmutableArray<TrafficShare>> RoutesAsync(EnvironmentDocument environment, DeploymentId deployment, CancellationToken cancellationToken) =>
        Task.FromResult<ImmutableArray<TrafficShare>>([]);

    public string? FindNameFault(string name) => name.Split('/').Any(part => part is "" or "." or ".." || part.Length > 255) ? "it is no path of folders" : null;

    public Outcome<ImmutableArray<FoundWorker>> Find(string folder) => Called($"find {folder}", mutates: false) is { } fault ? fault : inner.Find(folder);

    public Outcome<WorkerProcess> Start(WorkerLaunch launch) => Called($"start {launch.Revision}", mutates: true) is { } fault ? fault : inner.Start(launch);

    public bool IsRunning(WorkerProcess worker) => inner.IsRunning(worker);

    public void Signal(WorkerProcess worker, bool isFinal)
    {
        if (Called($"signal {worker.Pid}", mutates: true) is null)
        {
            inner.Signal(worker, isFinal);
        }
    }

    public bool IsTaken(ushort port) => inner.IsTaken(port);

    public async Task<string?> FindHealthFaultAsync(WorkerProcess worker, string path, CancellationToken cancellationToken) =>
        Called($"health {worker.Pid}", mutates: false)?.Message
        ?? (IsReady ? await inner.FindHealthFaultAsync(worker, path, cancellationToken) : "status 503");

    private ImmutableArray<FoundWorker> Workers(EnvId environment) =>
        inner.Find(store.Layout.Environment(environment).Folder).TryGet(out var found, out _) ? found : [];

    /// <summary>Counts a call.</summary>
    /// <returns>The fault that was ordered for it, or null.</returns>
    private DeployerRefusal.Provider? Called(string operation, bool mutates)
    {
        lock (_gate)
        {
            _calls.Add(new ProviderCall(operation, mutates));
            return _failIn > 0 && --_failIn == 0 ? new DeployerRefusal.Provider("the machine was busy for a moment") : null;
        }
    }
}

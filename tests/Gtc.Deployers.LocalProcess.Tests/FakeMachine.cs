using System.Collections.Immutable;
using Gtc.Conformance;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Deployers.LocalProcess.Tests;

/// <summary>A machine in memory: processes that start at once, answer when the machine is ready, and end when they are asked to.</summary>
internal sealed class FakeMachine : IWorkerProcesses, IObservedProvider
{
    private readonly Lock _gate = new();
    private readonly List<(string Folder, FoundWorker Worker)> _running = [];
    private readonly List<ProviderCall> _calls = [];
    private readonly HashSet<EnvId> _placed = [];
    private int _pid = 100;
    private int _failIn;

    public FileEnvironmentStore? Store { get; set; }

    public bool IsReady { get; set; } = true;

    /// <summary>Processes that do not heed SIGTERM.</summary>
    public bool IsDeaf { get; set; }

    /// <summary>Ports that somebody else has.</summary>
    public HashSet<ushort> Foreign { get; } = [];

    /// <summary>Ports that somebody else takes between the look and the start; the worker then ends.</summary>
    public HashSet<ushort> Snatched { get; } = [];

    public List<WorkerLaunch> Launches { get; } = [];

    public List<(int Pid, bool IsFinal)> Signals { get; } = [];

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

    public List<FoundWorker> Running
    {
        get
        {
            lock (_gate)
            {
                return [.. _running.Select(one => one.Worker)];
            }
        }
    }

    public void Place(EnvId environment) => _placed.Add(environment);

    /// <summary>A process that nobody recorded.</summary>
    public WorkerProcess Orphan(string folder, RevisionId revision, ushort port)
    {
        lock (_gate)
        {
            var worker = new WorkerProcess { Pid = ++_pid, StartedTicks = (ulong)_pid, BootId = "boot", Port = port };
            _running.Add((folder, new FoundWorker(revision, worker)));
            return worker;
        }
    }

    public void Crash(WorkerProcess worker)
    {
        lock (_gate)
        {
            _running.RemoveAll(one => one.Worker.Process == worker);
        }
    }

    public void ForgetCalls()
    {
        lock (_gate)
        {
            _calls.Clear();
        }
    }

    public void FailCall(int number) => _failIn = number;

    public Task<ImmutableArray<ProviderObject>> SnapshotAsync(CancellationToken cancellationToken)
    {
        var objects = ImmutableArray.CreateBuilder<ProviderObject>();
        foreach (var environment in _placed)
        {
            var folder = Store!.Layout.Environment(environment).Folder;
            lock (_gate)
            {
                objects.AddRange(_running.Where(one => one.Folder == folder).Select(one =>
                    new ProviderObject($"{environment}/{one.Worker.Revision}/{one.Worker.Process.Pid}", $"{one.Worker.Process}") { Environment = environment, Revision = one.Worker.Revision }));
            }

            objects.AddRange(WorkerRecords.Read(Store, environment).Select(record => new ProviderObject($"{environment}/{record.Key}/record", $"{record.Value}")
            {
                Environment = environment,
                Revision = RevisionId.TryParse(record.Key, out var id) ? id : null,
            }));
        }

        return Task.FromResult(objects.ToImmutable());
    }

    public Task<bool> IsServingAsync(EnvironmentDocument environment, RevisionId revision, CancellationToken cancellationToken) =>
        Task.FromResult(IsReady && Running.Exists(worker => worker.Revision == revision));

    public Task<ImmutableArray<TrafficShare>> RoutesAsync(EnvironmentDocument environment, DeploymentId deployment, CancellationToken cancellationToken) =>
        Task.FromResult<ImmutableArray<TrafficShare>>([]);

    public string? FindNameFault(string name) => name.Contains("..", StringComparison.Ordinal) ? "leaves the folder" : null;

    public Outcome<ImmutableArray<FoundWorker>> Find(string folder)
    {
        lock (_gate)
        {
            return Called("find", false) is { } fault ? fault : _running.Where(one => one.Folder == folder).Select(one => one.Worker).ToImmutableArray();
        }
    }

    public Outcome<WorkerProcess> Start(WorkerLaunch launch)
    {
        lock (_gate)
        {
            if (Called($"start {launch.Revision}", true) is { } fault)
            {
                return fault;
            }

            Launches.Add(launch);
            var worker = new WorkerProcess { Pid = ++_pid, StartedTicks = (ulong)_pid, BootId = "boot", Port = launch.Port };
            if (Snatched.Contains(launch.Port))
            {
                Foreign.Add(launch.Port);
            }
            else
            {
                _running.Add((launch.Folder, new FoundWorker(launch.Revision, worker)));
            }

            return worker;
        }
    }

    public bool IsRunning(WorkerProcess worker) => Running.Exists(found => found.Process == worker);

    public void Signal(WorkerProcess worker, bool isFinal)
    {
        lock (_gate)
        {
            _ = Called($"signal {worker.Pid}", true);
            Signals.Add((worker.Pid, isFinal));
            if (isFinal || !IsDeaf)
            {
                _running.RemoveAll(one => one.Worker.Process == worker);
            }
        }
    }

    public bool IsTaken(ushort port) => Foreign.Contains(port) || Running.Exists(worker => worker.Process.Port == port);

    public Task<string?> FindHealthFaultAsync(WorkerProcess worker, string path, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            return Task.FromResult(Called("health", false)?.Message ?? (IsReady ? null : "status 503"));
        }
    }

    private DeployerRefusal.Provider? Called(string operation, bool mutates)
    {
        _calls.Add(new ProviderCall(operation, mutates));
        return _failIn > 0 && --_failIn == 0 ? new DeployerRefusal.Provider("busy for a moment") : null;
    }
}

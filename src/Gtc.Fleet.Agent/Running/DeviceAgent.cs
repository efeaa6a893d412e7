using System.Threading.Channels;
using Gtc.Fleet.Agent.Broker;
using Gtc.Fleet.Agent.CatchingUp;
using Gtc.Fleet.Agent.Configuration;
using Gtc.Fleet.Agent.Reconciling;
using Gtc.Fleet.Agent.Storage;
using Gtc.Fleet.Contracts;
using Microsoft.Extensions.Logging;

namespace Gtc.Fleet.Agent.Running;

/// <summary>
/// The agent of one device: brings containers in line with what the broker says, tells what became of it, and goes on without the broker. One loop decides; a worker for each
/// deployment acts. An exception anywhere ends all of it: the service manager starts it again, and it goes on from what is on disk.
/// </summary>
internal sealed partial class DeviceAgent
{
    private readonly AgentShell _shell;
    private readonly DesiredBook _desired;
    private readonly Outbox _outbox;
    private readonly Heart _heart;
    private readonly OwnImages _images;
    private readonly Reconciler _reconciler;
    private readonly Channel<AgentMessage> _messages = Channel.CreateBounded<AgentMessage>(1024);
    private readonly Dictionary<DeploymentName, DeploymentWorker> _workers = [];
    private readonly TaskGroup _tasks;
    private bool _isConnected;
    private bool _isManifestDue;
    private string? _away;

    private DeviceAgent(AgentShell shell, TaskGroup tasks)
    {
        _shell = shell;
        _tasks = tasks;
        _desired = new DesiredBook(shell);
        _outbox = new Outbox(shell);
        _heart = new Heart(shell);
        _images = new OwnImages(shell);
        _reconciler = new Reconciler(shell, new ImageStore(shell, _images));
    }

    /// <summary>Runs until it is stopped. Containers go on without it.</summary>
    /// <returns>Why it cannot run, or null after it was stopped.</returns>
    public static async Task<AgentError?> RunAsync(AgentConfig config, AgentPorts ports, CancellationToken stop)
    {
        if (!LocalStore.Open(config.DataFolder).TryGet(out var store, out var error))
        {
            return error;
        }

        using (store)
        {
            var ring = new EventRing(config.Device, store.ReadEvents(), ports.Time);
            var shell = new AgentShell(config, ports, store, new StateBook(config.Device, store, ports.Time, ports.Log), ring);
            using var tasks = new TaskGroup(stop);
            await new DeviceAgent(shell, tasks).RunAsync();
        }

        return null;
    }

    private async Task RunAsync()
    {
        var stop = _tasks.Stop;
        Log.Starts(_shell.Ports.Log, _shell.Config.Device.Value, _shell.Store.Desired.Count);
        foreach (var name in _shell.Store.Desired.Keys.Order())
        {
            Aim(name);
        }

        if (_shell.Ports.WatchMemory is { } watch)
        {
            _tasks.Add(() => watch(_shell.Ports.Time, stop));
        }

        await LookForOrphansAsync(stop);
        _tasks.Add(() => SpeakAsync(stop));
        _tasks.Add(() => WatchAsync(stop));
        _tasks.Add(() => TickAsync(stop));
        _tasks.Add(() => PulseAsync(stop));
        _tasks.Add(() => ReadAgainAsync(stop));
        _tasks.Add(() => _images.RunAsync(stop));
        _tasks.Add(() => _outbox.RunAsync(stop));
        _tasks.Add(() => _outbox.RunRingAsync(stop));
        _tasks.Add(() => _heart.RunAsync(stop));
        _tasks.Add(() => DecideAsync(stop));
        _shell.Ports.Ready?.Invoke();
        await _tasks.WaitAsync();
        Log.Stopped(_shell.Ports.Log);
    }

    private async Task DecideAsync(CancellationToken stop)
    {
        await foreach (var message in _messages.Reader.ReadAllAsync(stop))
        {
            await DecideAsync(message, stop);
            _shell.Progressed();
        }
    }

    private async Task DecideAsync(AgentMessage message, CancellationToken stop)
    {
        switch (message)
        {
            case AgentMessage.Connected connected:
                await ConnectedAsync(connected.Server, stop);
                break;
            case AgentMessage.Disconnected disconnected:
                _isConnected = false;
                _outbox.SetConnected(false);
                _heart.SetConnected(false);
                if (_away != disconnected.Reason)
                {
                    // A broker that stays away is tried for ever and said once.
                    _away = disconnected.Reason;
                    Log.Away(_shell.Ports.Log, disconnected.Reason);
                }

                break;
            case AgentMessage.Desired desired:
                await TakeAsync(desired, stop);
                break;
            case AgentMessage.Container container:
                foreach (var worker in _workers.Values)
                {
                    worker.Saw(container.Event);
                }

                break;
            case AgentMessage.ReadManifest:
                await RefreshAsync(stop);
                break;
            case AgentMessage.LookAround:
                await LookAroundAsync(stop);
                break;
            case AgentMessage.Pulse:
                // That it is read is all that is asked.
                break;
            case AgentMessage.Request request:
                await AnswerAsync(request, stop);
                break;
            case AgentMessage.Gone gone:
                Gone(gone.Name);
                break;
        }
    }

    private async Task ConnectedAsync(string server, CancellationToken stop)
    {
        _isConnected = true;
        _away = null;
        Log.Connected(_shell.Ports.Log, server);
        _heart.SetConnected(true);
        await _heart.IntroduceAsync(stop);
        await RefreshAsync(stop);

        // A removal that was cut off before the manifest was kept is no change of the manifest any more.
        await LookForOrphansAsync(stop);
        await _outbox.VerifyAsync(stop);
        _outbox.SetConnected(true);
    }

    private async Task TakeAsync(AgentMessage.Desired message, CancellationToken stop)
    {
        if (!KvKeys.TryParseDesired(message.Key, out var device, out var name) || device != _shell.Config.Device)
        {
            return;
        }

        if (name is { } deployment)
        {
            _desired.Stage(deployment, message.Bytes, message.Seq);
        }
        else if (message.Bytes.Length > 0)
        {
            Act(await _desired.TakeManifestAsync(message.Bytes, stop));
        }
    }

    private async Task RefreshAsync(CancellationToken stop)
    {
        if (_isConnected)
        {
            Act(await _desired.RefreshAsync(stop));
        }
    }

    private void Act(AgentResult<DesiredChange> result)
    {
        _isManifestDue = !result.TryGet(out var change, out var error);
        if (error is not null)
        {
            Log.NotCaughtUp(_shell.Ports.Log, error.Message);
        }

        // Also what came before something failed.
        foreach (var name in _shell.Store.Desired.Keys)
        {
            Aim(name);
        }

        foreach (var name in change?.Removed ?? [])
        {
            Worker(name).Aim(WorkTarget.Gone);
        }

        PushWindow();
    }

    private async Task LookAroundAsync(CancellationToken stop)
    {
        if (_isManifestDue)
        {
            await RefreshAsync(stop);
        }

        foreach (var worker in _workers.Values)
        {
            worker.Wake();
        }

        await LookForOrphansAsync(stop);
        _shell.Book.Nudge();
    }

    /// <summary>
    /// Containers of this device that no deployment wants, and what is remembered of deployments whose removal was cut off. Nothing is done about them while it is not known what the device has to run.
    /// </summary>
    private async Task LookForOrphansAsync(CancellationToken stop)
    {
        if (_shell.Store.Manifest is not { } manifest || !(await _reconciler.LookAsync(stop)).TryGet(out var actual, out _))
        {
            return;
        }

        var known = _shell.Book.All().Where(pair => !pair.Value.IsRemoved).Select(pair => pair.Key);
        foreach (var name in actual.Select(container => container.Deployment).Concat(known).Distinct())
        {
            // A deployment that the manifest lists, but whose score is damaged here, is no orphan: its score is fetched.
            if (!_shell.Store.Desired.ContainsKey(name) && !manifest.Entries.ContainsKey(name))
            {
                Worker(name).Aim(WorkTarget.Gone);
            }
        }
    }

    private void Aim(DeploymentName name)
    {
        if (_shell.Store.Desired.GetValueOrDefault(name)?.Hash is not { } hash
            || (_workers.TryGetValue(name, out var worker) && worker.Hash == hash)
            || _shell.Store.ReadDesired(name) is not { } bytes)
        {
            return;
        }

        Worker(name).Aim(DesiredDeployment.Read(name, bytes).TryGet(out var desired, out var error)
            ? new WorkTarget(desired, hash, null)
            : new WorkTarget(null, hash, $"the score cannot be used: {error}"));
    }

    private DeploymentWorker Worker(DeploymentName name)
    {
        if (!_workers.TryGetValue(name, out var worker))
        {
            _workers[name] = worker = new DeploymentWorker(name, _shell, _reconciler);
            var started = worker;
            _tasks.Add(async () =>
            {
                await started.RunAsync(_tasks.Stop);
                await _messages.Writer.WriteAsync(new AgentMessage.Gone(name), _tasks.Stop);
            });
        }

        return worker;
    }

    private void Gone(DeploymentName name)
    {
        _workers.Remove(name);
        if (_shell.Store.Desired.ContainsKey(name))
        {
            Aim(name);
        }

        // Its ports may be what another one waits for.
        foreach (var worker in _workers.Values)
        {
            worker.Retry();
        }
    }

    private async Task AnswerAsync(AgentMessage.Request request, CancellationToken stop)
    {
        var answer = request.Verb switch
        {
            "ping" => Rpc.Ping(_shell),
            "status" => Rpc.Status(_shell),
            "reconcile" => Rpc.Accepted(),
            var other => Rpc.Unknown(other),
        };
        await request.ReplyAsync(answer, stop);
        if (request.Verb == "reconcile")
        {
            await RefreshAsync(stop);
            foreach (var worker in _workers.Values)
            {
                worker.Retry();
            }
        }
    }
}

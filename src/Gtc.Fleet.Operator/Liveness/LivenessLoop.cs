using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gtc.Fleet.Contracts;
using Gtc.Kubernetes;
using Gtc.Nats;
using Microsoft.Extensions.Logging;

namespace Gtc.Fleet.Operator;

/// <summary>
/// Hears signs of life and tells the cluster when a device's condition changes, and only then. While the operator itself hears nothing from the broker
/// its clock stands still, and when that lasts, the cluster is told so of every device, slowly (fleet.md §13).
/// </summary>
internal sealed partial class LivenessLoop
{
    private const int AtATime = 8;
    private static readonly KubeKind Kind = KubeKind.Of(FleetApi.GroupVersion, FleetApi.DeviceKind)!;
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan IdentityWindow = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan SlowPause = TimeSpan.FromMilliseconds(100);

    private readonly KubeClient _client;
    private readonly FleetBroker _broker;
    private readonly SharedTables _tables;
    private readonly ApiBudget _budget;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly LivenessTracker _tracker;
    private readonly List<LifeChange> _changes = [];
    private readonly ConcurrentDictionary<string, LifeChange> _pending = new(StringComparer.Ordinal);
    private readonly Dictionary<string, InstanceSeen> _instances = new(StringComparer.Ordinal);
    private readonly Signal _changed = new();
    private readonly Queue<string> _unheard = new();
    private readonly HashSet<string> _toldUnheard = new(StringComparer.Ordinal);
    private readonly Signal _deaf = new();
    private readonly TimeSpan _patience;
    private long _now;
    private long _deafSince = -1;
    private bool _isDeaf;

    public LivenessLoop(KubeClient client, FleetBroker broker, SharedTables tables, ApiBudget budget, LivenessLimits limits, TimeProvider time, ILogger logger)
    {
        (_client, _broker, _tables, _budget, _time, _logger) = (client, broker, tables, budget, time, logger);
        _tracker = new LivenessTracker(limits, 0);
        _patience = limits.Stale;
        Feed = new StreamFeed(broker, broker.Heartbeats, tables, time, logger)
        {
            Read = (message, position, _) =>
            {
                Read(message);
                tables.Move(broker.Heartbeats.Name, position);
                return ValueTask.CompletedTask;
            },
        };
    }

    public StreamFeed Feed { get; }

    /// <summary>Whether so many devices are about to go at once that patches are slowed down.</summary>
    public bool IsMassLoss { get; private set; }

    /// <summary>A device gave a sign of life.</summary>
    public void Beat(ReadOnlySpan<byte> device)
    {
        lock (_gate)
        {
            _tracker.Beat(device, _changes);
            Take();
        }
    }

    /// <summary>A device gave a sign of life, and perhaps said which machine it is.</summary>
    public void Beat(string device, Heartbeat? beat)
    {
        lock (_gate)
        {
            _tracker.Beat(device, _changes);
            if (beat is { InstanceId: { } instance })
            {
                SeeInstance(device, instance);
            }

            Take();
        }
    }

    /// <summary>A device has an object. What it was before is taken from its conditions; nothing is told of it.</summary>
    public void Expect(string device, DeviceStatus? status)
    {
        var life = status?.Conditions is not { } conditions ? _tables.Ask(ask => ask.LifeOf(device)) is DeviceLife.Online ? DeviceLife.Online : DeviceLife.Unseen
            : conditions.FirstOrDefault(condition => condition.Type == "Reachable")?.Status switch
            {
                "True" => DeviceLife.Online,
                "Unknown" => DeviceLife.Stale,
                "False" => DeviceLife.Offline,
                _ => DeviceLife.Unseen,
            };
        lock (_gate)
        {
            var isNew = _tracker[device] == DeviceLife.Unseen;
            _tracker.Expect(device, life);
            life = _tracker[device];
            if (isNew && life == DeviceLife.Unseen)
            {
                return;
            }

            if (status?.Conditions is null && life != DeviceLife.Unseen)
            {
                // The first sign of life came before the object did.
                _pending[device] = new LifeChange(device, life, IsFlapping: false);
                _changed.Set();
            }
        }

        _tables.Do(change => change.SetLife(device, life));
    }

    /// <summary>Follows all devices that an earlier operator knew, as if each had just given a sign of life.</summary>
    public void ExpectKnown()
    {
        foreach (var (device, life) in _tables.Ask(ask => ask.DeviceIds.Select(id => (id, ask.LifeOf(id))).ToList()))
        {
            lock (_gate)
            {
                _tracker.Expect(device, life);
            }
        }
    }

    public void Forget(string device)
    {
        lock (_gate)
        {
            _tracker.Forget(device);
            _instances.Remove(device);
            _toldUnheard.Remove(device);
        }

        _pending.TryRemove(device, out _);
        _tables.Do(change => change.SetLife(device, DeviceLife.Unseen));
    }

    /// <summary>Moves the clock, once a second while the broker is heard.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Tick, _time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            Listen(_broker.Connection.Status.State == NatsState.Connected);
        }
    }

    /// <summary>A second went by.</summary>
    internal void Listen(bool isConnected)
    {
        lock (_gate)
        {
            if (!isConnected)
            {
                BeDeaf();
                return;
            }

            if (_deafSince >= 0)
            {
                _tracker.Excuse();
                HearAgain();
            }

            _tracker.Advance(++_now, _changes);
            WatchForMassLoss();
            Take();
        }
    }

    /// <summary>Tells the cluster of devices that this operator hears nothing of any, ten a second; a broker that is back ends it.</summary>
    public async Task TellDeafnessAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await _deaf.WaitAsync(cancellationToken);
            while (NextUnheard() is { } device)
            {
                var isTold = await PatchAsync(device, cancellationToken);
                lock (_gate)
                {
                    Told(device.Device, isTold);
                }

                await Task.Delay(SlowPause, _time, cancellationToken);
            }
        }
    }

    /// <summary>Patches conditions, the newest of each device only.</summary>
    public async Task PatchAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await _changed.WaitAsync(cancellationToken);
            await Parallel.ForEachAsync(_pending.Keys, new ParallelOptions { MaxDegreeOfParallelism = IsMassLoss ? 1 : AtATime, CancellationToken = cancellationToken }, async (device, stop) =>
            {
                if (_pending.TryRemove(device, out var change) && !await PatchAsync(change, stop))
                {
                    _pending.TryAdd(device, change);
                    await Task.Delay(Tick, _time, stop);
                    _changed.Set();
                }
            });
        }
    }

    private void Read(BucketMessage message)
    {
        if (!message.IsDeleted && KvKeys.TryParseHeartbeat(message.Key, out var device)
            && Heartbeat.Parse(message.Message.Payload.Span).TryGet(out var beat, out _) && beat.DeviceId == device)
        {
            Beat(device.Value, beat);
        }
    }

    /// <summary>Inside the gate.</summary>
    private void Take()
    {
        if (_changes.Count == 0)
        {
            return;
        }

        foreach (var change in _changes)
        {
            var life = change.Life;
            if (life == DeviceLife.Offline && !_tables.Ask(tables => tables.HasDevice(change.Device)))
            {
                // It never got a resource: there is nothing to tell, and nothing to remember.
                _tracker.Forget(change.Device);
                _pending.TryRemove(change.Device, out _);
                life = DeviceLife.Unseen;
            }
            else
            {
                _pending[change.Device] = change;
            }

            _tables.Do(tables => tables.SetLife(change.Device, life));
        }

        _changes.Clear();
        _changed.Set();
    }

    /// <summary>Inside the gate. What a device is cannot be known any more once it would have been late.</summary>
    private void BeDeaf()
    {
        var now = _time.GetTimestamp();
        if (_deafSince < 0)
        {
            _deafSince = now;
        }
        else if (!_isDeaf && _time.GetElapsedTime(_deafSince, now) >= _patience)
        {
            _isDeaf = true;
            Log.Deaf(_logger, _tracker.Count);
            foreach (var device in _tracker.Devices)
            {
                _unheard.Enqueue(device);
            }

            _deaf.Set();
        }
    }

    /// <summary>Inside the gate. Devices of which it was told that they cannot be heard are what they were before, until their time of grace is over.</summary>
    private void HearAgain()
    {
        (_deafSince, _isDeaf) = (-1, false);
        _unheard.Clear();
        foreach (var device in _toldUnheard)
        {
            _pending[device] = new LifeChange(device, _tracker[device], IsFlapping: false);
        }

        _toldUnheard.Clear();
        _changed.Set();
    }

    /// <summary>Inside the gate. The broker may have come back while the patch was under way.</summary>
    private void Told(string device, bool isTold)
    {
        if (!_isDeaf)
        {
            _pending[device] = new LifeChange(device, _tracker[device], IsFlapping: false);
            _changed.Set();
        }
        else if (!isTold)
        {
            _unheard.Enqueue(device);
        }
    }

    private LifeChange? NextUnheard()
    {
        lock (_gate)
        {
            while (_unheard.TryDequeue(out var device))
            {
                if (_tracker[device] != DeviceLife.Unseen)
                {
                    _toldUnheard.Add(device);
                    return new LifeChange(device, _tracker[device], IsFlapping: false) { IsUnheard = true };
                }
            }

            return null;
        }
    }

    private void WatchForMassLoss()
    {
        var isLoss = _now % 5 == 0 ? _tracker.IsMassLoss() : IsMassLoss;
        if (isLoss && !IsMassLoss)
        {
            Log.MassLoss(_logger, _tracker.Count);
        }

        IsMassLoss = isLoss;
    }

    private void SeeInstance(string device, string instance)
    {
        var now = _time.GetTimestamp();
        var seen = _instances.GetValueOrDefault(device);
        if (seen.Current == instance)
        {
            return;
        }

        // A restart brings a new one once; two machines bring the old one back.
        var isConflict = seen.Before == instance && _time.GetElapsedTime(seen.Since, now) < IdentityWindow;
        _instances[device] = new InstanceSeen(instance, seen.Current, now, isConflict);
        if (isConflict != seen.IsConflict)
        {
            _changes.Add(new LifeChange(device, _tracker[device], IsFlapping: false));
        }
    }

    /// <returns>False when it has to be tried again.</returns>
    private async Task<bool> PatchAsync(LifeChange change, CancellationToken cancellationToken)
    {
        bool isConflict;
        lock (_gate)
        {
            isConflict = _instances.GetValueOrDefault(change.Device).IsConflict;
        }

        if (IsMassLoss)
        {
            await Task.Delay(SlowPause, _time, cancellationToken);
        }

        await _budget.TakeAsync(ApiPriority.Device, cancellationToken);
        var done = await _client.MergeStatusAsync(Kind, null, change.Device, DeviceConditions.Patch(change, isConflict, _time.GetUtcNow()), DeploymentController.Manager, cancellationToken);
        done.Value?.Dispose();
        if (done.Error is { Kind: KubeErrorKind.NotFound })
        {
            // A beat may come before the object does; the next change of its life, or its making, tells it.
            return true;
        }

        if (done.Error is { } error)
        {
            Log.NotPatched(_logger, change.Device, error.Message);
        }

        return done.Error is null;
    }

    private readonly record struct InstanceSeen(string? Current, string? Before, long Since, bool IsConflict);

    private static partial class Log
    {
        [LoggerMessage(4980, LogLevel.Error, "The broker has not been heard for so long that nothing can be known of {Count} devices; their conditions say ControlPlaneDisconnected, ten more each second")]
        public static partial void Deaf(ILogger logger, int count);

        [LoggerMessage(4966, LogLevel.Warning, "The conditions of device {Device} could not be patched and are tried again: {Cause}")]
        public static partial void NotPatched(ILogger logger, string device, string cause);

        [LoggerMessage(4967, LogLevel.Error, "MassDisconnect: of {Count} devices so many fell silent at once that something between them and the operator must have failed; conditions are patched slowly")]
        public static partial void MassLoss(ILogger logger, int count);
    }
}

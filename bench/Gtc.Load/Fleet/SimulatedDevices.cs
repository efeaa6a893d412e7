using System.Collections.Concurrent;
using System.Diagnostics;
using Gtc.Fleet.Contracts;
using Gtc.Nats;

namespace Gtc.Load.Fleet;

/// <summary>
/// The devices: what they are told arrives by one subscription, what they report leaves over the connections that they share. One loop owns the model, so
/// nothing is locked; acknowledgements come back to it through a queue.
/// </summary>
internal sealed class SimulatedDevices : IAsyncDisposable
{
    /// <summary>What the broker shows for the devices' connections.</summary>
    public const string ConnectionName = "devices";

    private const int Window = 1024;
    private const double HeartbeatSeconds = 30;
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(4);

    private readonly FleetOptions _options;
    private readonly FleetModel _model;
    private readonly NatsConnection[] _connections;
    private readonly BucketPipeline[] _states;
    private readonly BucketPipeline[] _details;
    private readonly BucketPipeline[] _heartbeats;
    private readonly NatsSubscription _desired;
    private readonly DevicePayloads _payloads = new();
    private readonly Outbox _outbox = new();
    private readonly Queue<(int Device, int Deployment)> _toSend = new();
    private readonly ConcurrentQueue<(long Tag, bool IsAcknowledged)> _ended = new();
    private readonly ConcurrentQueue<Action> _orders = new();
    private readonly Random _random = new(1);
    private readonly CancellationTokenSource _stop = new();
    private Task _loop = Task.CompletedTask;
    private long _errors;
    private long _acknowledged;
    private long _detailsWritten;
    private long _beats;

    private SimulatedDevices(FleetOptions options, FleetModel model, NatsConnection[] connections, NatsSubscription desired)
    {
        _options = options;
        _model = model;
        _connections = connections;
        _desired = desired;
        _states = Pipelines(FleetBuckets.DeviceState, (tag, result) =>
        {
            Interlocked.Increment(ref result.IsOk ? ref _acknowledged : ref _errors);
            _ended.Enqueue((tag, result.IsOk));
        });
        _details = Pipelines(FleetBuckets.DeviceDetails, (_, result) => Interlocked.Increment(ref result.IsOk ? ref _detailsWritten : ref _errors));
        _heartbeats = Pipelines(FleetBuckets.DeviceHeartbeat, (_, result) => Interlocked.Increment(ref result.IsOk ? ref _beats : ref _errors));
    }

    /// <summary>How many writes were acknowledged.</summary>
    public long Acknowledged => Interlocked.Read(ref _acknowledged);

    /// <summary>How many devices told what they are.</summary>
    public long DetailsWritten => Interlocked.Read(ref _detailsWritten);

    public long Heartbeats => Interlocked.Read(ref _beats);

    /// <summary>How many writes failed; they are written again.</summary>
    public long Errors => Interlocked.Read(ref _errors);

    /// <summary>Told of every failure that is sent, with the deployment and the clock's reading that it carries.</summary>
    public Action<int, long> Failed { get; set; } = static (_, _) => { };

    /// <summary>Told when a device first runs a version, with the clock's reading.</summary>
    public Action<Transition, long> Ran { get; set; } = static (_, _) => { };

    /// <summary>Transitions per second of the whole fleet; infinite for as many as the broker takes.</summary>
    public double Rate { get; set; }

    public static async Task<SimulatedDevices> StartAsync(FleetOptions options, FleetModel model, string url)
    {
        var connections = new NatsConnection[options.Connections];
        for (var number = 0; number < connections.Length; number++)
        {
            var nats = new NatsOptions { Urls = [url], Name = ConnectionName, RequestTimeout = TimeSpan.FromSeconds(20), LongestBackoff = TimeSpan.FromSeconds(5) };
            connections[number] = (await NatsConnection.ConnectAsync(nats, TimeProvider.System, CancellationToken.None)).Value;
        }

        var room = new SubscriptionOptions { Capacity = 4_000_000, MaxBytes = 4L << 30, WhenFull = WhenFull.End };
        var desired = (await connections[0].SubscribeAsync(FleetSubjects.DesiredOfAll, room, CancellationToken.None)).Value;
        var devices = new SimulatedDevices(options, model, connections, desired);
        devices._loop = Task.Run(devices.RunAsync);
        return devices;
    }

    /// <summary>How many of the connections stand.</summary>
    public int Connected => _connections.Count(connection => connection.Status.State == NatsState.Connected);

    /// <summary>Has something done between two transitions, by the loop that owns the model.</summary>
    public Task<T> AskAsync<T>(Func<T> order)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _orders.Enqueue(() => done.SetResult(order()));
        return done.Task;
    }

    /// <summary>True when all reports are acknowledged and no new one is made.</summary>
    public Task<bool> IsQuietAsync() => AskAsync(() => _outbox.Count == 0 && _toSend.Count == 0);

    /// <summary>Every device tells what it is.</summary>
    public async Task JoinAsync()
    {
        for (var device = 0; device < _model.Devices; device++)
        {
            await TellDetailsAsync(device);
        }

        foreach (var pipeline in _details)
        {
            await pipeline.DrainAsync(CancellationToken.None);
        }
    }

    /// <summary>Reads all that is desired anew: what was told while nobody listened.</summary>
    public async Task CatchUpAsync()
    {
        var bucket = _connections[0].JetStream().Bucket(FleetBuckets.DesiredState.Name).Value;
        await foreach (var entry in bucket.ListAsync(">", new(), CancellationToken.None))
        {
            if (entry.IsOk && KvKeys.TryParseDesired(entry.Value.Key, out var device, out var deployment) && deployment is { } name)
            {
                var value = entry.Value.Value.ToArray();
                await AskAsync(() => { Told(device.Value, name.Value, value); return true; });
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        foreach (var connection in _connections)
        {
            await connection.DisposeAsync();
        }

        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        var (due, beats, flips) = (0d, 0d, 0d);
        var last = Stopwatch.GetTimestamp();
        var (cursor, beater) = (0, 0);
        while (!_stop.IsCancellationRequested)
        {
            var now = Stopwatch.GetTimestamp();
            var seconds = Stopwatch.GetElapsedTime(last, now).TotalSeconds;
            last = now;
            Collect();
            due = double.IsInfinity(Rate) ? 4096 : Math.Min(due + (Rate * seconds), Math.Max(Rate, 1));
            for (; due >= 1; due--, cursor = (cursor + 1) % _model.Devices)
            {
                Offer(_model.Next(cursor, _random));
            }

            for (flips += Rate > 0 ? _options.Churn * _model.Devices / 60 * seconds : 0; flips >= 1; flips--)
            {
                var device = _random.Next(_model.Devices);
                _model.Flip(device);
                await TellDetailsAsync(device);
            }

            for (beats += _model.Devices / HeartbeatSeconds * seconds; beats >= 1; beats--, beater = (beater + 1) % _model.Devices)
            {
                var key = $"heartbeat.{FleetNames.Device(beater)}";
                await _heartbeats[beater % _connections.Length].PutAsync(key, DevicePayloads.Heartbeat(beater, TimeProvider.System.GetUtcNow()), default, beater, CancellationToken.None);
            }

            await SendAsync();
            if (!double.IsInfinity(Rate) || _toSend.Count > 0)
            {
                await Task.Delay(Tick);
            }
        }
    }

    /// <summary>What came in since the last turn.</summary>
    private void Collect()
    {
        while (_orders.TryDequeue(out var order))
        {
            order();
        }

        while (_ended.TryDequeue(out var ended))
        {
            var pair = PairOf(ended.Tag);
            if (_outbox.End(pair, ended.IsAcknowledged))
            {
                _toSend.Enqueue(pair);
            }
        }

        while (_desired.TryRead(out var message))
        {
            var subject = message.Subject.Split('.');
            var isDelete = message.Headers?["KV-Operation"] is not null;
            Told(subject[2], subject[3], isDelete ? [] : message.Payload.Span);
        }

        if (_desired.Error is { } error && !_stop.IsCancellationRequested)
        {
            throw new InvalidOperationException($"what the devices are told is lost: {error.Message}");
        }
    }

    private void Told(string deviceName, string deploymentName, ReadOnlySpan<byte> score)
    {
        if (!FleetNames.TryDevice(deviceName, out var device) || device >= _model.Devices || !FleetNames.TryDeployment(deploymentName, out var deployment) || deployment >= _model.Deployments)
        {
            return;
        }

        if (score.IsEmpty)
        {
            if (_model.Untell(device, deployment) && _outbox.Begin((device, deployment)))
            {
                _toSend.Enqueue((device, deployment));
            }

            return;
        }

        var told = _model.Tell(device, deployment, _payloads.VersionOf(score));
        Offer(told);
        if (told is { } transition)
        {
            Ran(transition, Stopwatch.GetTimestamp());
        }
    }

    private void Offer(Transition? transition)
    {
        if (transition is { } happened && _outbox.Begin((happened.Device, happened.Deployment)))
        {
            _toSend.Enqueue((happened.Device, happened.Deployment));
        }
    }

    private async Task SendAsync()
    {
        for (var count = _toSend.Count; count > 0; count--)
        {
            var pair = _toSend.Dequeue();
            var pipeline = _states[pair.Device % _connections.Length];
            var key = $"state.{FleetNames.Device(pair.Device)}.{FleetNames.Deployment(pair.Deployment)}";
            NatsResult sent;
            if (_model.Last(pair.Device, pair.Deployment) is { } transition)
            {
                var stamp = Stopwatch.GetTimestamp();
                sent = await pipeline.PutAsync(key, _payloads.State(transition, stamp), default, TagOf(pair), CancellationToken.None);
                if (sent.IsOk && transition.Phase == DeploymentPhase.Failed)
                {
                    Failed(pair.Deployment, stamp);
                }
            }
            else
            {
                sent = await pipeline.DeleteAsync(key, default, TagOf(pair), CancellationToken.None);
            }

            if (!sent.IsOk)
            {
                // It was not sent, and nobody will say how it ended: again in the next turn.
                _ended.Enqueue((TagOf(pair), false));
                Interlocked.Increment(ref _errors);
            }
        }
    }

    private async Task TellDetailsAsync(int device)
    {
        var written = await _details[device % _connections.Length].PutAsync($"info.{FleetNames.Device(device)}", DevicePayloads.Details(device, _model.GroupOf(device)), default, device, CancellationToken.None);
        if (!written.IsOk)
        {
            Interlocked.Increment(ref _errors);
        }
    }

    private BucketPipeline[] Pipelines(BucketSpec bucket, Action<long, NatsResult<PublishAck>> acknowledged) =>
        [.. _connections.Select(connection => connection.JetStream().Bucket(bucket.Name).Value.OpenPipeline(Window, acknowledged))];

    private long TagOf((int Device, int Deployment) pair) => ((long)pair.Device * _model.Deployments) + pair.Deployment;

    private (int Device, int Deployment) PairOf(long tag) => ((int)(tag / _model.Deployments), (int)(tag % _model.Deployments));
}

using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gtc.Fleet.Contracts;
using Gtc.Kubernetes;
using Gtc.Nats;
using Microsoft.Extensions.Logging;

namespace Gtc.Fleet.Operator;

/// <summary>
/// Follows the devices of the cluster: their labels go into the tables, and of one that is deleted everything is purged from the broker before it is let go.
/// No object is kept.
/// </summary>
internal sealed partial class DeviceController(
    KubeClient client, FleetBroker broker, SharedTables tables, LivenessLoop lives, ApiBudget budget, Func<CancellationToken, ValueTask> mayWrite, TimeProvider time, Func<double> jitter,
    ILogger logger)
{
    /// <summary>The annotation that says which description the resource was made of, so that the same is not applied again.</summary>
    public const string SourceAnnotation = $"{FleetApi.Group}/source";

    /// <summary>The annotation that a leader writes to one device, to see when its watch has come as far as to the moment at which it began to lead.</summary>
    public const string FollowedAnnotation = $"{FleetApi.Group}/followed-at";

    private static readonly KubeKind Kind = KubeKind.Of(FleetApi.GroupVersion, FleetApi.DeviceKind)!;
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);

    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentDictionary<string, ImmutableArray<string>> _leaving = new(StringComparer.Ordinal);

    /// <summary>Ends when all devices are known.</summary>
    public Task Synced => _synced.Task;

    /// <summary>Which description each listed device was made of.</summary>
    public ConcurrentDictionary<string, string> Sources { get; } = new(StringComparer.Ordinal);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var from = tables.DevicesVersion;
        var mark = from is null ? null : await MarkAsync(cancellationToken);
        if (mark is null || ResourceVersions.IsAfter(mark, from) != true)
        {
            from = null;
        }

        var watch = new ResumingWatch(client, new KubeScope(Kind), time, jitter) { From = from is null ? null : new WatchPoint(from, []), KeepsNames = false };
        await foreach (var change in watch.RunAsync(cancellationToken))
        {
            switch (change)
            {
                case WatchChange.Listing:
                    tables.Do(begin => begin.BeginDevices());
                    break;
                case WatchChange.Present present:
                    See(present);
                    break;
                case WatchChange.Absent absent:
                    Remove(absent.Key.Name);
                    tables.DevicesVersion = absent.Version ?? tables.DevicesVersion;
                    break;
                case WatchChange.Synced synced:
                    tables.Do(end => end.EndDevices());
                    tables.DevicesVersion = synced.Version;
                    _synced.TrySetResult();
                    break;
                case WatchChange.Moved moved:
                    tables.DevicesVersion = moved.Version;
                    break;
                case WatchChange.Interrupted interrupted:
                    Log.Interrupted(logger, interrupted.Error.Message, interrupted.Pause.TotalMilliseconds);
                    break;
                default:
                    break;
            }

            if (!_synced.Task.IsCompleted && ResourceVersions.IsAfter(mark, tables.DevicesVersion) == false)
            {
                _synced.TrySetResult();
            }
        }
    }

    /// <summary>Lets go of devices that are being deleted, each when its keys are gone.</summary>
    public async Task ReleaseAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(LookAgain, time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            foreach (var (name, finalizers) in _leaving)
            {
                if (await PurgeAsync(name, cancellationToken) is { } error)
                {
                    Log.NotPurged(logger, name, error.ToString());
                    continue;
                }

                await ReleaseAsync(name, finalizers, cancellationToken);
            }
        }
    }

    /// <summary>
    /// Changes a device, so that whoever follows devices knows what was there before: a watch that goes on from a version of earlier says nowhere that it has
    /// told all, and is quiet when nothing happens.
    /// </summary>
    /// <returns>The version of that change; null when there is no device, or it may not be changed: then all are listed.</returns>
    private async Task<string?> MarkAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var page = await client.ListPageAsync(new KubeScope(Kind) { PageSize = 1 }, "", cancellationToken);
            if (page.Value is { Items: [] })
            {
                return null;
            }

            var error = page.Error;
            if (page.Value is { Items: [var device, ..] } && KubeKey.Of(device) is { } key)
            {
                await budget.TakeAsync(ApiPriority.Device, cancellationToken);
                var change = new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [FollowedAnnotation] = time.GetUtcNow().ToString("O", CultureInfo.InvariantCulture) } } };
                var marked = await client.MergeAsync(Kind, null, key.Name, JsonElement.Parse(change.ToJsonString()), DeploymentController.Manager, cancellationToken);
                using var metadata = marked.Value;
                if (metadata is not null)
                {
                    return DeploymentRecord.VersionOf(metadata.RootElement);
                }

                error = marked.Error;
                if (error is { Kind: not (KubeErrorKind.NotFound or KubeErrorKind.Conflict or KubeErrorKind.Unavailable) })
                {
                    return null;
                }
            }

            Log.NotMarked(logger, error?.Message ?? "");
            await Task.Delay(LookAgain, time, cancellationToken);
        }
    }

    private void See(WatchChange.Present present)
    {
        var name = present.Key.Name;
        if (!DeviceId.TryParse(name, out _) || !FleetDevice.Parse(present.Item).TryGet(out var device, out _))
        {
            Log.NoDevice(logger, name);
            return;
        }

        if (device.Metadata.DeletionTimestamp is not null)
        {
            if (device.Metadata.Finalizers is { } finalizers && finalizers.Contains(FleetApi.DeviceFinalizer))
            {
                _leaving[name] = finalizers;
            }

            Remove(name);
        }
        else
        {
            if (device.Metadata.Annotations?.GetValueOrDefault(SourceAnnotation) is { } source)
            {
                Sources[name] = source;
            }

            tables.Do(change => change.SetDevice(name, device.Metadata.Labels ?? ImmutableSortedDictionary<string, string>.Empty, device.Spec?.Paused ?? false));
            lives.Expect(name, device.Status);
        }

        tables.DevicesVersion = present.Version ?? tables.DevicesVersion;
    }

    private void Remove(string name)
    {
        Sources.TryRemove(name, out _);
        tables.Do(change => change.RemoveDevice(name));
        lives.Forget(name);
    }

    private async Task<NatsError?> PurgeAsync(string name, CancellationToken cancellationToken)
    {
        var id = DeviceId.Parse(name).Value;
        foreach (var (bucket, filter) in ((Bucket, string)[])
        [
            (broker.Details, KvKeys.Info(id)),
            (broker.Details, KvKeys.Events(id)),
            (broker.Heartbeats, KvKeys.Heartbeat(id)),
            (broker.States, $"state.{name}.>"),
            (broker.Desired, $"{name}.>"),
        ])
        {
            await mayWrite(cancellationToken);
            var purged = broker.Streams.PurgeStreamAsync(bucket.Stream, $"$KV.{bucket.Name}.{filter}", keep: null, upTo: null, cancellationToken);
            if ((await purged).Error is { Kind: not NatsErrorKind.NotFound } error)
            {
                return error;
            }
        }

        tables.Do(change => change.PurgeDevice(name));
        return null;
    }

    private async Task ReleaseAsync(string name, ImmutableArray<string> finalizers, CancellationToken cancellationToken)
    {
        await budget.TakeAsync(ApiPriority.Finalizer, cancellationToken);
        var done = await client.PatchAsync(Kind, null, name, PatchOperation.RemoveFinalizer(finalizers, FleetApi.DeviceFinalizer), DeploymentController.Manager, cancellationToken);
        done.Value?.Dispose();
        if (done.Error is null or { Kind: KubeErrorKind.NotFound or KubeErrorKind.Invalid })
        {
            // Changed meanwhile: the watch brings it again.
            _leaving.TryRemove(name, out _);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4962, LogLevel.Warning, "The watch of devices was interrupted: {Cause}; it goes on in {DelayMs} ms")]
        public static partial void Interrupted(ILogger logger, string cause, double delayMs);

        [LoggerMessage(4963, LogLevel.Warning, "The keys of device {Device}, which is being deleted, could not be purged and this is tried again: {Cause}")]
        public static partial void NotPurged(ILogger logger, string device, string cause);

        [LoggerMessage(4981, LogLevel.Warning, "The watch of devices cannot go on yet where the last leader's ended, and this is tried again: {Cause}")]
        public static partial void NotMarked(ILogger logger, string cause);

        [LoggerMessage(4964, LogLevel.Warning, "Device {Device} is left alone: its name is no device id, or its content cannot be read")]
        public static partial void NoDevice(ILogger logger, string device);
    }
}

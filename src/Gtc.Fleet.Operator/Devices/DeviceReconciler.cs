using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gtc.Fleet.Contracts;
using Gtc.Kubernetes;
using Microsoft.Extensions.Logging;

namespace Gtc.Fleet.Operator;

/// <summary>Makes a Device of what a device says of itself (fleet.md §6.3). The same description is applied once.</summary>
internal sealed partial class DeviceReconciler : IDisposable
{
    private const int AtATime = 32;
    private static readonly KubeKind Kind = KubeKind.Of(FleetApi.GroupVersion, FleetApi.DeviceKind)!;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ComplainAgain = TimeSpan.FromHours(1);

    private readonly KubeClient _client;
    private readonly DeviceController _controller;
    private readonly ApiBudget _budget;
    private readonly LivenessLoop _lives;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<string, long> _complained = new(StringComparer.Ordinal);
    private readonly OrderedWork _work;
    private long _malformed;

    public DeviceReconciler(
        KubeClient client, FleetBroker broker, SharedTables tables, DeviceController controller, LivenessLoop lives, ApiBudget budget, bool isTooOld, TimeProvider time, ILogger logger)
    {
        (_client, _controller, _lives, _budget, _time, _logger) = (client, controller, lives, budget, time, logger);
        _work = new OrderedWork(AtATime, position => tables.Move(broker.Details.Name, position));
        Feed = new StreamFeed(broker, broker.Details, tables, time, logger)
        {
            IsTooOld = isTooOld,
            Read = (message, position, cancellationToken) => _work.StartAsync(message.Key, position, () => ReadAsync(message, cancellationToken), cancellationToken),
        };
    }

    private StreamFeed Feed { get; }

    /// <summary>Bytes of descriptions that were read.</summary>
    public long BytesRead => Feed.BytesRead;

    /// <summary>Descriptions that were none, or of another device.</summary>
    public long Malformed => Interlocked.Read(ref _malformed);

    /// <summary>Applies what comes, for ever.</summary>
    public async Task RunAsync(CancellationToken cancellationToken) => await await Task.WhenAny(Feed.RunAsync(cancellationToken), _work.Failed);

    public void Dispose() => _work.Dispose();

    private async Task ReadAsync(BucketMessage message, CancellationToken cancellationToken)
    {
        if (!KvKeys.TryParseInfo(message.Key, out var device))
        {
            return;
        }

        if (message.IsDeleted)
        {
            await UntilDoneAsync(device.Value, () => _client.DeleteAsync(Kind, null, device.Value, null, cancellationToken), cancellationToken);
            return;
        }

        if (!DeviceInfo.Parse(message.Message.Payload.Span).TryGet(out var info, out var error) || info.DeviceId != device)
        {
            Complain(device.Value, error?.ToString() ?? "it names another device than its key");
            return;
        }

        _lives.Beat(device.Value, null);
        var source = Convert.ToHexStringLower(SHA256.HashData(message.Message.Payload.Span)[..8]);
        if (_controller.Sources.TryGetValue(device.Value, out var applied) && applied == source)
        {
            return;
        }

        var resource = ResourceOf(info, source);
        await UntilDoneAsync(device.Value, () => _client.ApplyAsync(resource, FleetApi.DeviceManager, isForced: true, isDryRun: false, cancellationToken), cancellationToken);
    }

    /// <summary>The resource as this writer owns it: labels that Kubernetes takes, the inventory, and the finalizer.</summary>
    internal static JsonElement ResourceOf(DeviceInfo info, string source)
    {
        var raw = info.Labels.SetItem(DeviceInfo.DeviceIdLabel, info.DeviceId.Value);
        var labels = DeviceLabels.Sanitize(raw);
        var annotations = ImmutableSortedDictionary<string, string>.Empty.Add(DeviceController.SourceAnnotation, source);
        return new FleetDevice
        {
            Metadata = new ResourceMeta
            {
                Name = info.DeviceId.Value,
                Labels = labels.Labels,
                Annotations = labels.RawJson is { } json ? annotations.Add(DeviceLabels.RawAnnotation, json) : annotations,
                Finalizers = [FleetApi.DeviceFinalizer],
            },
            Spec = info.Inventory is { } inventory ? new DeviceSpec { Inventory = inventory with { Unknown = null } } : null,
        }.ToElement();
    }

    /// <summary>Refusals are told once; while the server is away it is tried again, so that no description is lost.</summary>
    private async Task UntilDoneAsync(string device, Func<Task<KubeResult<JsonDocument>>> call, CancellationToken cancellationToken)
    {
        while (true)
        {
            await _budget.TakeAsync(ApiPriority.Device, cancellationToken);
            var done = await call();
            done.Value?.Dispose();
            if (done.Error is not { } error || error.Kind == KubeErrorKind.NotFound)
            {
                return;
            }

            Complain(device, error.Message);
            if (error.Kind is not (KubeErrorKind.Unavailable or KubeErrorKind.Conflict))
            {
                return;
            }

            await Task.Delay(Pause, _time, cancellationToken);
        }
    }

    private void Complain(string device, string why)
    {
        Interlocked.Increment(ref _malformed);
        var now = _time.GetTimestamp();
        if (!_complained.TryGetValue(device, out var last) || _time.GetElapsedTime(last, now) > ComplainAgain)
        {
            _complained[device] = now;
            Log.Refused(_logger, device, why);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4965, LogLevel.Warning, "The description of device {Device} made no resource: {Cause}")]
        public static partial void Refused(ILogger logger, string device, string cause);
    }
}

using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gtc.Fleet.Contracts;
using Gtc.Kubernetes;
using Gtc.Nats;
using Gtc.Nats.Tests;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gtc.Fleet.Operator.Tests.Running;

/// <summary>A broker of a test's own, the API server, an operator between them, and devices that are played by the test.</summary>
internal sealed class FleetLab : IAsyncDisposable
{
    public const string Space = "default";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly KubeKind Deployments = KubeKind.Of(FleetApi.GroupVersion, FleetApi.DeploymentKind)!;
    private static readonly KubeKind Devices = KubeKind.Of(FleetApi.GroupVersion, FleetApi.DeviceKind)!;
    private static readonly KubeKind Definitions = KubeKind.Of("apiextensions.k8s.io/v1", "CustomResourceDefinition")!;

    private readonly KubeConfig _config;
    private readonly NatsConnection _connection;
    private CancellationTokenSource? _ends;
    private Task? _running;

    private FleetLab(KubeConfig config, NatsServer broker, NatsConnection connection)
    {
        (_config, Broker, _connection) = (config, broker, connection);
        Client = new KubeClient(config, TimeSpan.FromSeconds(30), TimeProvider.System) { Patience = TimeSpan.FromSeconds(20) };
        Streams = connection.JetStream();
    }

    public KubeClient Client { get; }

    public NatsServer Broker { get; }

    public JetStreamContext Streams { get; }

    public FleetOperator? Operator { get; private set; }

    /// <summary>A folder for checkpoints; null keeps them in the broker.</summary>
    public string? CheckpointFolder { get; set; }

    private static CancellationToken Ends => TestContext.Current.CancellationToken;

    public static async Task<FleetLab> StartAsync(ApiServer api, bool startsOperator = true)
    {
        var config = await api.StartAsync();
        var broker = await NatsServer.StartAsync();
        var connection = NatsConnection.Start(new NatsOptions { Urls = [broker.Url], LongestBackoff = TimeSpan.FromSeconds(1) }, TimeProvider.System).Value;
        await connection.WaitUntilConnectedAsync(Ends);
        var lab = new FleetLab(config, broker, connection);
        foreach (var definition in (JsonElement[])[FleetDefinitions.Deployment(), FleetDefinitions.Device()])
        {
            using var applied = (await lab.Client.ApplyAsync(definition, "test", isForced: true, isDryRun: false, Ends)).Value.ShouldNotBeNull();
            await lab.UntilAsync(Definitions, null, applied.RootElement.GetProperty("metadata").GetProperty("name").GetString()!, item =>
                item.TryGetProperty("status", out var status) && status.TryGetProperty("conditions", out var conditions) && conditions.ValueKind == JsonValueKind.Array
                && conditions.EnumerateArray().Any(condition => condition.GetProperty("type").GetString() == "Established" && condition.GetProperty("status").GetString() == "True"));
        }

        if (startsOperator)
        {
            lab.StartOperator();
        }

        return lab;
    }

    public void StartOperator(OperatorOptions? changed = null)
    {
        var options = changed ?? Options;
        Operator = FleetOperator.Create(options, TimeProvider.System, NullLogger.Instance).Value;
        _ends = new CancellationTokenSource();
        _running = Operator.RunAsync(_ends.Token);
    }

    public OperatorOptions Options => new()
    {
        Kube = _config,
        Nats = new NatsOptions { Urls = [Broker.Url], LongestBackoff = TimeSpan.FromSeconds(1) },
        Namespace = Space,
        Identity = "test",
        ApiBudget = 500,
        StatusInterval = TimeSpan.FromMilliseconds(100),
        CheckpointInterval = TimeSpan.FromMilliseconds(500),
        CheckpointFolder = CheckpointFolder,
        Jitter = static () => System.Security.Cryptography.RandomNumberGenerator.GetInt32(int.MaxValue) / (double)int.MaxValue,
    };

    /// <summary>Ends the operator in order.</summary>
    public async Task StopOperatorAsync()
    {
        if (_running is { } running)
        {
            await _ends!.CancelAsync();
            await running;
            await Operator!.DisposeAsync();
            _ends.Dispose();
            (_running, Operator) = (null, null);
        }
    }

    /// <summary>Ends the operator as a kill does: its connection is cut first, so that nothing more can be stored.</summary>
    public async Task KillOperatorAsync()
    {
        await Operator!.DisposeAsync();
        await _ends!.CancelAsync();
        await _running!.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ends.Dispose();
        (_running, Operator) = (null, null);
    }

    public async Task ApplyAsync(string name, string selector, string image = "docker.io/library/nginx:1.26", string ns = Space, string more = "")
    {
        var item = JsonElement.Parse($$$"""
            {"apiVersion":"{{{FleetApi.GroupVersion}}}","kind":"Deployment","metadata":{"name":"{{{name}}}","namespace":"{{{ns}}}"},
             "spec":{"targetSelector":{{{selector}}},"score":{"PodmanV0":{"services":[{"name":"web","image":"{{{image}}}"}]}}{{{more}}}}}
            """);
        var applied = await Client.ApplyAsync(item, "test", isForced: true, isDryRun: false, Ends);
        applied.Error.ShouldBeNull();
        applied.Value!.Dispose();
    }

    public async Task DeleteAsync(string name, string ns = Space)
    {
        using var done = (await Client.DeleteAsync(Deployments, ns, name, null, Ends)).Value;
    }

    public async Task DeleteDeviceAsync(string id)
    {
        using var done = (await Client.DeleteAsync(Devices, null, id, null, Ends)).Value;
        await UntilAsync(Devices, null, id, null);
    }

    /// <summary>A device says what it is.</summary>
    public async Task DescribeAsync(string id, params (string Key, string Value)[] labels)
    {
        var info = new DeviceInfo { DeviceId = DeviceId.Parse(id).Value, Labels = labels.ToImmutableSortedDictionary(label => label.Key, label => label.Value) };
        (await Put(FleetBuckets.DeviceDetails, $"info.{id}", info.ToBytes())).ShouldBeNull();
    }

    /// <summary>A device reports on a deployment.</summary>
    public async Task ReportAsync(string id, string deployment, DeploymentPhase phase, string? hash, string? error = null)
    {
        var state = new DeploymentState { DeviceId = DeviceId.Parse(id).Value, Deployment = DeploymentName.Parse(deployment).Value, Phase = phase, ScoreHash = hash, LastError = error };
        (await Put(FleetBuckets.DeviceState, $"state.{id}.{deployment}", state.ToBytes())).ShouldBeNull();
    }

    public async Task BeatAsync(string id)
    {
        var beat = new Heartbeat { DeviceId = DeviceId.Parse(id).Value, At = TimeProvider.System.GetUtcNow(), InstanceId = "one" };
        (await Put(FleetBuckets.DeviceHeartbeat, $"heartbeat.{id}", beat.ToBytes())).ShouldBeNull();
    }

    /// <summary>Waits until a deployment's status is as expected.</summary>
    public async Task<FleetDeployment> StatusAsync(string name, Func<FleetDeployment, bool> isExpected, string ns = Space)
    {
        FleetDeployment? last = null;
        await UntilAsync(Deployments, ns, name, item => FleetDeployment.Parse(item).TryGet(out last, out _) && isExpected(last));
        return last!;
    }

    /// <summary>Looks at every version of a deployment that the API server tells of, until it is told to end.</summary>
    public async Task FollowAsync(string name, Action<FleetDeployment> see, CancellationToken cancellationToken)
    {
        var watch = new ResumingWatch(Client, new KubeScope(Deployments) { Namespace = Space, FieldSelector = $"metadata.name={name}" }, TimeProvider.System, () => 0.5);
        try
        {
            await foreach (var change in watch.RunAsync(cancellationToken))
            {
                if (change is WatchChange.Present present && FleetDeployment.Parse(present.Item).TryGet(out var deployment, out _))
                {
                    see(deployment);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Enough was seen.
        }
    }

    public Task<FleetDeployment> CountsAsync(string name, long matched, long succeeded, long failed) => StatusAsync(name, deployment =>
        deployment.Status?.Aggregate is { } counts && (counts.MatchedDeviceCount, counts.Succeeded, counts.Failed) == (matched, succeeded, failed));

    public async Task<FleetDevice> DeviceAsync(string id, Func<FleetDevice, bool> isExpected)
    {
        FleetDevice? last = null;
        await UntilAsync(Devices, null, id, item => FleetDevice.Parse(item).TryGet(out last, out _) && isExpected(last));
        return last!;
    }

    /// <summary>The resource of a device, as a person makes it.</summary>
    public async Task AddDeviceAsync(string id, string key, string value)
    {
        var item = JsonElement.Parse($$$"""
            {"apiVersion":"{{{FleetApi.GroupVersion}}}","kind":"{{{FleetApi.DeviceKind}}}","metadata":{"name":"{{{id}}}","labels":{"{{{key}}}":"{{{value}}}"} } }
            """);
        using var created = (await Client.CreateAsync(item, "person", Ends)).Value.ShouldNotBeNull();
    }

    public Task GoneAsync(string name, string ns = Space) => UntilAsync(Deployments, ns, name, null);

    public async Task LabelAsync(string id, string key, string? value)
    {
        var change = new JsonObject { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { [key] = value } } };
        using var done = (await Client.MergeAsync(Devices, null, id, JsonElement.Parse(change.ToJsonString()), "person", Ends)).Value.ShouldNotBeNull();
    }

    /// <summary>Waits until a device's manifest lists exactly these deployments.</summary>
    public async Task<DeviceManifest> ManifestAsync(string id, params string[] names)
    {
        using var patience = Patiently();
        var (bucket, key) = (FleetBuckets.DesiredState, $"{id}._manifest");
        await using var reader = (await Streams.ConsumeAsync(bucket.StreamName, new ConsumerOptions { Filter = bucket.Subject($"{id}.>"), From = DeliverFrom.LastPerSubject }, patience.Token)).Value;
        while (await reader.ReadAsync(patience.Token) is { } message)
        {
            if (message.Subject == bucket.Subject(key) && DeviceManifest.Parse(message.Payload.Span).TryGet(out var manifest, out _)
                && manifest.Entries.Keys.Select(name => name.Value).Order().SequenceEqual(names.Order()))
            {
                return manifest;
            }
        }

        throw new InvalidOperationException($"the manifest of {id} never listed [{string.Join(", ", names)}]");
    }

    /// <summary>The entry of a device, or null.</summary>
    public async Task<byte[]?> EntryAsync(string id, string deployment)
    {
        var read = await Streams.Bucket(FleetBuckets.DesiredState.Name).Value.GetAsync($"{id}.{deployment}", Ends);
        return read.IsOk ? read.Value.Value.ToArray() : null;
    }

    public async ValueTask DisposeAsync()
    {
        await StopOperatorAsync();
        foreach (var kind in (KubeKind[])[Deployments, Devices])
        {
            foreach (var item in (await Client.ListAsync(kind, null, null, CancellationToken.None)).Value?.Items ?? [])
            {
                var key = KubeKey.Of(item)!.Value;
                using var freed = (await Client.MergeAsync(kind, key.Namespace, key.Name, JsonElement.Parse("""{"metadata":{"finalizers":null}}"""), "test", CancellationToken.None)).Value;
                using var deleted = (await Client.DeleteAsync(kind, key.Namespace, key.Name, null, CancellationToken.None)).Value;
            }
        }

        using var lease = (await Client.DeleteAsync(KubeKind.Of("coordination.k8s.io/v1", "Lease")!, Space, "fleet-operator", null, CancellationToken.None)).Value;
        await _connection.DisposeAsync();
        await Broker.DisposeAsync();
        Client.Dispose();
        if (CheckpointFolder is { } folder && Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The buckets are the operator's to make: until it has, a put is answered by nobody.</summary>
    private async Task<NatsError?> Put(BucketSpec bucket, string key, byte[] value)
    {
        using var patience = Patiently();
        while (true)
        {
            var put = await Streams.Bucket(bucket.Name).Value.PutAsync(key, value, patience.Token);
            if (put.Error is not { Kind: NatsErrorKind.NoResponders or NatsErrorKind.NotConnected or NatsErrorKind.ConnectionLost } || patience.IsCancellationRequested)
            {
                return put.Error;
            }

            await _connection.WaitUntilConnectedAsync(patience.Token);
            await _connection.FlushAsync(patience.Token);
        }
    }

    private static CancellationTokenSource Patiently()
    {
        var source = CancellationTokenSource.CreateLinkedTokenSource(Ends);
        source.CancelAfter(Patience);
        return source;
    }

    private async Task UntilAsync(KubeKind kind, string? ns, string name, Func<JsonElement, bool>? isExpected)
    {
        using var patience = Patiently();
        var last = "nothing";
        try
        {
            var watch = new ResumingWatch(Client, new KubeScope(kind) { Namespace = ns, FieldSelector = $"metadata.name={name}" }, TimeProvider.System, () => 0.5);
            var isThere = false;
            await foreach (var change in watch.RunAsync(patience.Token))
            {
                isThere = change switch { WatchChange.Present => true, WatchChange.Absent => false, _ => isThere };
                if (change is WatchChange.Present present)
                {
                    last = present.Item.ToString();
                    if (isExpected?.Invoke(present.Item) == true)
                    {
                        return;
                    }
                }
                else if (isExpected is null && change is WatchChange.Absent or WatchChange.Synced && !isThere)
                {
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (!Ends.IsCancellationRequested)
        {
            throw new TimeoutException($"{kind.Kind} {name} was not as expected within {Patience}; it is {last}");
        }
    }
}

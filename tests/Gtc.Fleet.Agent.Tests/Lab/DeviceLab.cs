using System.Collections.Concurrent;
using System.Collections.Immutable;
using Gtc.Fleet.Agent.Broker;
using Gtc.Fleet.Agent.Configuration;
using Gtc.Fleet.Agent.Running;
using Gtc.Fleet.Contracts;
using Gtc.Nats;
using Gtc.Nats.Tests;
using Gtc.Podman;
using Gtc.Podman.Tests.Real;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gtc.Fleet.Agent.Tests.Lab;

/// <summary>One device with a real broker and a real podman, and somebody who writes its desired state as the operator does.</summary>
internal sealed class DeviceLab : IAsyncDisposable
{
    private static int _devices;

    private readonly string _folder = Directory.CreateTempSubdirectory("gtc-agent-").FullName;
    private readonly ConcurrentDictionary<string, byte[]> _scores = new();
    private readonly CancellationTokenSource _end = new();
    private readonly Dictionary<string, ManifestEntry> _entries = new(StringComparer.Ordinal);
    private NatsConnection? _operator;
    private CancellationTokenSource? _stop;
    private Task<AgentError?>? _running;
    private long _rev;

    private readonly NatsCredentials _credentials;

    private DeviceLab(DeviceId device, NatsServer server, RealPodman podman, PodmanClient client, NatsCredentials credentials)
    {
        Device = device;
        Server = server;
        Podman = client;
        _credentials = credentials;
        Config = new AgentConfig
        {
            Device = Device,
            DataFolder = Path.Combine(_folder, "agent"),
            Urls = [server.Url],
            InboxPrefix = FleetSubjects.InboxPrefix(Device),
            Labels = ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, [KeyValuePair.Create("device-id", Device.Value), KeyValuePair.Create("group", "lab")]),
            Credentials = new AgentCredentials.Anonymous(),
            Socket = podman.SocketPath,
            Limits = [new("nofile", 1024, 1024), new("nproc", 900, 900)],
            StartSpread = TimeSpan.Zero,
            ReconnectWindow = TimeSpan.Zero,
            MinFreeMb = 1,
        };
    }

    public NatsServer Server { get; }

    public PodmanClient Podman { get; }

    public DeviceId Device { get; }

    public AgentConfig Config { get; set; }

    /// <summary>Called before each step of the agent.</summary>
    public Action<AgentStep>? Before { get; set; }

    /// <summary>What the disk has.</summary>
    public long? FreeMb { get; set; }

    /// <summary>How often the agent looks for images that nothing uses.</summary>
    public TimeSpan ImagePause { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Told whenever the loop that decides has got something done.</summary>
    public Action? Progressed { get; set; }

    /// <summary>Stands between the agent and its broker.</summary>
    public Func<IFleetBroker, IFleetBroker> Around { get; set; } = broker => broker;

    public JetStreamContext Streams => _operator!.JetStream();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <param name="podman">The device's podman.</param>
    /// <param name="rights">Lines of the broker's configuration that give the device its rights, or null for a broker that lets everybody do everything. Whoever writes is <c>op</c> with <c>op</c>.</param>
    public static async Task<DeviceLab> StartAsync(RealPodman podman, Func<DeviceId, string>? rights = null)
    {
        var client = await podman.StartAsync();
        var device = DeviceId.Parse($"dev-{Environment.ProcessId}-{Interlocked.Increment(ref _devices)}").Value;
        var server = await NatsServer.StartAsync(rights?.Invoke(device) ?? "");
        var lab = new DeviceLab(device, server, podman, client, rights is null ? NatsCredentials.None : new NatsCredentials.UserPassword("op", "op"));
        await lab.ConnectOperatorAsync();
        foreach (var bucket in FleetBuckets.All)
        {
            (await lab.Streams.EnsureBucketAsync(ToConfig(bucket), Token)).Error.ShouldBeNull();
        }

        return lab;
    }

    public static string Score(string name, string image, int port, string more = "") =>
        $$$"""{"PodmanV0":{"services":[{"name":"{{{name}}}","image":"{{{image}}}","ports":["{{{port}}}:80"],"command":["/bin/busybox","httpd","-f","-p","80","-h","/www"]{{{more}}}}]}}""";

    public static string Shell(string name, string script, string more = "") =>
        $$$"""{"PodmanV0":{"services":[{"name":"{{{name}}}","image":"{{{RealPodman.Image}}}","command":["/bin/sh","-c","{{{script}}}"],"network":"none"{{{more}}}}]}}""";

    public async Task ConnectOperatorAsync() =>
        _operator = (await NatsConnection.ConnectAsync(new NatsOptions { Urls = [Server.Url], Credentials = _credentials, LongestBackoff = TimeSpan.FromMilliseconds(200) }, TimeProvider.System, Token)).Value;

    /// <summary>Starts the agent in this process.</summary>
    public void Boot()
    {
        _stop = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        _running = RunAsync(_stop.Token);
    }

    /// <summary>Waits until the agent has ended by itself.</summary>
    public async Task<Exception?> DeathAsync()
    {
        try
        {
            await _running!.WaitAsync(TimeSpan.FromSeconds(60), Token);
            return null;
        }
        catch (Exception error) when (error is not TimeoutException and not OperationCanceledException)
        {
            return error;
        }
    }

    /// <summary>Ends the agent; containers go on.</summary>
    public async Task HaltAsync()
    {
        await _stop!.CancelAsync();
        await ((Task)_running!).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Writes a score, then the manifest.</summary>
    public async Task ApplyAsync(string deployment, string score)
    {
        await PutScoreAsync(deployment, score);
        await PutManifestAsync();
    }

    public async Task PutScoreAsync(string deployment, string score)
    {
        (await _operator!.WaitUntilConnectedAsync(Token)).Error.ShouldBeNull();
        var bytes = System.Text.Encoding.UTF8.GetBytes(score);
        _scores[deployment] = bytes;
        var seq = (await Bucket(FleetBuckets.DesiredState).PutAsync($"{Device}.{deployment}", bytes, Token)).Value;
        _entries[deployment] = new ManifestEntry { Hash = ScoreHash.Of(bytes), Seq = (long)seq };
    }

    public async Task RemoveAsync(string deployment)
    {
        _entries.Remove(deployment);
        (await Bucket(FleetBuckets.DesiredState).DeleteAsync($"{Device}.{deployment}", Token)).Error.ShouldBeNull();
        await PutManifestAsync();
    }

    public async Task PutManifestAsync(long? rev = null)
    {
        _rev = rev ?? _rev + 1;
        var manifest = new DeviceManifest
        {
            Rev = _rev,
            Entries = _entries.ToImmutableSortedDictionary(pair => DeploymentName.Parse(pair.Key).Value, pair => pair.Value),
        };
        (await Bucket(FleetBuckets.DesiredState).PutAsync(KvKeys.Manifest(Device), manifest.ToBytes(), Token)).Error.ShouldBeNull();
    }

    /// <summary>Waits until the broker has a state that is as expected.</summary>
    public async Task<DeploymentState> StateAsync(string deployment, Func<DeploymentState, bool> expected, string what)
    {
        DeploymentState? last = null;
        for (var attempt = 0; attempt < 600; attempt++)
        {
            if ((await Bucket(FleetBuckets.DeviceState).GetAsync($"state.{Device}.{deployment}", Token)).TryGet(out var entry, out _))
            {
                last = DeploymentState.Parse(entry.Value.Span).Value;
                if (expected(last))
                {
                    return last;
                }
            }

            _running?.IsFaulted.ShouldBeFalse(_running.Exception?.ToString());
            await Task.Delay(50, Token);
        }

        throw new InvalidOperationException($"{deployment} did not become {what}; the last that was told: {last}");
    }

    public Task<DeploymentState> RunsAsync(string deployment) =>
        StateAsync(deployment, state => state.Phase == DeploymentPhase.Running && state.ScoreHash == ScoreHash.Of(_scores[deployment]), "running");

    public Task<DeploymentState> FailsAsync(string deployment, string cause) =>
        StateAsync(deployment, state => state.Phase == DeploymentPhase.Failed && state.LastError?.Contains(cause, StringComparison.Ordinal) == true, $"failed with `{cause}`");

    /// <summary>Waits until neither the broker nor podman knows a deployment.</summary>
    public async Task GoneAsync(string deployment)
    {
        for (var attempt = 0; attempt < 600; attempt++)
        {
            if ((await Bucket(FleetBuckets.DeviceState).GetAsync($"state.{Device}.{deployment}", Token)).Error?.Kind == NatsErrorKind.NotFound
                && (await ContainersAsync(deployment)).IsEmpty)
            {
                return;
            }

            await Task.Delay(50, Token);
        }

        throw new InvalidOperationException($"{deployment} is not gone");
    }

    public async Task<ImmutableArray<ContainerSummary>> ContainersAsync(string deployment) =>
        (await Podman.ListAsync([$"io.nationtech.fleet/device={Device}", $"io.nationtech.fleet/deployment={deployment}"], Token)).Value;

    public async Task<ContainerSummary> ContainerAsync(string deployment) => (await ContainersAsync(deployment)).ShouldHaveSingleItem();

    public Bucket Bucket(BucketSpec bucket) => Streams.Bucket(bucket.Name).Value;

    public Task<NatsResult<NatsMessage>> AskAsync(string verb) => _operator!.RequestAsync(FleetSubjects.Rpc(Device, verb), default, Token);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        if (_running is not null)
        {
            await ((Task)_running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        foreach (var container in (await Podman.ListAsync([$"io.nationtech.fleet/device={Device}"], CancellationToken.None)).Value)
        {
            await Podman.RemoveAsync(container.Id, TimeSpan.Zero, CancellationToken.None);
        }

        await _operator!.DisposeAsync();
        await Server.DisposeAsync();
        _stop?.Dispose();
        _end.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static BucketConfig ToConfig(BucketSpec spec) => new()
    {
        Name = spec.Name,
        Storage = spec.Storage == BucketStorage.Memory ? StreamStorage.Memory : StreamStorage.File,
        MaxBytes = 16 * 1024 * 1024,
        MaxValueBytes = spec.MaxValueBytes,
        AllowsRollUp = spec.AllowsRollup,
        Republish = spec.RepublishTo is null ? null : new StreamRepublish { Source = spec.AllSubjects, Destination = spec.RepublishTo },
    };

    private async Task<AgentError?> RunAsync(CancellationToken stop)
    {
        await Task.Yield();
        await using var broker = NatsBroker.Create(Config, TimeProvider.System).Value;
        var random = new Random(1);
        return await DeviceAgent.RunAsync(
            Config,
            new AgentPorts
            {
                Broker = Around(broker),
                Podman = Podman,
                Time = TimeProvider.System,
                Log = NullLogger.Instance,
                Random = random.NextDouble,
                Version = "0.0.0",
                Before = step => Before?.Invoke(step),
                FreeMb = folder => FreeMb ?? Gtc.Fleet.Agent.Device.HostFacts.FreeMb(folder),
                ImagePause = ImagePause,
                Progressed = () => Progressed?.Invoke(),
                Pulse = TimeSpan.FromMilliseconds(20),
                MinReady = TimeSpan.FromMilliseconds(300),
                Grace = TimeSpan.FromSeconds(1),
                Coalescing = TimeSpan.FromMilliseconds(20),
            },
            stop);
    }
}

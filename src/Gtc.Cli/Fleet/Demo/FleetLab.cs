using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Gtc.Cli.Demo;
using Gtc.Fleet.Contracts;
using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Cli.Fleet.Demo;

/// <summary>Everything that the demo needs, on this machine: API server, broker, registry, operator, and devices with a podman and an agent each.</summary>
internal sealed class FleetLab : IAsyncDisposable
{
    /// <summary>Where the demo's deployments are.</summary>
    public const string Namespace = "fleet-demo";

    /// <summary>The label that every device of the demo has.</summary>
    public const string Label = "fleet";

    /// <summary>Its value.</summary>
    public const string LabelValue = "demo";

    private const string Manager = "fleet-demo";

    private readonly CliContext _context;
    private readonly string _root;
    private readonly int _brokerPort = FreePort();

    /// <summary>Makes one; nothing is started.</summary>
    /// <param name="context">The person's own.</param>
    /// <param name="root">Everything of it.</param>
    /// <param name="repository">Where the scripts in <c>eng</c> are.</param>
    /// <param name="devices">How many devices.</param>
    public FleetLab(CliContext context, string root, string repository, int devices)
    {
        _context = context;
        _root = root;
        Kube = new KubeServer(context, repository, KubeFolder(root));
        Broker = new ChildProcess(root, "broker", ["nats-server", "-c", Path.Combine(root, "broker.conf")]);
        Operator = new ChildProcess(
            root, "operator", [.. context.Program, "fleet", "operator", "--nats-url", BrokerUrl, "--kubeconfig", Kube.Kubeconfig, "--namespace", Namespace]);
        Devices = [.. Enumerable.Range(1, devices).Select(number => new DemoDevice(DeviceName(number), DeviceFolder(root, number), repository, context.Program, context.Time))];
        Disk = new SmallDisk(Path.Combine(root, "small-disk"), Devices[^1].Disk, context.Tools);
    }

    public KubeServer Kube { get; }

    public ChildProcess Broker { get; }

    public ChildProcess Operator { get; }

    public ImmutableArray<DemoDevice> Devices { get; }

    /// <summary>The disk of the last device's podman.</summary>
    public SmallDisk Disk { get; }

    public string BrokerUrl => string.Create(CultureInfo.InvariantCulture, $"nats://127.0.0.1:{_brokerPort}");

    public DemoRegistry Registry { get; private set; } = null!;

    public ImmutableDictionary<string, DemoImage> Images { get; private set; } = ImmutableDictionary<string, DemoImage>.Empty;

    public KubeClient Client { get; private set; } = null!;

    /// <summary>A port on this machine that was free a moment ago.</summary>
    public static int FreePort()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)listener.LocalEndPoint!).Port;
    }

    /// <summary>Ends what an earlier call left in a folder.</summary>
    public static async Task<Refusal?> DownAsync(CliContext context, string root, string repository, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(root))
        {
            return null;
        }

        var folders = Directory.GetDirectories(root, "device-*");
        foreach (var folder in folders.Prepend(root))
        {
            await ChildProcess.KillRecordedAsync(folder, cancellationToken);
        }

        Refusal? refusal = null;
        foreach (var folder in folders)
        {
            refusal = await DemoCluster.RunAsync(context.Tools, Path.Combine(repository, "eng", "podman-service"), [DemoDevice.StorageOf(folder), "down"], cancellationToken) ?? refusal;
            await new SmallDisk("", DemoDevice.DiskOf(folder), context.Tools).UnmountAsync(cancellationToken);
        }

        refusal = await new KubeServer(context, repository, KubeFolder(root)).DownAsync(cancellationToken) ?? refusal;
        Directory.Delete(root, recursive: true);
        return refusal;
    }

    /// <summary>Starts the servers; each step says what it did.</summary>
    public async Task<Refusal?> UpAsync(FleetHand hand, DemoSteps steps, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(_root, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await MakeImagesAsync(cancellationToken);
        steps.Tell("images", $"{string.Join(", ", Images.Keys.Order())} are served by a registry of the demo's own", [("registry", Registry.Host)]);
        if (await Kube.UpAsync(cancellationToken) is { } refusal || !Kube.Connect().TryGet(out var client, out refusal))
        {
            return refusal;
        }

        Client = client;
        steps.Tell("api", "a real API server and its etcd are up", [("kubeconfig", Kube.Kubeconfig)]);
        await File.WriteAllTextAsync(
            Path.Combine(_root, "broker.conf"),
            string.Create(CultureInfo.InvariantCulture, $"listen: \"127.0.0.1:{_brokerPort}\"\njetstream {{ store_dir: \"{_root}/jetstream\", max_mem: 1GB, max_file: 16GB }}\n"),
            cancellationToken);
        if (Broker.Start() is { } brokerless)
        {
            return brokerless;
        }

        steps.Tell("broker", $"nats-server listens on {BrokerUrl}", [("nats", BrokerUrl)]);
        return await StartFleetAsync(hand, steps, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var device in Devices)
        {
            device.Dispose();
        }

        Client?.Dispose();
        if (Registry is not null)
        {
            await Registry.DisposeAsync();
        }
    }

    private async Task<Refusal?> StartFleetAsync(FleetHand hand, DemoSteps steps, CancellationToken cancellationToken)
    {
        foreach (var item in (JsonElement[])[FleetDefinitions.Deployment(), FleetDefinitions.Device(), JsonElement.Parse($$"""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"{{Namespace}}"} }""")])
        {
            var applied = await Client.ApplyAsync(item, Manager, isForced: true, isDryRun: false, cancellationToken);
            applied.Value?.Dispose();
            if (applied.Error is { } error)
            {
                return new Refusal.FetchFailed($"the resources of the fleet could not be made known: {error.Message}");
            }
        }

        steps.Tell("install", $"the resources of the fleet are known to the API server, namespace {Namespace} is there", [("namespace", Namespace)]);
        if (Operator.Start() is { } operatorless)
        {
            return operatorless;
        }

        if (!(await hand.BucketsAreThereAsync(cancellationToken)).TryGet(out _, out var bucketless))
        {
            return bucketless;
        }

        steps.Tell("operator", "gtc fleet operator leads and has made its buckets", [("log", Operator.LogFile)]);
        var mounted = await Disk.MountAsync(cancellationToken);
        foreach (var device in Devices)
        {
            device.WriteConfig(BrokerUrl, Registry.Host);
            if ((mounted ?? device.Service.Start() ?? device.Agent.Start()) is { } failed)
            {
                return failed;
            }
        }

        steps.Tell("devices", $"{string.Join(", ", Devices.Select(device => device.Id))}: a podman with storage of its own and gtc fleet agent each", [("folder", _root)]);
        return null;
    }

    private async Task MakeImagesAsync(CancellationToken cancellationToken)
    {
        const int Mebi = 1 << 20;
        var busybox = await File.ReadAllBytesAsync(DemoPrograms.Busybox, cancellationToken);
        (string Tag, int Ballast)[] wanted = [("v1", 0), ("v2", 0), ("slow", 2 * Mebi), ("large", 40 * Mebi)];
        Images = wanted.ToImmutableDictionary(image => image.Tag, image => DemoImage.Make(image.Tag, $"hello from {image.Tag}\n", busybox, image.Ballast));
        Registry = await DemoRegistry.StartAsync([.. Images.Values], cancellationToken);
    }

    private static string DeviceName(int number) => string.Create(CultureInfo.InvariantCulture, $"edge-{number}");

    private static string DeviceFolder(string root, int number) => Path.Combine(root, string.Create(CultureInfo.InvariantCulture, $"device-{number}"));

    private static string KubeFolder(string root) => Path.Combine(root, "kube");
}

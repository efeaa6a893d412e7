using System.Collections.Immutable;
using System.Diagnostics;
using System.Text.Json;
using Gtc.Fleet.Contracts;
using Gtc.Kubernetes;
using Gtc.Nats;
using DeploymentSpec = Gtc.Fleet.Contracts.DeploymentSpec;
using LabelSelector = Gtc.Fleet.Contracts.LabelSelector;

namespace Gtc.Load.Fleet;

/// <summary>The real servers of a run: an API server, a broker, and the operator as a process of its own.</summary>
internal sealed class FleetCluster : IAsyncDisposable
{
    public const string Namespace = "fleet-load";

    private const string Manager = "fleet-load";
    private static readonly KubeKind Deployments = KubeKind.Of(FleetApi.GroupVersion, FleetApi.DeploymentKind)!;

    private readonly string _folder;
    private readonly KubernetesLab? _lab;

    private FleetCluster(FleetOptions options, string folder, KubernetesLab? lab, LoadBroker? broker, KubeClient client, string kubeconfig)
    {
        (_folder, _lab, Broker, Client) = (folder, lab, broker, client);
        Url = options.Nats ?? broker!.Url;
        Operator = new LoadOperator(options, Url, kubeconfig, folder);
    }

    /// <summary>The broker, when it is the run's own.</summary>
    public LoadBroker? Broker { get; }

    public string Url { get; }

    public KubeClient Client { get; }

    public LoadOperator Operator { get; }

    public static async Task<FleetCluster> StartAsync(FleetOptions options)
    {
        var folder = Directory.CreateTempSubdirectory("gtc-load-fleet-").FullName;
        var lab = options.Kubeconfig is null ? await KubernetesLab.StartAsync() : null;
        var kubeconfig = options.Kubeconfig ?? lab!.Kubeconfig;
        var broker = options.Nats is null ? new LoadBroker(Path.Combine(folder, "broker")) : null;
        if (broker is not null)
        {
            await broker.StartAsync();
        }

        var found = KubeConfig.Find(null, name => name == "KUBECONFIG" ? kubeconfig : Environment.GetEnvironmentVariable(name)).Value ?? throw new InvalidOperationException($"{kubeconfig} leads nowhere");
        var cluster = new FleetCluster(options, folder, lab, broker, new KubeClient(found, TimeSpan.FromSeconds(30), TimeProvider.System) { Patience = TimeSpan.Zero }, kubeconfig);
        await cluster.InstallAsync();
        return cluster;
    }

    /// <summary>Starts the operator and waits until it has made the buckets.</summary>
    public async Task StartOperatorAsync()
    {
        Operator.Start();
        await using var connection = (await NatsConnection.ConnectAsync(new NatsOptions { Urls = [Url] }, TimeProvider.System, CancellationToken.None)).Value;
        var began = Stopwatch.StartNew();
        foreach (var bucket in FleetBuckets.All)
        {
            while ((await connection.JetStream().BucketAsync(bucket.Name, CancellationToken.None)).Error is { } error)
            {
                if (Operator.HasEnded || began.Elapsed > TimeSpan.FromMinutes(1))
                {
                    throw new InvalidOperationException($"the operator made no bucket {bucket.Name} ({error.Message}); its log is {Operator.LogFile}");
                }

                await Task.Delay(50);
            }
        }
    }

    /// <summary>Applies a deployment at a version.</summary>
    public async Task ApplyAsync(int number, int groups, int version)
    {
        var deployment = new FleetDeployment
        {
            Metadata = new ResourceMeta { Name = FleetNames.Deployment(number), Namespace = Namespace },
            Spec = new Gtc.Fleet.Contracts.DeploymentSpec
            {
                TargetSelector = new Gtc.Fleet.Contracts.LabelSelector { MatchLabels = ImmutableSortedDictionary<string, string>.Empty.Add(FleetNames.GroupLabel, FleetNames.Group(number % groups)) },
                Score = DevicePayloads.Score(version),
            },
        };
        await DoneAsync(Client.ApplyAsync(deployment.ToElement(), Manager, isForced: true, isDryRun: false, CancellationToken.None));
    }

    public StatusWatch Watch(int deployments) => new(Client, Namespace, deployments);

    /// <summary>The processes of the run.</summary>
    public List<ProcessMeter> Meters(bool hasOperator = true)
    {
        List<ProcessMeter> meters = hasOperator ? [new("operator", Operator.ProcessId)] : [];
        meters.Add(new("devices", Environment.ProcessId));
        if (Broker is not null)
        {
            meters.Add(new("nats-server", Broker.ProcessId));
        }

        if (_lab is not null)
        {
            meters.Add(new("kube-apiserver", _lab.ProcessIdOf("kube-apiserver")));
            meters.Add(new("etcd", _lab.ProcessIdOf("etcd")));
        }

        return meters;
    }

    public async ValueTask DisposeAsync()
    {
        await Operator.DisposeAsync();
        Client.Dispose();
        if (Broker is not null)
        {
            await Broker.DisposeAsync();
        }

        if (_lab is not null)
        {
            await _lab.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private async Task InstallAsync()
    {
        await DoneAsync(Client.ApplyAsync(JsonElement.Parse($$"""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"{{Namespace}}"} }"""), Manager, isForced: true, isDryRun: false, CancellationToken.None));
        foreach (var definition in (JsonElement[])[FleetDefinitions.Deployment(), FleetDefinitions.Device()])
        {
            await DoneAsync(Client.ApplyAsync(definition, Manager, isForced: true, isDryRun: false, CancellationToken.None));
        }

        var began = Stopwatch.StartNew();
        while (await Client.ListAsync(Deployments, Namespace, null, CancellationToken.None) is { Error: { } error })
        {
            if (began.Elapsed > TimeSpan.FromSeconds(30))
            {
                throw new InvalidOperationException($"the API server does not serve deployments of a fleet: {error.Message}");
            }

            await Task.Delay(100);
        }
    }

    private static async Task DoneAsync(Task<KubeResult<JsonDocument>> call)
    {
        var answer = await call;
        using var document = answer.Value;
        if (answer.Error is { } error)
        {
            throw new InvalidOperationException(error.Message);
        }
    }
}

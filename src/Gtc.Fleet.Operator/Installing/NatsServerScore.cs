using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Gtc.Fleet.Contracts;

namespace Gtc.Fleet.Operator.Installing;

/// <summary>How clients reach a broker from where they are.</summary>
public abstract record NatsExposure
{
    private NatsExposure()
    {
    }

    /// <summary>From inside the cluster only.</summary>
    public sealed record ClusterIp : NatsExposure;

    /// <summary>At a port of every node.</summary>
    /// <param name="Port">30000 to 32767.</param>
    public sealed record NodePort(int Port) : NatsExposure
    {
        /// <summary>The lowest port that clusters give out.</summary>
        public const int First = 30000;

        /// <summary>The highest.</summary>
        public const int Last = 32767;
    }

    /// <summary>At an address of its own, at the broker's own port.</summary>
    public sealed record LoadBalancer : NatsExposure;
}

/// <summary>What keeps a broker's pods running.</summary>
public enum NatsWorkload
{
    /// <summary>A Deployment: any pod will do, what it stored goes with it.</summary>
    Deployment,

    /// <summary>A StatefulSet: pods have names and volumes of their own.</summary>
    StatefulSet,
}

/// <summary>A volume for each pod.</summary>
/// <param name="Size">How large, e.g. <c>10Gi</c>.</param>
/// <param name="StorageClass">The class; null for the cluster's default.</param>
public sealed record NatsVolume(string Size, string? StorageClass = null);

/// <summary>
/// A broker in a cluster (fleet.md §14): everything that can be said about one, and the only thing that makes objects. The presets of
/// <see cref="NatsPresets"/> are values of it and nothing more.
/// </summary>
public sealed record NatsServerScore
{
    /// <summary>The image when none is given.</summary>
    public const string DefaultImage = "docker.io/library/nats:2.10-alpine";

    /// <summary>The port of clients.</summary>
    public const int ClientPort = 4222;

    /// <summary>Its name, also that of its Service.</summary>
    public required string Name { get; init; }

    /// <summary>Its namespace.</summary>
    public required string Namespace { get; init; }

    /// <summary>The image of nats-server.</summary>
    public string Image { get; init; } = DefaultImage;

    /// <summary>How many servers.</summary>
    public int Replicas { get; init; } = 1;

    /// <summary>What keeps them running.</summary>
    public NatsWorkload Workload { get; init; }

    /// <summary>The server's configuration.</summary>
    public NatsConfig Config { get; init; } = new();

    /// <summary>A volume for each pod; null keeps data as long as the pod lives. Needs a StatefulSet.</summary>
    public NatsVolume? Volume { get; init; }

    /// <summary>How clients reach it.</summary>
    public NatsExposure Exposure { get; init; } = new NatsExposure.ClusterIp();

    /// <summary>The Secret whose <c>tls.crt</c>, <c>tls.key</c> and <c>ca.crt</c> stand in <c>/etc/nats/tls</c>; null for none.</summary>
    public string? TlsSecret { get; init; }

    /// <summary>How many servers may be away at a time when nodes are emptied; null for any.</summary>
    public int? MaxUnavailable { get; init; }

    /// <summary>Whether servers are kept on different nodes where that is possible.</summary>
    public bool IsSpread { get; init; }

    /// <summary>What a server is promised, as processors and memory.</summary>
    public (string Cpu, string Memory) Requests { get; init; } = ("100m", "128Mi");

    /// <summary>The most memory of a server.</summary>
    public string MemoryLimit { get; init; } = "1Gi";

    /// <summary>Labels of every object besides its own.</summary>
    public ImmutableSortedDictionary<string, string> ExtraLabels { get; init; } = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>The same with or without streams and buckets.</summary>
    public NatsServerScore WithJetStream(bool isOn) => this with { Config = Config with { JetStream = isOn ? Config.JetStream ?? new() : null } };

    /// <summary>The same at a port of every node.</summary>
    public NatsServerScore AtNodePort(int port) => this with { Exposure = new NatsExposure.NodePort(port) };

    /// <summary>The same at an address of its own.</summary>
    public NatsServerScore AtLoadBalancer() => this with { Exposure = new NatsExposure.LoadBalancer() };

    /// <summary>Everything about it that cannot be; none when it can be installed.</summary>
    public IReadOnlyList<string> FindProblems()
    {
        var problems = new List<string>();
        foreach (var (what, name) in new[] { ("name", Name), ("namespace", Namespace) })
        {
            if (!FleetName.IsValid(name))
            {
                problems.Add($"{what} `{name}`: 1 to 63 of a-z, 0-9 and -, none of them - at either end, were expected");
            }
        }

        if (Exposure is NatsExposure.NodePort { Port: < NatsExposure.NodePort.First or > NatsExposure.NodePort.Last } node)
        {
            problems.Add(string.Create(CultureInfo.InvariantCulture, $"node port {node.Port}: clusters give out {NatsExposure.NodePort.First} to {NatsExposure.NodePort.Last}; at a load balancer the broker has its own port, {ClientPort}"));
        }

        if (Replicas is < 1 or > 9)
        {
            problems.Add($"{Replicas} servers: 1 to 9 were expected");
        }

        if (Replicas > 1 && (Workload == NatsWorkload.Deployment || Config.Cluster is null))
        {
            problems.Add($"{Replicas} servers that do not know each other: several need a StatefulSet and a cluster");
        }

        if (Volume is not null && Workload == NatsWorkload.Deployment)
        {
            problems.Add("a volume for each pod needs a StatefulSet");
        }

        if (Volume is { } volume && !ByteQuantity.TryParse(volume.Size, out _))
        {
            problems.Add($"a volume of `{volume.Size}`: an amount was expected, e.g. 10Gi");
        }

        if (Config.Gateway is { Tls: not null } && TlsSecret is null)
        {
            problems.Add("gateways between sites need a certificate: a Secret with tls.crt, tls.key and ca.crt");
        }

        return problems;
    }

    /// <summary>The objects, in the order in which they are applied. They go to <see cref="ClusterInstaller"/>, to a printout or into a chart.</summary>
    /// <param name="policyVersion">The version of the group <c>policy</c> that the cluster serves.</param>
    public ImmutableArray<JsonElement> Objects(string policyVersion = "policy/v1") => NatsObjects.Of(this, policyVersion);
}

using System.Collections.Immutable;

namespace Gtc.Fleet.Operator.Installing;

/// <summary>Ready-made values of <see cref="NatsServerScore"/>. They set its options and make no object of their own.</summary>
public static class NatsPresets
{
    private const string TlsFolder = "/etc/nats/tls";

    /// <summary>One server, with streams and buckets, reached from inside the cluster.</summary>
    public static NatsServerScore Basic(string name, string ns) => new() { Name = name, Namespace = ns, Config = new() { JetStream = new() } };

    /// <summary>Three servers that are one, each with a volume, on different nodes.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="ns">Its namespace.</param>
    /// <param name="volume">The volume of each server.</param>
    /// <param name="replicas">How many servers.</param>
    public static NatsServerScore Clustered(string name, string ns, NatsVolume volume, int replicas = 3) => new()
    {
        Name = name,
        Namespace = ns,
        Replicas = replicas,
        Workload = NatsWorkload.StatefulSet,
        Volume = volume,
        MaxUnavailable = 1,
        IsSpread = true,
        Config = new()
        {
            JetStream = new(),
            Cluster = new() { Name = name, Routes = [.. Enumerable.Range(0, replicas).Select(at => $"nats://{name}-{at}.{name}-headless.{ns}.svc:6222")] },
        },
    };

    /// <summary>A cluster at one site of several: gateways to the others, under TLS.</summary>
    /// <param name="name">Its name, which is that of the site.</param>
    /// <param name="ns">Its namespace.</param>
    /// <param name="volume">The volume of each server.</param>
    /// <param name="gateways">The other sites.</param>
    /// <param name="tlsSecret">The Secret with the certificate that sites show each other.</param>
    /// <param name="replicas">How many servers.</param>
    public static NatsServerScore Supercluster(string name, string ns, NatsVolume volume, ImmutableArray<NatsRemoteGateway> gateways, string tlsSecret, int replicas = 3)
    {
        var score = Clustered(name, ns, volume, replicas);
        var tls = new NatsTls($"{TlsFolder}/tls.crt", $"{TlsFolder}/tls.key", $"{TlsFolder}/ca.crt", Verify: true);
        return score with
        {
            TlsSecret = tlsSecret,
            Config = score.Config with { JetStream = new() { Domain = name }, Gateway = new() { Name = name, Gateways = gateways, Tls = tls } },
        };
    }

    /// <summary>One server near many devices, hanging below a broker elsewhere, with streams of its own domain.</summary>
    /// <param name="name">Its name, which is that of its domain.</param>
    /// <param name="ns">Its namespace.</param>
    /// <param name="upstream">The broker above, e.g. <c>nats-leaf://nats.example:7422</c>.</param>
    /// <param name="volume">Its volume; null keeps data as long as the pod lives.</param>
    public static NatsServerScore Leaf(string name, string ns, string upstream, NatsVolume? volume) => new()
    {
        Name = name,
        Namespace = ns,
        Workload = volume is null ? NatsWorkload.Deployment : NatsWorkload.StatefulSet,
        Volume = volume,
        Config = new() { JetStream = new() { Domain = name }, LeafNodes = new() { Remotes = [new(upstream)] } },
    };
}

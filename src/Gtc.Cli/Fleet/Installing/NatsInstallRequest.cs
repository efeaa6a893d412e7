using System.Collections.Immutable;
using Gtc.Fleet.Operator.Installing;
using Gtc.Model;

namespace Gtc.Cli.Fleet.Installing;

/// <summary>Makes the broker's score of what was typed.</summary>
internal static class NatsInstallRequest
{
    /// <summary>The broker's name when none is given.</summary>
    public const string DefaultName = "fleet-nats";

    private const string DefaultSize = "10Gi";

    /// <summary>The score, or what about it cannot be.</summary>
    public static Outcome<NatsServerScore> Of(NatsInstallPayload payload)
    {
        var name = payload.Name ?? DefaultName;
        var ns = payload.Namespace ?? InstallOptions.DefaultNamespace;
        var volume = payload.Size is null && payload.StorageClass is null ? null : new NatsVolume(payload.Size ?? DefaultSize, payload.StorageClass);
        if (!Preset(payload, name, ns, volume).TryGet(out var score, out var refusal) || !Exposure(payload).TryGet(out var exposure, out refusal))
        {
            return refusal;
        }

        score = (score with { Exposure = exposure, Image = payload.Image ?? score.Image, TlsSecret = payload.TlsSecret ?? score.TlsSecret }).WithJetStream(!payload.NoJetstream);
        if (payload.Domain is { } domain && score.Config.JetStream is { } streams)
        {
            score = score with { Config = score.Config with { JetStream = streams with { Domain = domain } } };
        }

        var problems = score.FindProblems();
        return problems.Count == 0 ? score : new Refusal.InvalidArgument(problems[0]);
    }

    private static Outcome<NatsServerScore> Preset(NatsInstallPayload payload, string name, string ns, NatsVolume? volume)
    {
        var preset = payload.Preset ?? "basic";
        var isMany = preset is "clustered" or "supercluster";
        if (payload.Replicas is not null && !isMany)
        {
            return new Refusal.InvalidArgument($"--replicas goes with clustered and supercluster, {preset} is one server") { Next = "gtc fleet nats install --preset clustered --size 20Gi" };
        }

        var replicas = (int)Math.Min(payload.Replicas ?? 3, int.MaxValue);
        return preset switch
        {
            "basic" => NatsPresets.Basic(name, ns) with { Volume = volume, Workload = volume is null ? NatsWorkload.Deployment : NatsWorkload.StatefulSet },
            "clustered" => NatsPresets.Clustered(name, ns, volume ?? new(DefaultSize), replicas),
            "supercluster" => Supercluster(payload, name, ns, volume, replicas),
            "leaf" when payload.Upstream is { } upstream => NatsPresets.Leaf(name, ns, upstream, volume),
            "leaf" => new Refusal.InvalidArgument("leaf needs the broker above it, --upstream was expected") { Next = "gtc fleet nats install --preset leaf --name factory-7 --upstream nats-leaf://nats.example:7422" },
            _ => new Refusal.InvalidArgument($"preset `{preset}`: basic, clustered, supercluster or leaf was expected"),
        };
    }

    private static Outcome<NatsServerScore> Supercluster(NatsInstallPayload payload, string name, string ns, NatsVolume? volume, int replicas)
    {
        var gateways = ImmutableArray.CreateBuilder<NatsRemoteGateway>();
        foreach (var text in payload.Gateway)
        {
            var equals = text.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0 || equals == text.Length - 1)
            {
                return new Refusal.InvalidArgument($"--gateway `{text}`: NAME=URL was expected, e.g. lyon=nats://lyon.example:7222");
            }

            gateways.Add(new(text[..equals], [.. text[(equals + 1)..].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)]));
        }

        return payload.TlsSecret is { } secret
            ? NatsPresets.Supercluster(name, ns, volume ?? new(DefaultSize), gateways.ToImmutable(), secret, replicas)
            : new Refusal.InvalidArgument("sites show each other certificates, --tls-secret was expected: a Secret with tls.crt, tls.key and ca.crt");
    }

    /// <summary>A node port alone means node-port, as it did before there was <c>--expose</c>.</summary>
    private static Outcome<NatsExposure> Exposure(NatsInstallPayload payload) => (payload.Expose ?? (payload.NodePort is null ? "load-balancer" : "node-port"), payload.NodePort) switch
    {
        ("cluster-ip", null) => new NatsExposure.ClusterIp(),
        ("load-balancer", null) => new NatsExposure.LoadBalancer(),
        ("node-port", { } port) => new NatsExposure.NodePort((int)Math.Min(port, 100_000)),
        ("node-port", null) => new Refusal.InvalidArgument("--expose node-port needs its port, --node-port of 30000 to 32767 was expected"),
        ("cluster-ip" or "load-balancer", _) => new Refusal.InvalidArgument($"--node-port goes with --expose node-port only, not with {payload.Expose}"),
        var (other, _) => new Refusal.InvalidArgument($"--expose `{other}`: cluster-ip, node-port or load-balancer was expected"),
    };
}

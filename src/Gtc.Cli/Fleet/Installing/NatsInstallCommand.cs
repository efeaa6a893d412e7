using System.CommandLine;
using System.Text.Json;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Fleet.Contracts;
using Gtc.Fleet.Operator.Installing;
using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Cli.Fleet.Installing;

/// <summary><c>gtc fleet nats install</c>: a broker in the cluster.</summary>
internal static class NatsInstallCommand
{
    private static readonly TimeSpan DefaultWait = TimeSpan.FromSeconds(180);

    /// <summary>Builds the command.</summary>
    public static Command Create(CliContext context) => VerbFlags.Alone(Verb, context);

    private static Verb<NatsInstallPayload> Verb => new()
    {
        Noun = "fleet nats",
        Name = "install",
        Purpose = "Run a broker in the cluster, from one server to sites with gateways between them",
        Remark = "Presets are basic, clustered, supercluster and leaf; each only sets what the flags below set too. It waits until the broker's pods are ready and, behind a node port\n"
            + "or a load balancer, until the broker itself answers there; a pod that is ready is not yet a port that leads to it.",
        Examples =
        [
            "fleet nats install",
            "fleet nats install --namespace fleet-system --name fleet-nats --expose node-port --node-port 30422",
            "fleet nats install --preset clustered --size 20Gi --expose cluster-ip",
            "fleet nats install --preset supercluster --name paris --size 20Gi --gateway lyon=nats://lyon.example:7222 --tls-secret gateways",
            "fleet nats install --preset leaf --name factory-7 --upstream nats-leaf://nats.example:7422",
        ],
        Payload = FleetJson.Default.NatsInstallPayload,
        Fields =
        [
            new("namespace", $"the namespace; {InstallOptions.DefaultNamespace} when not given", "--namespace", "NAME"),
            new("name", $"its name and that of its Service; {NatsInstallRequest.DefaultName} when not given", "--name", "NAME"),
            new("preset", "basic, clustered, supercluster or leaf; basic when not given", "--preset", "NAME"),
            new("expose", "cluster-ip, node-port or load-balancer; load-balancer when not given", "--expose", "HOW"),
            new("node_port", "the port of --expose node-port, 30000 to 32767", "--node-port", "N"),
            new("image", $"the image; {NatsServerScore.DefaultImage} when not given", "--image", "IMAGE"),
            new("replicas", "how many servers of clustered and supercluster; 3 when not given", "--replicas", "N"),
            new("size", "a volume of this size for each server, e.g. 20Gi", "--size", "AMOUNT"),
            new("storage_class", "the volumes' class; the cluster's default when not given", "--storage-class", "NAME"),
            new("no_jetstream", "no streams and buckets: a fleet cannot use it, others can", "--no-jetstream"),
            new("gateway", "supercluster: another site", "--gateway", "NAME=URL[,URL]"),
            new("upstream", "leaf: the broker above", "--upstream", "URL"),
            new("tls_secret", "a Secret with tls.crt, tls.key and ca.crt; supercluster needs it", "--tls-secret", "NAME"),
            new("domain", "the domain of its streams", "--domain", "NAME"),
            new("print", "write the objects as JSON for `kubectl apply --server-side --force-conflicts -f -` and touch nothing", "--print"),
            new("no_wait", "do not wait until it answers", "--no-wait"),
            new("timeout", "how long to wait, in seconds; 180 when not given", "--timeout", "S"),
            FleetCluster.Kubeconfig,
            FleetCluster.ContextName,
        ],
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(NatsInstallPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!NatsInstallRequest.Of(payload).TryGet(out var score, out var refusal))
        {
            return refusal;
        }

        if (payload.Print)
        {
            return Applied.Printed(score.Objects());
        }

        if (score is { Volume: null, Config.JetStream: not null })
        {
            call.Warn("what it stores lives as long as its pod; --size 10Gi keeps it");
        }

        if (!FleetCluster.Open(payload.Kubeconfig, payload.Context, call).TryGet(out var client, out refusal))
        {
            return refusal;
        }

        using (client)
        {
            return await InstallAsync(client, score, payload, call, cancellationToken);
        }
    }

    private static async Task<Outcome<Answer>> InstallAsync(KubeClient client, NatsServerScore score, NatsInstallPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        var policies = await client.VersionsAsync("policy", cancellationToken);
        if (policies.Error is { } unread)
        {
            return FleetCluster.Refuse("asking the cluster for its versions", unread);
        }

        // Clusters before 1.21 serve budgets only as a beta.
        var objects = score.Objects(policies.Value!.Contains("policy/v1") ? "policy/v1" : "policy/v1beta1");
        var wait = payload.Timeout is { } seconds ? TimeSpan.FromSeconds(seconds) : DefaultWait;
        var installer = new ClusterInstaller(client, FleetApi.InstallManager, call.Context.Time);
        if (await installer.ApplyAsync(objects, wait, cancellationToken) is { } error)
        {
            return FleetCluster.Refuse("installing the broker", error);
        }

        string? url = $"nats://{score.Name}.{score.Namespace}.svc:{NatsServerScore.ClientPort}";
        foreach (var item in payload.NoWait ? [] : objects)
        {
            if (await installer.ReadyAsync(item, wait, cancellationToken) is { } late)
            {
                return new Refusal.Conflict(late.Message) { Next = $"kubectl describe pods --namespace {score.Namespace} --selector app.kubernetes.io/instance={score.Name}" };
            }
        }

        if (!payload.NoWait && score.Exposure is not NatsExposure.ClusterIp)
        {
            if (!(await NatsDoor.OpenAsync(client, installer, score, wait, call, cancellationToken)).TryGet(out url, out var closed))
            {
                return closed;
            }
        }

        var shown = new InstalledShown(Applied.Names(objects), payload.NoWait ? "applied" : "ready") { Url = url, Warnings = call.Warnings };
        return Answer.Of(shown, FleetJson.Default.InstalledShown, screen =>
        {
            Applied.Show(screen, shown);
            screen.Say($"The broker {(payload.NoWait ? "was applied" : "answers")}: {shown.Url}");
        });
    }
}

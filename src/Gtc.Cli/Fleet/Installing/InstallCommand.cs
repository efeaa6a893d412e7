using System.Collections.Immutable;
using System.CommandLine;
using System.Text.Json;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Fleet.Contracts;
using Gtc.Fleet.Operator.Installing;
using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Cli.Fleet.Installing;

/// <summary><c>gtc fleet install</c>: custom resources, rights and the operator.</summary>
internal static class InstallCommand
{
    /// <summary>What it is.</summary>
    public const string Purpose = "Teach a cluster what deployments and devices are, and run the operator in it";

    private static readonly TimeSpan DefaultWait = TimeSpan.FromSeconds(60);

    /// <summary>Builds the command.</summary>
    public static Command Create(CliContext context) => VerbFlags.Alone(Verb, context);

    private static Verb<InstallPayload> Verb => new()
    {
        Noun = "fleet",
        Name = "install",
        Purpose = Purpose,
        Remark = "Everything is applied from typed objects by server-side apply; the same again upgrades. It waits until the definitions are served, with --wait also until the operator runs.",
        Examples =
        [
            "fleet install --crds-only",
            "fleet install --image registry.example/gtc:0.1.0 --nats-url nats://fleet-nats.fleet-system.svc:4222 --wait 120",
            "fleet install --image registry.example/gtc:0.1.0 --print",
        ],
        Payload = FleetJson.Default.InstallPayload,
        Fields =
        [
            new("image", "the image of gtc; needed unless --crds-only", "--image", "IMAGE"),
            new("namespace", $"where the operator lives; {InstallOptions.DefaultNamespace} when not given", "--namespace", "NAME"),
            new("nats_url", $"the broker; NATS_URL or {InstallOptions.DefaultNatsUrl} when not given", "--nats-url", "URL"),
            new("nats_creds_secret", "a Secret of the namespace whose user.creds the operator shows the broker", "--nats-creds-secret", "NAME"),
            new("replicas", "how many operators, of which one writes; 1 when not given", "--replicas", "N"),
            new("api_budget", "writes to the API server per second; 50 when not given", "--api-budget", "N"),
            new("crds_only", "the definitions of the custom resources and nothing else", "--crds-only"),
            new("print", "write the objects as JSON for `kubectl apply --server-side --force-conflicts -f -` and touch nothing", "--print"),
            new("wait", "wait so many seconds for the operator to run, too", "--wait", "S"),
            FleetCluster.Kubeconfig,
            FleetCluster.ContextName,
        ],
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(InstallPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!Objects(payload, call).TryGet(out var objects, out var refusal))
        {
            return refusal;
        }

        if (payload.Print)
        {
            return Applied.Printed(objects);
        }

        if (!FleetCluster.Open(payload.Kubeconfig, payload.Context, call).TryGet(out var client, out refusal))
        {
            return refusal;
        }

        using (client)
        {
            var wait = payload.Wait is { } seconds ? TimeSpan.FromSeconds(seconds) : DefaultWait;
            var installer = new ClusterInstaller(client, FleetApi.InstallManager, call.Context.Time);
            if (await installer.ApplyAsync(objects, wait, cancellationToken) is { } error)
            {
                return FleetCluster.Refuse("installing the fleet", error);
            }

            foreach (var item in payload.Wait is null ? [] : objects)
            {
                if (await installer.ReadyAsync(item, wait, cancellationToken) is { } late)
                {
                    return new Refusal.Conflict(late.Message) { Next = $"kubectl get pods --namespace {payload.Namespace ?? InstallOptions.DefaultNamespace}" };
                }
            }

            return Shown(new InstalledShown(Applied.Names(objects), payload.Wait is null ? "applied" : "ready") { Warnings = call.Warnings }, payload.CrdsOnly);
        }
    }

    private static Outcome<ImmutableArray<JsonElement>> Objects(InstallPayload payload, VerbCall call)
    {
        if (payload.CrdsOnly)
        {
            return OperatorObjects.Definitions();
        }

        if (payload.Image is not { Length: > 0 } image)
        {
            return new Refusal.InvalidArgument("no image of gtc was named, --image was expected") { Next = "gtc fleet install --image registry.example/gtc:0.1.0" };
        }

        var ns = payload.Namespace ?? InstallOptions.DefaultNamespace;
        if (!FleetName.IsValid(ns) || payload.Replicas is 0 or > 9 || payload.ApiBudget is 0 or > 100_000)
        {
            return new Refusal.InvalidArgument("--namespace of 1 to 63 of a-z, 0-9 and -, --replicas of 1 to 9 and --api-budget of 1 to 100000 were expected");
        }

        return OperatorObjects.All(new InstallOptions
        {
            Namespace = ns,
            Image = image,
            NatsUrl = payload.NatsUrl ?? (call.Context.Variable("NATS_URL") is { Length: > 0 } url ? url : InstallOptions.DefaultNatsUrl),
            NatsCredentialsSecret = payload.NatsCredsSecret,
            Replicas = (int)(payload.Replicas ?? 1),
            ApiBudget = (int)(payload.ApiBudget ?? 50),
        });
    }

    private static Answer Shown(InstalledShown shown, bool isCrdsOnly) => Answer.Of(shown, FleetJson.Default.InstalledShown, screen =>
    {
        Applied.Show(screen, shown);
        screen.Say(isCrdsOnly ? $"The cluster knows {FleetApi.Deployments} and {FleetApi.Devices} now." : $"The fleet's operator is {(shown.State == "ready" ? "running" : "installed")}. Next: gtc fleet devices");
    });
}

using System.CommandLine;
using System.Text.Json;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Fleet.Contracts;
using Gtc.Kubernetes;
using Gtc.Model;
using FleetSelector = Gtc.Fleet.Contracts.LabelSelector;

namespace Gtc.Cli.Fleet.Applying;

/// <summary><c>gtc fleet apply</c>: a container on every device whose labels match.</summary>
internal static class ApplyCommand
{
    /// <summary>What it is.</summary>
    public const string Purpose = "Run a container on every device whose labels match; the same again with another image upgrades it";

    private static readonly JsonWriterOptions Indented = new() { Indented = true };

    /// <summary>Builds the command.</summary>
    public static Command Create(CliContext context) => VerbFlags.Alone(Verb, context);

    private static Verb<ApplyPayload> Verb => new()
    {
        Noun = "fleet",
        Name = "apply",
        Purpose = Purpose,
        Remark = $"It writes one {FleetApi.Deployments} by server-side apply. What is not typed gets its default; the selector alone is kept from before when none is typed.\n"
            + "A short image name is read as Docker does: nginx:1.26 is docker.io/library/nginx:1.26.",
        Examples =
        [
            "fleet apply --to group=lab --image nginx:1.26 --port 8080:80",
            "fleet apply --namespace fleet-demo --name hello-world --target-device pi-42 --image docker.io/library/nginx:latest --port 8080:80",
            "fleet apply --to-expr \"group in (lab,office)\" --to-expr \"!broken\" --strategy Batched --batch-size 10%",
            "fleet apply --print --to group=lab",
            "fleet apply --delete",
        ],
        Payload = FleetJson.Default.ApplyPayload,
        Fields =
        [
            new("namespace", $"the namespace; {ApplyPayload.DefaultNamespace} when not given", "--namespace", "NAME"),
            new("name", $"the deployment's name; {ApplyPayload.DefaultName} when not given", "--name", "NAME"),
            new("to", "labels that a device must have", "--to", "KEY=VALUE[,…]"),
            new("to_expr", "a requirement on labels: key in (a,b), key notin (a,b), key, !key", "--to-expr", "EXPR"),
            new("target_device", "one device: --to device-id=ID", "--target-device", "ID"),
            new("image", $"the image; {ApplyPayload.DefaultImage} when not given", "--image", "IMAGE"),
            new("port", $"a published port; {ApplyPayload.DefaultPort} when not given", "--port", "HOST:CONTAINER"),
            new("no_port", "publish no port", "--no-port"),
            new("env", "an environment variable", "--env", "NAME=VALUE"),
            new("volume", "a mount", "--volume", "SOURCE:/PATH[:ro]"),
            new("memory", "the most memory, e.g. 256Mi", "--memory", "AMOUNT"),
            new("pull", "when the image is fetched: IfNotPresent, Always or Never", "--pull", "WHEN"),
            new("strategy", "how a change reaches the devices: Immediate or Batched", "--strategy", "NAME"),
            new("batch_size", "how many devices a batch has, e.g. 5 or 10%", "--batch-size", "N|N%"),
            new("max_unavailable", "how many devices may be down for the roll-out, e.g. 5 or 25%", "--max-unavailable", "N|N%"),
            new("pause_on_failed_percent", "pause the roll-out above this share of failures", "--pause-on-failed-percent", "N"),
            new("print", "write the resource as JSON for `kubectl apply -f -` and touch nothing", "--print"),
            new("delete", "delete it and wait until it is gone from the devices", "--delete"),
            new("no_wait", "with --delete: do not wait", "--no-wait"),
            new("timeout", "with --delete: how long to wait, in seconds; 120 when not given", "--timeout", "S"),
            FleetCluster.Kubeconfig,
            FleetCluster.ContextName,
        ],
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(ApplyPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!WantedDeployment.Name(payload.Name ?? ApplyPayload.DefaultName).TryGet(out var name, out var refusal))
        {
            return refusal;
        }

        var ns = payload.Namespace ?? ApplyPayload.DefaultNamespace;
        if (payload.Delete)
        {
            return await DeleteCommand.RunAsync(new() { Name = name, Namespace = ns, NoWait = payload.NoWait, Timeout = payload.Timeout, Kubeconfig = payload.Kubeconfig, Context = payload.Context }, call, cancellationToken);
        }

        if (!WantedDeployment.Selector(payload).TryGet(out var selector, out refusal))
        {
            return refusal;
        }

        if (payload.Print)
        {
            return Need(selector, ns, name).Then(given => WantedDeployment.Of(payload, given)).Then<Answer>(deployment => Printed(deployment));
        }

        if (!FleetCluster.Open(payload.Kubeconfig, payload.Context, call).TryGet(out var client, out refusal))
        {
            return refusal;
        }

        using (client)
        {
            if (selector is null && !(await KeptSelectorAsync(client, ns, name, cancellationToken)).TryGet(out selector, out refusal))
            {
                return refusal;
            }

            return WantedDeployment.Of(payload, selector!).TryGet(out var deployment, out refusal) ? await ApplyAsync(client, deployment, call, cancellationToken) : refusal;
        }
    }

    private static async Task<Outcome<Answer>> ApplyAsync(KubeClient client, FleetDeployment deployment, VerbCall call, CancellationToken cancellationToken)
    {
        if (await NamespaceAsync(client, deployment.Metadata.Namespace!, cancellationToken) is { } refused)
        {
            return refused;
        }

        var answer = await client.ApplyAsync(deployment.ToElement(), FleetApi.ApplyManager, isForced: true, isDryRun: false, cancellationToken);
        if (answer.Error is { } error)
        {
            return FleetCluster.Refuse($"applying {FleetApi.Deployments} {deployment.Metadata.Namespace}/{deployment.Metadata.Name}", error);
        }

        using var document = answer.Value!;
        var generation = FleetDeployment.Parse(document.RootElement).TryGet(out var applied, out _) ? applied.Metadata.Generation ?? 0 : 0;
        var compiled = deployment.Spec.TargetSelector.Compile().Value;
        var service = deployment.Spec.Score.PodmanV0!.Services[0];
        var shown = new AppliedShown(deployment.Metadata.Namespace!, deployment.Metadata.Name, generation, deployment.Spec.Score.ComputeHash(), compiled.ToString(), service.Image) { Warnings = call.Warnings };
        return Answer.Of(shown, FleetJson.Default.AppliedShown, screen =>
        {
            screen.Say($"{FleetApi.Deployments} {shown.Namespace}/{shown.Name} · generation {shown.Generation}");
            screen.Facts(("image", shown.Image), ("devices", shown.Selector), ("score", shown.ScoreHash[..19]));
            screen.Say($"Follow it: gtc fleet watch {shown.Name} --namespace {shown.Namespace}");
        });
    }

    /// <summary>A namespace of that name is made when there is none, since the default is one that no new cluster has.</summary>
    private static async Task<Refusal?> NamespaceAsync(KubeClient client, string ns, CancellationToken cancellationToken)
    {
        var found = await client.GetAsync(KubeKind.Of("v1", "Namespace")!, null, ns, cancellationToken);
        using var document = found.Value;
        if (found.Error?.Kind is not KubeErrorKind.NotFound)
        {
            // Whoever may not look at namespaces may still be allowed to write into this one.
            return null;
        }

        var wanted = new NamespaceObject { ApiVersion = "v1", Kind = "Namespace", Metadata = new() { Name = ns } };
        var made = await client.ApplyAsync(KubeJson.ToElement(wanted), FleetApi.ApplyManager, isForced: false, isDryRun: false, cancellationToken);
        using var _ = made.Value;
        return made.Error is { } error ? FleetCluster.Refuse($"making namespace {ns}", error) : null;
    }

    private static async Task<Outcome<FleetSelector?>> KeptSelectorAsync(KubeClient client, string ns, string name, CancellationToken cancellationToken)
    {
        var found = await client.GetAsync(FleetCluster.Deployments, ns, name, cancellationToken);
        if (found.Error is { } error)
        {
            return error.Kind == KubeErrorKind.NotFound ? Need(null, ns, name).Then<FleetSelector?>(selector => selector) : FleetCluster.Refuse($"reading {ns}/{name}", error);
        }

        using var document = found.Value!;
        return FleetDeployment.Parse(document.RootElement).TryGet(out var deployment, out var wrong) ? deployment.Spec.TargetSelector : FleetCluster.Refuse(wrong);
    }

    private static Outcome<FleetSelector> Need(FleetSelector? selector, string ns, string name) => selector is not null
        ? selector
        : new Refusal.InvalidArgument($"no devices were named for {ns}/{name}, --to, --to-expr or --target-device was expected") { Next = "gtc fleet apply --to group=lab" };

    private static Answer Printed(FleetDeployment deployment) => new(writer => deployment.ToElement().WriteTo(writer), screen => { })
    {
        Lines = output =>
        {
            using var buffer = new MemoryStream();
            using (var writer = new Utf8JsonWriter(buffer, Indented))
            {
                deployment.ToElement().WriteTo(writer);
            }

            output.WriteLine(System.Text.Encoding.UTF8.GetString(buffer.ToArray()));
        },
    };
}

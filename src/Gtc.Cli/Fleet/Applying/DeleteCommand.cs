using System.CommandLine;
using System.Text.Json;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Fleet.Contracts;
using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Cli.Fleet.Applying;

/// <summary><c>gtc fleet delete</c>: takes a deployment away from every device.</summary>
internal static class DeleteCommand
{
    /// <summary>What it is.</summary>
    public const string Purpose = "Take a deployment away from every device and wait until it is gone";

    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(120);

    /// <summary>Builds the command.</summary>
    public static Command Create(CliContext context) => VerbFlags.Alone(Verb, context);

    private static Verb<DeletePayload> Verb => new()
    {
        Noun = "fleet",
        Name = "delete",
        Purpose = Purpose,
        Remark = "The operator holds the resource until no device is told to run it any more; a device that is offline removes its containers when it is back.",
        Examples = ["fleet delete --name hello-world", "fleet delete --name hello-world --namespace fleet-demo --no-wait"],
        Payload = FleetJson.Default.DeletePayload,
        Fields =
        [
            new("name", "the deployment's name", "--name", "NAME"),
            new("namespace", $"the namespace; {ApplyPayload.DefaultNamespace} when not given", "--namespace", "NAME"),
            new("no_wait", "do not wait", "--no-wait"),
            new("timeout", "how long to wait, in seconds; 120 when not given", "--timeout", "S"),
            FleetCluster.Kubeconfig,
            FleetCluster.ContextName,
        ],
        RunAsync = RunAsync,
    };

    /// <summary>Deletes it.</summary>
    public static async Task<Outcome<Answer>> RunAsync(DeletePayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        var ns = payload.Namespace ?? ApplyPayload.DefaultNamespace;
        if (!FleetCluster.Open(payload.Kubeconfig, payload.Context, call).TryGet(out var client, out var refusal))
        {
            return refusal;
        }

        using (client)
        {
            var answer = await client.DeleteAsync(FleetCluster.Deployments, ns, payload.Name, null, cancellationToken);
            using var document = answer.Value;
            if (answer.Error is { } error)
            {
                return error.Kind == KubeErrorKind.NotFound ? Shown(ns, payload.Name, "absent") : FleetCluster.Refuse($"deleting {ns}/{payload.Name}", error);
            }

            if (payload.NoWait)
            {
                return Shown(ns, payload.Name, "going");
            }

            var timeout = payload.Timeout is { } seconds ? TimeSpan.FromSeconds(seconds) : DefaultTimeout;
            return await GoneAsync(client, ns, payload.Name, timeout, call, cancellationToken) is { } held ? held : Shown(ns, payload.Name, "gone");
        }
    }

    /// <summary>Waits until it is gone.</summary>
    /// <returns>Null when it is, else who still holds it.</returns>
    private static async Task<Refusal?> GoneAsync(KubeClient client, string ns, string name, TimeSpan timeout, VerbCall call, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(timeout, call.Context.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
        var last = default(JsonElement);
        var seen = false;
        try
        {
            var scope = new KubeScope(FleetCluster.Deployments) { Namespace = ns, FieldSelector = $"metadata.name={name}" };
            await foreach (var change in new ResumingWatch(client, scope, call.Context.Time, () => 0.5).RunAsync(either.Token))
            {
                switch (change)
                {
                    case WatchChange.Present present:
                        (last, seen) = (present.Item, true);
                        break;
                    case WatchChange.Absent:
                    case WatchChange.Synced when !seen:
                        return null;
                    default:
                        break;
                }
            }
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // Told below, with who holds it.
        }

        var finalizers = seen && FleetDeployment.Parse(last).TryGet(out var deployment, out _) ? deployment.Metadata.Finalizers ?? [] : [];
        return new Refusal.Conflict($"{ns}/{name} is being deleted but was still there after {timeout.TotalSeconds:F0} s")
        {
            Details = [new("held by", finalizers.IsEmpty ? "nobody; it goes by itself" : string.Join(", ", finalizers)), new("likely", "the operator is not running, or cannot reach the broker")],
            Next = $"kubectl get {FleetApi.Deployments} {name} --namespace {ns} -o yaml",
        };
    }

    private static Answer Shown(string ns, string name, string state) => Answer.Of(new DeletedShown(ns, name, state), FleetJson.Default.DeletedShown, screen => screen.Say(state switch
    {
        "gone" => $"{FleetApi.Deployments} {ns}/{name} is gone",
        "going" => $"{FleetApi.Deployments} {ns}/{name} is being deleted",
        _ => $"{FleetApi.Deployments} {ns}/{name} was not there",
    }));
}

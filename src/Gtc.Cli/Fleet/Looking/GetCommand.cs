using System.CommandLine;
using System.Globalization;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Fleet.Contracts;
using Gtc.Model;

namespace Gtc.Cli.Fleet.Looking;

/// <summary><c>gtc fleet get</c>: deployments and how far they are.</summary>
internal static class GetCommand
{
    /// <summary>What it is.</summary>
    public const string Purpose = "Show the deployments of a fleet and on how many devices each runs";

    /// <summary>Builds the command.</summary>
    public static Command Create(CliContext context) => VerbFlags.Alone(Verb, context);

    private static Verb<GetPayload> Verb => new()
    {
        Noun = "fleet",
        Name = "get",
        Purpose = Purpose,
        Examples = ["fleet get", "fleet get hello-world --namespace fleet-demo", "fleet get --format json"],
        Payload = FleetJson.Default.GetPayload,
        Fields =
        [
            new("name", "one deployment", Position: "NAME"),
            new("namespace", "one namespace; all when not given", "--namespace", "NAME"),
            FleetCluster.Kubeconfig,
            FleetCluster.ContextName,
        ],
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(GetPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!FleetCluster.Open(payload.Kubeconfig, payload.Context, call).TryGet(out var client, out var refusal))
        {
            return refusal;
        }

        using (client)
        {
            return (await FleetReading.DeploymentsAsync(client, payload.Namespace, payload.Name, cancellationToken)).Then<Answer>(deployments =>
            {
                var shown = new DeploymentsShown([.. deployments.Select(DeploymentShown.Of)]);
                return Answer.Of(shown, FleetJson.Default.DeploymentsShown, screen => Show(screen, shown, payload.Name is not null));
            });
        }
    }

    private static void Show(Screen screen, DeploymentsShown shown, bool isOne)
    {
        if (isOne)
        {
            foreach (var deployment in shown.Deployments)
            {
                ShowOne(screen, deployment);
            }

            return;
        }

        screen.Table(
            new TableView(
                [new("NAMESPACE"), new("NAME"), new("MATCHED"), new("SUCCEEDED"), new("FAILED"), new("PENDING"), new("AVAILABLE", 1), new("DEVICES", 2), new("LAST ERROR", 3)],
                [.. shown.Deployments.Select(row => (System.Collections.Immutable.ImmutableArray<string>)
                    [row.Namespace, row.Name, Number(row.Matched), Number(row.Succeeded), Number(row.Failed), Number(row.Pending), row.Available ?? "–", row.Selector, BoundedText.Cut(row.LastError ?? "", 60)])]),
            "No deployments. Make one: gtc fleet apply --to group=lab --image nginx:1.26");
    }

    private static void ShowOne(Screen screen, DeploymentShown row)
    {
        screen.Say($"{FleetApi.Deployments} {row.Namespace}/{row.Name} · generation {row.Generation}{(row.IsGoing ? " · being deleted" : "")}");
        screen.Facts(
            ("devices", row.Selector),
            ("images", string.Join(", ", row.Images)),
            ("counted", row.Matched is null ? "not yet" : $"{row.Matched} matched · {row.Succeeded} running · {row.Failed} failed · {row.Pending} pending{(row.IsObserved ? "" : " · of the generation before")}"),
            ("unreachable", row.Stale is > 0 ? Number(row.Stale) : null),
            ("roll-out", row.Rollout),
            ("last error", row.LastError is null ? null : $"{row.LastErrorDevice}: {row.LastError}"));
        foreach (var condition in row.Conditions)
        {
            screen.Say($"  {condition.Type,-12} {condition.Status,-8} {condition.Reason}{(condition.Message.Length == 0 ? "" : $": {condition.Message}")}");
        }
    }

    private static string Number(long? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "–";
}

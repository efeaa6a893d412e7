using System.Collections.Immutable;
using Gtc.Cli.Op.LocalWorkers;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Deployers.Kubernetes;
using Gtc.Model;

namespace Gtc.Cli.Op.Clusters;

/// <summary><c>gtc op env reconcile</c>: make the cluster hold what the environment wants (k8s-deployer.md §11).</summary>
internal static class EnvironmentReconcile
{
    /// <summary>The verb.</summary>
    public static Verb<ReconcilePayload> Verb => new()
    {
        Noun = "env",
        Name = "reconcile",
        Purpose = "Make a Kubernetes cluster, a fleet, or the workers on this machine hold what an environment wants",
        Remark = "Only what differs is written, so a second run writes nothing. Objects of others are never touched; workers of revisions that do not run are removed.\n"
            + "Fields that somebody else changed are taken back (repair), told and left (report), or left to who changed them (adopt).\n"
            + "In a fleet every device is given one revision of each deployment, by the shares, and the Deployments of revisions that do not run are removed.\n"
            + "Where local-process is bound and supervises, workers of this machine are started and ended instead; of the options it takes --dry-run.",
        Examples = ["op env reconcile", "op env reconcile prod --dry-run", "op env reconcile prod --drift report --fail-on-findings", "op env reconcile prod --timeout 600"],
        Payload = ClusterJson.Default.ReconcilePayload,
        Fields =
        [
            PayloadField.Environment,
            new("kind", "the deployer; it must be the bound one", "--kind", "KIND"),
            new("drift", "what becomes of fields that somebody else changed: report, repair or adopt; repair when not given", "--drift", "CHOICE"),
            new("adopt", "take over objects of these names that are not gtc's, or of another store", "--adopt"),
            new("dry_run", "ask the cluster what would be, and change nothing", "--dry-run"),
            new("no_wait", "do not wait until everything is healthy", "--no-wait"),
            new("timeout", "how long to wait for that, in seconds; GREENTIC_K8S_WARM_READY_TIMEOUT_SECS or 300 when not given", "--timeout", "S"),
            new("abandon_previous", "leave behind what runs in the namespace or cluster that was answered before", "--abandon-previous"),
            CredentialsGate.Field,
        ],
        ReportsFindings = true,
        RunAsync = RunAsync,
    };

    /// <summary>The answer of a convergence.</summary>
    public static Answer Shown(Converged done, bool isDryRun, VerbCall call)
    {
        var report = done.Report;
        var shown = new ReconcileShown
        {
            EnvironmentId = done.Document.EnvironmentId.ToString(),
            Kind = done.Settings.Kind.ToString(),
            AnswersRef = done.Settings.AnswersRef,
            Identity = done.Identity,
            DryRun = isDryRun,
            ObjectCount = report.Applied.Length,
            AppliedCount = report.Applied.Count(item => item.Outcome != ObjectOutcome.Left),
            CreatedCount = Count(report, ObjectOutcome.Created),
            ChangedCount = Count(report, ObjectOutcome.Changed),
            UnchangedCount = Count(report, ObjectOutcome.Unchanged),
            PrunedCount = report.Pruned.Length,
            Applied = [.. report.Applied.Select(item => Show(item.Item) with { Outcome = item.Outcome.ToString().ToLowerInvariant() })],
            Pruned = [.. report.Pruned.Select(Show)],
            AlreadyAbsent = [.. report.AlreadyAbsent.Select(Show)],
            Drift = [.. report.Drift.Select(field => new DriftShown(field.Item.Kind, field.Item.Namespace, field.Item.Name, field.Field, field.Owners, field.Wanted, field.Found))],
            PodsTold = report.PodsTold,
            Discovered = report.Discovered,
            Devices = done.Fleet is { } fleet ? [.. fleet.Devices.Select(found => new DevicesShown(found.Deployment.ToString(), found.Revision.ToString(), found.WeightBps, found.Devices))] : null,
            DevicesMoved = done.Fleet?.Moved,
            DevicesLabelled = done.Fleet?.Labelled,
            Warnings = call.Warnings,
        };
        return Answer.Of(shown, ClusterJson.Default.ReconcileShown, screen => Print(shown, done, screen)) with { HasFindings = report.Applied.Any(item => item.Outcome == ObjectOutcome.Left) };
    }

    private static async Task<Outcome<Answer>> RunAsync(ReconcilePayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.Open(call, payload.EnvironmentId).TryGet(out var at, out var refusal))
        {
            return refusal;
        }

        if (await LocalReconcile.TryAsync(at, payload, call, cancellationToken) is { } local)
        {
            return local;
        }

        return (await Convergence.RunAsync(at, payload, call, cancellationToken)).Then(done => (Outcome<Answer>)Shown(done, payload.DryRun, call));
    }

    private static int Count(ReconcileReport report, ObjectOutcome outcome) => report.Applied.Count(item => item.Outcome == outcome);

    private static ObjectShown Show(ObjectRef item) => new(item.ApiVersion, item.Kind, item.Namespace, item.Name);

    private static void Print(ReconcileShown shown, Converged done, Screen screen)
    {
        var space = done.Settings.Namespace;
        var would = shown.DryRun ? "would be " : "";
        screen.Say(shown.CreatedCount + shown.ChangedCount + shown.PrunedCount == 0
            ? $"Namespace {space} holds the {shown.ObjectCount} objects of environment {shown.EnvironmentId}; nothing {(shown.DryRun ? "would change" : "changed")}."
            : $"Namespace {space}: {shown.CreatedCount} objects {would}created, {shown.ChangedCount} changed, {shown.PrunedCount} removed; {shown.UnchangedCount} are as they should be.");
        if (!shown.Drift.IsEmpty)
        {
            screen.Table(
                new([new("changed by others"), new("field"), new("by"), new("wanted"), new("found")],
                    [.. shown.Drift.Select(field => (ImmutableArray<string>)[$"{field.Kind} {field.Name}", field.Field, string.Join(", ", field.Owners), field.Wanted ?? "", field.Found ?? ""])]),
                "");
        }

        if (shown.Devices is { Count: > 0 } devices)
        {
            screen.Table(
                new([new("revision"), new("share"), new("devices")],
                    [.. devices.Select(found => (ImmutableArray<string>)[found.RevisionId, Figures.Percent(found.WeightBps), $"{found.Devices}"])]),
                "");
        }

        screen.Facts(
            ("devices moved", shown.DevicesMoved is > 0 ? $"{shown.DevicesMoved}" : null),
            ("as", shown.Identity == "bound" ? "the environment's own identity" : null),
            ("routers told", shown.PodsTold == 0 ? null : $"{shown.PodsTold}"),
            ("reached by", shown.Discovered.GetValueOrDefault("load_balancer_url") ?? shown.Discovered.GetValueOrDefault("router_url")));
    }
}

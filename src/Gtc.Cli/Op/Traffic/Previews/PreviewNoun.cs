using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;
using Gtc.Store.Server;

namespace Gtc.Cli.Op.Traffic.Previews;

/// <summary><c>gtc op traffic preview</c>: doors to single revisions beside the dial.</summary>
internal static class PreviewNoun
{
    /// <summary>The noun's label in envelopes and in the audit log.</summary>
    public const string Label = "traffic.preview";

    /// <summary>What it is.</summary>
    public const string Purpose = "Look at a revision before callers are moved to it";

    /// <summary>Builds the noun.</summary>
    public static Command Create(CliContext context, VerbFlags flags) => NounCommand.Create("preview", Purpose, context,
    [
        new("add", () => PreviewAdd.Verb.Purpose, inner => PreviewAdd.Verb.Create(inner, flags)),
        new("list", () => List.Purpose, inner => List.Create(inner, flags)),
        new("remove", () => Remove.Purpose, inner => Remove.Create(inner, flags)),
    ]);

    /// <summary>The change of an environment that a change of its previews is.</summary>
    public static Outcome<Mutation<PreviewSummary>> Mutation(PreviewChange change) => new Mutation<PreviewSummary>(PreviewSummary.Of(change.Deployment, change.Preview))
    {
        Document = change.Document,
        Target = OpStore.Target(("deployment_id", change.Deployment.DeploymentId.ToString()), ("revision_id", change.Preview.RevisionId.ToString())),
    };

    /// <summary>The preview that a store server answers.</summary>
    public static Outcome<PreviewSummary> Answered(WireAnswer answer) =>
        PreviewSummary.Of(answer.Deployment, answer.Result.GetProperty("preview").Deserialize(ContractJson.Default.RevisionPreview)!);

    /// <summary>A time to come as people read it.</summary>
    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);

    private static Verb<DeploymentPayload> List => new()
    {
        Noun = Label,
        Name = "list",
        Purpose = "List the previews of a deployment, or of all",
        Examples = ["op traffic preview list", "op traffic preview list prod --deployment checkout"],
        Payload = OpJson.Default.DeploymentPayload,
        Fields = [PayloadField.Environment, new("deployment_id", "the deployment, a prefix of its id, or its bundle; all when not given", "--deployment", "ID")],
        RunAsync = ListAsync,
    };

    private static Verb<RemovePreviewPayload> Remove => new()
    {
        Noun = Label,
        Name = "remove",
        Purpose = "Close the preview of a revision",
        Remark = "Its token opens nothing from then on, and its host leads where the routes say. Archiving the revision does the same.",
        Examples = ["op traffic preview remove", "op traffic preview remove prod --deployment checkout --revision 01J97Q"],
        Payload = OpJson.Default.RemovePreviewPayload,
        Fields =
        [
            PayloadField.Environment,
            TrafficNoun.Deployment,
            new("revision_id", "the revision: its id, a prefix of it, or stable, previous or next; the only one with a preview when not given", "--revision", "ID"),
            PayloadField.RetryKey,
        ],
        RunAsync = RemoveAsync,
    };

    private static async Task<Outcome<Answer>> ListAsync(DeploymentPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.Open(call, payload.EnvironmentId).TryGet(out var at, out var refusal)
            || !(await at.LoadAsync(cancellationToken)).TryGet(out var document, out refusal))
        {
            return refusal;
        }

        var asked = payload.DeploymentId is null
            ? document.Bundles
            : Choice.Deployment(document, payload.DeploymentId).Then<ImmutableArray<BundleDeployment>>(deployment => (ImmutableArray<BundleDeployment>)[deployment]);
        return asked.Then(deployments =>
        {
            var list = new PreviewList(at.Environment.ToString(), [.. deployments.SelectMany(deployment => Listed(document, deployment, call.Context.Time.GetUtcNow()))]);
            return (Outcome<Answer>)Answer.Of(list, OpJson.Default.PreviewList, screen => screen.Table(
                new(
                    [new("revision"), new("bundle", 1), new("pointer", 2), new("state", 1), new("host"), new("closes")],
                    [.. list.Previews.Select(preview => (ImmutableArray<string>)
                    [
                        preview.RevisionId,
                        preview.BundleId,
                        string.Join(", ", preview.Pointers),
                        RevisionVerbs.Text(preview.Lifecycle),
                        preview.Host ?? "by token only",
                        preview.Open ? Time(preview.ExpiresAt) : "closed",
                    ])]),
                "No revision has a preview."));
        });
    }

    private static IEnumerable<ListedPreview> Listed(EnvironmentDocument document, BundleDeployment deployment, DateTimeOffset now)
    {
        var pointers = RevisionPointers.Of(document, deployment.DeploymentId);
        return
            from preview in deployment.Previews ?? []
            join revision in document.Revisions on preview.RevisionId equals revision.RevisionId
            select new ListedPreview(
                deployment.DeploymentId.ToString(),
                deployment.BundleId,
                preview.RevisionId.ToString(),
                pointers.NamesOf(preview.RevisionId),
                revision.Lifecycle,
                preview.Host,
                preview.ExpiresAt,
                deployment.Status == DeploymentStatus.Active && preview.IsOpenAt(now) && PreviewRules.CanBeSeen(revision.Lifecycle));
    }

    private static async Task<Outcome<Answer>> RemoveAsync(RemovePreviewPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        var done = await RepeatableChange.RunAsync(
            call,
            payload.EnvironmentId,
            (Label, "remove"),
            [("deployment_id", payload.DeploymentId), ("revision_id", payload.RevisionId)],
            payload.IdempotencyKey,
            RepeatableChange.Request(payload, OpJson.Default.RemovePreviewPayload),
            OpJson.Default.PreviewSummary,
            (document, _, _) => Choice.Deployment(document, payload.DeploymentId).Then(deployment =>
                Previewed(document, deployment, payload.RevisionId).Then(revision => PreviewVerbs.Remove(document, deployment.DeploymentId, revision).Then(Mutation))),
            new(
                (document, _) => Choice.Deployment(document, payload.DeploymentId).Then(deployment => Previewed(document, deployment, payload.RevisionId).Then<WireRequest>(revision =>
                    WireRequest.Bare(HttpMethod.Delete, "previews", deployment.DeploymentId.ToString(), revision.ToString()))),
                Answered),
            cancellationToken);
        return done.Then(summary => (Outcome<Answer>)Answer.Of(summary, OpJson.Default.PreviewSummary, screen => screen.Say($"The preview of {summary.RevisionId} is closed")));
    }

    private static Outcome<RevisionId> Previewed(EnvironmentDocument document, BundleDeployment deployment, string? given) => (given, deployment.Previews ?? []) switch
    {
        ({ } name, _) => Choice.Named(document, deployment, name).Then<RevisionId>(revision => revision.RevisionId),
        (null, [var only]) => only.RevisionId,
        (null, []) => new Refusal.Missing($"no revision of deployment {deployment.DeploymentId} ({deployment.BundleId}) has a preview"),
        (null, var several) => new Refusal.InvalidArgument($"deployment {deployment.DeploymentId} has {several.Length} previews; name one with revision_id=")
        {
            Details = [.. several.Select(preview => new RefusalDetail(preview.RevisionId.ToString(), preview.Host ?? "by token only"))],
        },
    };
}

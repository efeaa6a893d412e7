using System.Collections.Immutable;
using System.CommandLine;
using Gtc.Cli.Op.Environments;
using Gtc.Cli.Op.Traffic.Previews;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;

namespace Gtc.Cli.Op.Traffic;

/// <summary><c>gtc op traffic</c>.</summary>
internal static class TrafficNoun
{
    /// <summary>What it is.</summary>
    public const string Purpose = "The dial between the revisions of a deployment";

    /// <summary>The deployment of a verb on the dial.</summary>
    public static PayloadField Deployment { get; } =
        new("deployment_id", "the deployment, a prefix of its id, or its bundle; the only one when not given", "--deployment", "ID");

    /// <summary>Builds the noun.</summary>
    public static Command Create(CliContext context, VerbFlags flags) => NounCommand.Create("traffic", Purpose, context,
    [
        new("set", TrafficSet.Purpose, inner => TrafficSet.Verb.Create(inner, flags)),
        new("rollback", TrafficUndoVerbs.Rollback.Purpose, inner => TrafficUndoVerbs.Rollback.Create(inner, flags)),
        new("clear", TrafficUndoVerbs.Clear.Purpose, inner => TrafficUndoVerbs.Clear.Create(inner, flags)),
        new("explain", TrafficExplain.Purpose, inner => TrafficExplain.Verb.Create(inner, flags)),
        new("preview", PreviewNoun.Purpose, inner => PreviewNoun.Create(inner, flags)),
        new("token", () => TrafficToken.Verb.Purpose, inner => TrafficToken.Verb.Create(inner, flags)),
        new("show", () => ShowVerb.Purpose, inner => ShowVerb.Create(inner, flags)),
    ]);

    /// <summary>The shares of a split as a table.</summary>
    public static TableView Table(TrafficSplit split, EnvironmentDocument document, Screen screen)
    {
        var pointers = RevisionPointers.Of(document, split.DeploymentId);
        return new(
            [new("revision"), new("share"), new("pointer", 3), new("state", 1), new("staged", 2)],
            [.. split.Entries.Select(entry => Row(entry, pointers, document.Revisions.FirstOrDefault(revision => revision.RevisionId == entry.RevisionId), screen))]);
    }

    private static Verb<DeploymentPayload> ShowVerb => new()
    {
        Noun = "traffic",
        Name = "show",
        Purpose = "Show how the traffic of a deployment is split",
        Remark = "`stable` has the largest share, `previous` is stable again after a rollback, `next` is what comes: the revision whose share rises, or the newest that waits.",
        Examples = ["op traffic show", "op traffic show local --deployment checkout"],
        Payload = OpJson.Default.DeploymentPayload,
        Fields = [PayloadField.Environment, Deployment],
        RunAsync = ShowAsync,
    };

    private static async Task<Outcome<Answer>> ShowAsync(DeploymentPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.Open(call, payload.EnvironmentId).TryGet(out var at, out var refusal)
            || !(await at.LoadAsync(cancellationToken)).TryGet(out var document, out refusal)
            || !Choice.Deployment(document, payload.DeploymentId).TryGet(out var deployment, out refusal))
        {
            return refusal;
        }

        if (TrafficSummary.OfDial(document, deployment.DeploymentId) is not { } summary)
        {
            return new Refusal.Missing($"no traffic goes to deployment {deployment.DeploymentId} ({deployment.BundleId}) yet") { Next = "gtc op traffic set" };
        }

        var pointers = RevisionPointers.Of(document, deployment.DeploymentId);
        return Answer.Of(summary with { Pointers = PointerSummary.Of(pointers) }, OpJson.Default.TrafficSummary, screen =>
        {
            if (document.TrafficSplits.FirstOrDefault(one => one.DeploymentId == deployment.DeploymentId) is not { } split)
            {
                screen.Say($"Traffic of {deployment.BundleId} is cleared · generation {summary.Generation}: nothing is routed to it");
                screen.Facts(("undo", summary.HasPrevious ? $"gtc op traffic rollback {at.Environment} --deployment {deployment.DeploymentId}" : null));
                return;
            }

            screen.Say($"Traffic of {split.BundleId} · generation {split.Generation} · set {screen.Ago(split.UpdatedAt)} by {split.UpdatedBy}");
            screen.Table(Table(split, document, screen), "It has no shares.");
            screen.Facts(("next", pointers.Next is { } next && split.Entries.All(entry => entry.RevisionId != next) ? $"{next}, not routed" : null));
        });
    }

    private static ImmutableArray<string> Row(TrafficShare share, RevisionPointers pointers, Revision? revision, Screen screen) =>
    [
        share.RevisionId.ToString(),
        Figures.Percent(share.WeightBps),
        string.Join(", ", pointers.NamesOf(share.RevisionId)),
        revision is null ? "missing" : RevisionVerbs.Text(revision.Lifecycle),
        revision?.StagedAt is { } staged ? screen.Ago(staged) : "",
    ];
}

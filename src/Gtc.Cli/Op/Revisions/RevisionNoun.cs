using System.Collections.Immutable;
using System.CommandLine;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;

namespace Gtc.Cli.Op.Revisions;

/// <summary><c>gtc op revisions</c>.</summary>
internal static class RevisionNoun
{
    /// <summary>What it is.</summary>
    public const string Purpose = "Revisions of deployments";

    /// <summary>Builds the noun.</summary>
    public static Command Create(CliContext context, VerbFlags flags) => NounCommand.Create("revisions", Purpose, context,
    [
        new("stage", RevisionStage.Purpose, inner => RevisionStage.Verb.Create(inner, flags)),
        new("warm", RevisionWarm.Purpose, inner => RevisionWarm.Verb.Create(inner, flags)),
        new("drain", RevisionSteps.Drain.Purpose, inner => RevisionSteps.Drain.Create(inner, flags)),
        new("archive", RevisionSteps.Archive.Purpose, inner => RevisionSteps.Archive.Create(inner, flags)),
        new("retry", RevisionSteps.Retry.Purpose, inner => RevisionSteps.Retry.Create(inner, flags)),
        new("gc", () => RevisionCollect.Verb.Purpose, inner => RevisionCollect.Verb.Create(inner, flags)),
        new("list", () => ListVerb.Purpose, inner => ListVerb.Create(inner, flags)),
    ]);

    private static Verb<EnvironmentPayload> ListVerb => new()
    {
        Noun = "revisions",
        Name = "list",
        Purpose = "List the revisions of an environment",
        Examples = ["op revisions list", "op revisions list local --format json"],
        Payload = OpJson.Default.EnvironmentPayload,
        Fields = [PayloadField.Environment],
        RunAsync = ListAsync,
    };

    private static async Task<Outcome<Answer>> ListAsync(EnvironmentPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.Open(call, payload.EnvironmentId).TryGet(out var at, out var refusal)
            || !(await at.LoadAsync(cancellationToken)).TryGet(out var document, out refusal))
        {
            return refusal;
        }

        var list = new RevisionList(at.Environment.ToString(), [.. document.Revisions.Select(RevisionSummary.Of)]);
        return Answer.Of(list, OpJson.Default.RevisionList, screen => screen.Table(
            new(
                [new("revision"), new("bundle"), new("#", 2), new("state"), new("staged", 1), new("digest", 3), new("source", 4)],
                [.. document.Revisions.Select(revision => Row(revision, screen))]),
            $"Environment {at.Environment} has no revision."));
    }

    private static ImmutableArray<string> Row(Revision revision, Screen screen) =>
    [
        revision.RevisionId.ToString(),
        revision.BundleId,
        $"{revision.Sequence}",
        RevisionVerbs.Text(revision.Lifecycle),
        revision.StagedAt is { } staged ? screen.Ago(staged) : "",
        Figures.ShortDigest(revision.BundleDigest),
        revision.BundleSourceUri ?? "this host",
    ];
}

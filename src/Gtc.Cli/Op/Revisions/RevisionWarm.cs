using Gtc.Cli.Op.Clusters;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;
using Gtc.Store.Server;

namespace Gtc.Cli.Op.Revisions;

/// <summary><c>gtc op revisions warm</c>: check a staged revision and make it ready for traffic.</summary>
internal static class RevisionWarm
{
    /// <summary>One line.</summary>
    public const string Purpose = "Warm a revision: check it and make it ready for traffic";

    /// <summary>The verb.</summary>
    public static Verb<WarmPayload> Verb => new()
    {
        Noun = "revisions",
        Name = "warm",
        Purpose = Purpose,
        Remark = "A revision that does not pass its health gate becomes `failed`.",
        Examples = ["op revisions warm", "op revisions warm local revision_id=01J9"],
        Payload = OpJson.Default.WarmPayload,
        Fields =
        [
            PayloadField.Environment,
            new("revision_id", "the revision or a prefix of its id; the newest staged one when not given", "--revision", "ID"),
            ThenReconcile.Field,
            PayloadField.RetryKey,
        ],
        RunAsync = async (payload, call, cancellationToken) =>
            await ThenReconcile.RunAsync(await RunAsync(payload, call, cancellationToken), payload.Reconcile, payload.EnvironmentId, call, cancellationToken),
    };

    private static async Task<Outcome<Answer>> RunAsync(WarmPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.Open(call, payload.EnvironmentId).TryGet(out var at, out var refusal))
        {
            return refusal;
        }

        // Packs are hashed before the environment is locked; the verb itself looks at state, signature and revocation under the lock.
        var checkedRevision = await CheckAsync(at, payload, call, cancellationToken);
        var warmed = await RepeatableChange.RunAsync(
            at,
            OpStore.Intent(at.Environment, "revisions", "warm", ("revision_id", payload.RevisionId)),
            payload.IdempotencyKey,
            RepeatableChange.Request(payload, OpJson.Default.WarmPayload),
            call,
            OpJson.Default.RevisionSummary,
            (change, _) => checkedRevision.Then(found => change.Required(at.Environment).Then(document =>
                WarmGate.WithSignature(found.Gate, document, found.Id, change, call.Context.Variable).Then(gate => RevisionVerbs.Warm(document, found.Id, gate, change.Now).Then(Mutation)))),
            new((_, _) => checkedRevision.Then<WireRequest>(asked => Asked(asked)), answer => RevisionSummary.Of(answer.Revision)),
            cancellationToken);
        return warmed.Then(summary => (Outcome<Answer>)Answer.Of(summary, OpJson.Default.RevisionSummary, screen =>
        {
            screen.Say($"Revision {summary.RevisionId} is ready.");
            screen.Facts(("next", "gtc op traffic set"));
        }));
    }

    private static WireRequest Asked(Checked found) => WireRequest.With(
        HttpMethod.Post,
        ContractJson.Default.WarmBody,
        new WarmBody(found.Id, GateBody.Of(found.Gate), found.Lifecycle),
        "revisions",
        found.Id.ToString(),
        "warm");

    private static Outcome<Mutation<RevisionSummary>> Mutation(WarmedRevision warmed) => new Mutation<RevisionSummary>(RevisionSummary.Of(warmed.Revision))
    {
        Document = warmed.Document,
        Target = OpStore.Target(("revision_id", warmed.Revision.RevisionId.ToString()), ("deployment_id", warmed.Revision.DeploymentId.ToString())),
        RefreshesRuntimeConfig = true,
        CommittedRefusal = warmed.GateFailure,
    };

    private static async Task<Outcome<Checked>> CheckAsync(OpPlace at, WarmPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!(await at.LoadAsync(cancellationToken)).TryGet(out var document, out var refusal))
        {
            return refusal;
        }

        var chosen = payload.RevisionId is null ? Choice.Newest(document, null, RevisionLifecycle.Staged) : Choice.Revision(document, payload.RevisionId);
        if (!chosen.TryGet(out var revision, out refusal))
        {
            return refusal;
        }

        var gate = await RevisionBytes.CheckAsync(at, document, revision, call, cancellationToken);
        return gate.Then<Checked>(found => new Checked(revision.RevisionId, found, revision.Lifecycle));
    }

    private sealed record Checked(RevisionId Id, HealthGate Gate, RevisionLifecycle Lifecycle);
}

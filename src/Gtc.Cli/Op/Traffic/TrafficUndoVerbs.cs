using System.Collections.Immutable;
using Gtc.Cli.Op.Clusters;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;
using Gtc.Store.Server;

namespace Gtc.Cli.Op.Traffic;

/// <summary>The verbs that turn the dial back and take it away: <c>rollback</c> and <c>clear</c>.</summary>
internal static class TrafficUndoVerbs
{
    /// <summary>One step back.</summary>
    public static Verb<RollbackPayload> Rollback => new()
    {
        Noun = "traffic",
        Name = "rollback",
        Purpose = "Turn the dial back to what it was before, once",
        Remark = "It restores the shares before a `set`, the split before a `clear`, and no routing where there was none. Every revision of theirs must still be ready.",
        Examples = ["op traffic rollback", "op traffic rollback prod --deployment checkout --idempotency-key back-7"],
        Payload = OpJson.Default.RollbackPayload,
        Fields = [PayloadField.Environment, TrafficNoun.Deployment, ThenReconcile.Field, PayloadField.RetryKey],
        RunAsync = RollbackAsync,
    };

    /// <summary>Out of routing.</summary>
    public static Verb<ClearTrafficPayload> Clear => new()
    {
        Noun = "traffic",
        Name = "clear",
        Purpose = "Take a deployment out of routing; its requests are answered by nobody",
        Remark = "It is a generation of its own, and `traffic rollback` undoes it. Clearing what is cleared changes nothing.",
        Examples = ["op traffic clear", "op traffic clear prod --deployment checkout"],
        Payload = OpJson.Default.ClearTrafficPayload,
        Fields =
        [
            PayloadField.Environment,
            TrafficNoun.Deployment,
            new("updated_by", "who clears it; `operator` when not given", "--updated-by", "NAME"),
            ThenReconcile.Field,
            PayloadField.RetryKey,
        ],
        RunAsync = ClearAsync,
    };

    private static async Task<Outcome<Answer>> RollbackAsync(RollbackPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        var done = await RepeatableChange.RunAsync(
            call,
            payload.EnvironmentId,
            ("traffic", "rollback"),
            [("deployment_id", payload.DeploymentId)],
            payload.IdempotencyKey,
            RepeatableChange.Request(payload, OpJson.Default.RollbackPayload),
            OpJson.Default.TrafficSummary,
            (document, change, _) => Choice.Deployment(document, payload.DeploymentId)
                .Then(deployment => TrafficUndo.Rollback(document, deployment.DeploymentId, change.Now).Then(turned =>
                    RevocationGate.Routed(document, turned.Document, change, call.Context.Variable).Then(_ => Mutation(turned, deployment.DeploymentId)))),
            new(
                (document, _) => Choice.Deployment(document, payload.DeploymentId).Then<WireRequest>(deployment =>
                    WireRequest.With(HttpMethod.Post, ContractJson.Default.RollbackBody, new RollbackBody(deployment.DeploymentId), "traffic", "rollback")),
                Answered),
            cancellationToken);
        return await ThenReconcile.RunAsync(done.Then(dial => Shown(dial, "is turned back")), payload.Reconcile, payload.EnvironmentId, call, cancellationToken);
    }

    private static async Task<Outcome<Answer>> ClearAsync(ClearTrafficPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        var done = await RepeatableChange.RunAsync(
            call,
            payload.EnvironmentId,
            ("traffic", "clear"),
            [("deployment_id", payload.DeploymentId)],
            payload.IdempotencyKey,
            RepeatableChange.Request(payload, OpJson.Default.ClearTrafficPayload),
            OpJson.Default.TrafficSummary,
            (document, change, key) => Choice.Deployment(document, payload.DeploymentId)
                .Then(deployment => TrafficUndo.Clear(document, new(deployment.DeploymentId, payload.UpdatedBy ?? "operator", key), change.Now)
                    .Then(turned => Mutation(turned, deployment.DeploymentId))),
            new(
                (document, _) => Choice.Deployment(document, payload.DeploymentId).Then<WireRequest>(deployment =>
                    WireRequest.With(HttpMethod.Post, ContractJson.Default.ClearBody, new ClearBody(deployment.DeploymentId, payload.UpdatedBy ?? "operator"), "traffic", "clear")),
                Answered),
            cancellationToken);
        return await ThenReconcile.RunAsync(done.Then(dial => Shown(dial, "is cleared")), payload.Reconcile, payload.EnvironmentId, call, cancellationToken);
    }

    private static Outcome<TrafficSummary> Answered(WireAnswer answer) => TrafficSummary.OfDial(answer.Document, answer.Id<DeploymentId>("deployment_id"))!;

    private static Outcome<Mutation<TrafficSummary>> Mutation(DialChange change, DeploymentId id) => new Mutation<TrafficSummary>(TrafficSummary.OfDial(change.Document, id)!)
    {
        Document = change.NewGeneration is null ? null : change.Document,
        PreviousGeneration = change.PreviousGeneration,
        NewGeneration = change.NewGeneration,
        RefreshesRuntimeConfig = true,
        Target = OpStore.Target(("deployment_id", id.ToString())),
    };

    private static Outcome<Answer> Shown(TrafficSummary dial, string how) => Answer.Of(dial, OpJson.Default.TrafficSummary, screen =>
    {
        screen.Say($"Traffic of {dial.BundleId} {how} · generation {dial.Generation}");
        screen.Table(
            new([new("revision"), new("share")], [.. dial.Entries.Select(entry => (ImmutableArray<string>)[entry.RevisionId, Figures.Percent(entry.WeightBps)])]),
            $"Nothing is routed to {dial.BundleId}.");
        screen.Facts(("undo", dial.HasPrevious ? $"gtc op traffic rollback {dial.EnvironmentId} --deployment {dial.DeploymentId}" : null));
    });
}

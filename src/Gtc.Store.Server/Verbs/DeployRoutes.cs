using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Gtc.Model;

namespace Gtc.Store.Server;

/// <summary>A whole deploy as one change: add, stage, warm, settings and traffic (op-cli.md §9).</summary>
internal static class DeployRoutes
{
    /// <summary>The routes.</summary>
    public static IReadOnlyList<ChangeRoute> All { get; } =
    [
        ChangeRoute.With("POST", "/environments/{env_id}/deploy", "deploy", "run", "Adds a deployment where there is none, stages and warms its revisions, and sets its settings and traffic", ContractJson.Default.DeployBody, Run),
    ];

    private static Outcome<Planned> Run(Asked asked, DeployBody body)
    {
        var work = body.Work;
        if (work.Stages.Any(stage => stage.DeploymentId != work.DeploymentId)
            || (work.Add?.DeploymentId ?? work.DeploymentId) != work.DeploymentId
            || (work.Overrides?.DeploymentId ?? work.DeploymentId) != work.DeploymentId
            || (work.Traffic?.DeploymentId ?? work.DeploymentId) != work.DeploymentId)
        {
            return new Refusal.InvalidArgument("every deployment_id of the work must be the same");
        }

        var gates = new Dictionary<RevisionId, HealthGate>();
        foreach (var stated in body.Gates)
        {
            if (!StatedGate.Of(stated.HealthGate).TryGet(out var gate, out var refusal))
            {
                return refusal;
            }

            gates[stated.RevisionId] = gate;
        }

        return new Planned(Target(asked, work, null), context => Step(asked, work, gates, context)) { Deployment = _ => work.DeploymentId };
    }

    private static Outcome<Change> Step(Asked asked, DeployWork work, Dictionary<RevisionId, HealthGate> gates, ChangeContext context)
    {
        var sides = TypedSides.None;
        var effects = new DeployEffects
        {
            Issue = deployment => PolicyIssue.Of(asked.OperatorKey, context, deployment).Then<BundleDeployment>(issued =>
            {
                sides = sides.SetItems(TypedSides.Of(issued.Policy));
                return issued.Deployment;
            }),
            Sign = (document, revision) => Revocations.Sign(asked.OperatorKey, context, document, revision).Then<EnvironmentDocument>(signed => signed.Document),
            Gate = (document, revision) => gates.TryGetValue(revision.RevisionId, out var gate)
                ? StatedGate.WithSignature(gate, context, document, revision.RevisionId)
                : new Refusal.InvalidArgument($"gates says nothing of revision {revision.RevisionId}"),
        };
        return ApplySteps.Deploy(context.Present, work, effects, context.Now).Then(after =>
        {
            var routed = context.Present.TrafficSplits.FirstOrDefault(split => split.DeploymentId == work.DeploymentId);
            var result = new JsonObject
            {
                ["reused_deployment"] = work.Add is null,
                ["superseded_revisions"] = new JsonArray([.. (routed?.Entries ?? []).Select(entry => (JsonNode)entry.RevisionId.ToString())]),
            };
            return Revocations.Routed(context, new Change(Wire.Answer(result) with { Place = DocumentPlace.Member }) { Document = after, Sides = sides, Target = Target(asked, work, after) });
        });
    }

    private static JsonObject Target(Asked asked, DeployWork work, EnvironmentDocument? after) => Wire.Target(
        asked.Environment,
        ("deployment_id", work.DeploymentId.ToString()),
        ("revision_id", work.Stages is [var only] ? only.RevisionId.ToString() : null),
        ("revision_ids", work.Stages is [] or [_] ? null : string.Join(' ', work.Stages.Select(stage => stage.RevisionId))),
        ("bundle_id", work.Add?.BundleId ?? after?.Bundles.First(deployment => deployment.DeploymentId == work.DeploymentId).BundleId));
}

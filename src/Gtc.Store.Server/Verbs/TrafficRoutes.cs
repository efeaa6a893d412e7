using System.Text.Json.Nodes;
using Gtc.Model;

namespace Gtc.Store.Server;

/// <summary>The verbs on the dial.</summary>
internal static class TrafficRoutes
{
    private const string Traffic = "/environments/{env_id}/traffic";

    /// <summary>The routes.</summary>
    public static IReadOnlyList<ChangeRoute> All { get; } =
    [
        ChangeRoute.With("POST", Traffic, "traffic", "set", "Sets which share of a deployment's traffic each revision takes", ContractJson.Default.TrafficBody, Set),
        ChangeRoute.With("POST", Traffic + "/rollback", "traffic", "rollback", "Turns a dial back, once", ContractJson.Default.RollbackBody, Rollback),
        ChangeRoute.With("POST", Traffic + "/clear", "traffic", "clear", "Takes a deployment out of routing", ContractJson.Default.ClearBody, Clear),
    ];

    private static Outcome<Planned> Set(Asked asked, TrafficBody body)
    {
        SetTraffic Command(EnvironmentDocument document) => new()
        {
            DeploymentId = body.DeploymentId,
            Entries = body.Entries,
            UpdatedBy = body.UpdatedBy,
            IdempotencyKey = body.KeepsSame && document.TrafficSplits.FirstOrDefault(split => split.DeploymentId == body.DeploymentId) is { } split && TrafficVerbs.SameShares(split.Entries, body.Entries)
                ? split.IdempotencyKey
                : asked.Key,
            AuthorizationRef = body.AuthorizationRef ?? "auth.json",
        };
        return Planned(asked, body.DeploymentId, context => TrafficVerbs.Set(context.Present, Command(context.Present), context.Now).Then(change =>
        {
            var result = Generations(change.PreviousGeneration, change.NewGeneration);
            result["split"] = Wire.Node(change.Split, ContractJson.Default.TrafficSplit);
            return Revocations.Routed(context, Changed(asked, body.DeploymentId, result, change.NewGeneration, change.Document));
        }));
    }

    private static Outcome<Planned> Rollback(Asked asked, RollbackBody body) => Planned(asked, body.DeploymentId, context =>
        TrafficUndo.Rollback(context.Present, body.DeploymentId, context.Now).Then(change => Revocations.Routed(context, Turned(asked, body.DeploymentId, change, "restored"))));

    private static Outcome<Planned> Clear(Asked asked, ClearBody body) => Planned(asked, body.DeploymentId, context =>
        TrafficUndo.Clear(context.Present, new ClearTraffic(body.DeploymentId, body.UpdatedBy, asked.Key), context.Now).Then<Change>(change => Turned(asked, body.DeploymentId, change, "split")));

    private static Planned Planned(Asked asked, DeploymentId deployment, Func<ChangeContext, Outcome<Change>> step) =>
        new(Wire.Target(asked.Environment, ("deployment_id", deployment.ToString())), step) { Deployment = _ => deployment };

    private static Change Turned(Asked asked, DeploymentId deployment, DialChange change, string member)
    {
        var result = Generations(change.PreviousGeneration, change.NewGeneration);
        result[member] = change.Split is null ? null : Wire.Node(change.Split, ContractJson.Default.TrafficSplit);
        return Changed(asked, deployment, result, change.NewGeneration, change.Document);
    }

    private static JsonObject Generations(ulong? previous, ulong? next) => new() { ["previous_generation"] = previous, ["new_generation"] = next };

    private static Change Changed(Asked asked, DeploymentId deployment, JsonObject result, ulong? generation, EnvironmentDocument document)
    {
        var target = Wire.Target(asked.Environment, ("deployment_id", deployment.ToString()));
        target["split_generation"] = generation;
        return new Change(Wire.Answer(result) with { Place = DocumentPlace.Member }) { Document = generation is null ? null : document, Target = target };
    }
}

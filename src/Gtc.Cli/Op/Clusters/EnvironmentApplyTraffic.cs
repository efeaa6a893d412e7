using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op.Clusters;

/// <summary><c>gtc op env apply-traffic</c>: hand the recorded shares of one deployment to a deployer that keeps its own.</summary>
internal static class EnvironmentApplyTraffic
{
    private const string LocalProcess = "greentic.deployer.local-process";

    /// <summary>The verb.</summary>
    public static Verb<ApplyTrafficPayload> Verb => new()
    {
        Noun = "env",
        Name = "apply-traffic",
        Purpose = "Put the recorded shares of one deployment in force",
        Remark = "Workers on this machine follow the store by themselves, so this checks the shares and says them. Traffic of a Kubernetes environment goes with env reconcile, and this refuses.",
        Examples = ["op env apply-traffic local", "op env apply-traffic prod checkout"],
        Payload = ClusterJson.Default.ApplyTrafficPayload,
        Fields =
        [
            PayloadField.Environment,
            new("deployment_id", "the deployment: an id, a prefix of it, or its bundle; the only one when not given", "--deployment", "ID", "DEPLOYMENT"),
            new("kind", "the deployer; it must be the bound one", "--kind", "KIND"),
        ],
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(ApplyTrafficPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        if (!OpStore.Open(call, payload.EnvironmentId).TryGet(out var at, out var refusal))
        {
            return refusal;
        }

        var intent = OpStore.Intent(at.Environment, "env", "apply-traffic", ("deployment_id", payload.DeploymentId));
        var done = await at.Store.MutateAsync<TrafficApplied>(
            intent,
            change => change.Required(at.Environment).Then(document => Apply(document, payload)).Then(applied => (Outcome<Mutation<TrafficApplied>>)new Mutation<TrafficApplied>(applied) { RefreshesRuntimeConfig = true }),
            cancellationToken);
        return done.Then(applied => (Outcome<Answer>)Answer.Of(applied, ClusterJson.Default.TrafficApplied, screen =>
            screen.Say($"Deployment {applied.DeploymentId}: {string.Join(", ", applied.AppliedEntries.Select(entry => $"{entry.RevisionId} {Figures.Percent(entry.WeightBps)}"))}.")));
    }

    private static Outcome<TrafficApplied> Apply(EnvironmentDocument document, ApplyTrafficPayload payload) =>
        DeployerKind.Resolve(document, payload.Kind, "apply-traffic", isLive: true)
            .Then(kind => kind.Path == LocalProcess ? (Outcome<PackDescriptor>)kind : new Refusal.Conflict($"`{kind}` takes no shares by themselves")
            {
                Next = kind.Path == DeployerKind.Kubernetes ? $"gtc op env reconcile {document.EnvironmentId}" : null,
            })
            .Then(kind => Choice.Deployment(document, payload.DeploymentId)
                .Then(deployment => DeployerChecks.Find(document, deployment.DeploymentId))
                .Then(split => (Outcome<TrafficApplied>)new TrafficApplied(
                    document.EnvironmentId.ToString(),
                    kind.ToString(),
                    split.DeploymentId.ToString(),
                    "ambient",
                    [.. split.Entries.Select(entry => new AppliedShare(entry.RevisionId.ToString(), entry.WeightBps))])));
}

using System.Collections.Immutable;
using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Deployers.Fleet;
using Gtc.Model;
using Gtc.Store;
using Gtc.Store.Server;

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
        Remark = "Workers on this machine follow the store by themselves, so this checks the shares and says them. In a fleet devices are given their revisions, and nothing is waited for.\n"
            + "Traffic of a Kubernetes environment goes with env reconcile, and this refuses.",
        Examples = ["op env apply-traffic local", "op env apply-traffic prod checkout"],
        Payload = ClusterJson.Default.ApplyTrafficPayload,
        Fields =
        [
            PayloadField.Environment,
            new("deployment_id", "the deployment: an id, a prefix of it, or its bundle; the only one when not given", "--deployment", "ID", "DEPLOYMENT"),
            new("kind", "the deployer; it must be the bound one", "--kind", "KIND"),
            CredentialsGate.Field,
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
        var loaded = await at.LoadAsync(cancellationToken);
        var isFleet = loaded.Match(document => document.Packs.Any(pack => pack.Slot == CapabilitySlot.Deployer && pack.Kind.Path == DeployerKind.Fleet), _ => false);
        if (!(isFleet ? await ToFleetAsync(payload, intent, at, call, cancellationToken) : loaded.Then(document => Check(document, payload, intent))).TryGet(out var work, out refusal))
        {
            return await at.RefuseAsync(intent, refusal, cancellationToken);
        }

        return (await at.WorkAsync(work, cancellationToken)).Then(Shown);
    }

    private static Outcome<Answer> Shown(TrafficApplied applied) => Answer.Of(applied, ClusterJson.Default.TrafficApplied, screen =>
        screen.Say($"Deployment {applied.DeploymentId}: {string.Join(", ", applied.AppliedEntries.Select(entry => $"{entry.RevisionId} {Figures.Percent(entry.WeightBps)}"))}."));

    private static OutsideWork<TrafficApplied> Work(MutationIntent intent, EnvironmentDocument document, DeploymentId deployment, Func<CancellationToken, Task<Outcome<TrafficApplied>>> run) => new(intent, document)
    {
        Permission = WireRequest.With(HttpMethod.Post, ContractJson.Default.RollbackBody, new RollbackBody(deployment), "traffic", "apply"),
        RunAsync = run,
    };

    /// <summary>Gives devices their revisions; nothing is waited for.</summary>
    private static async Task<Outcome<OutsideWork<TrafficApplied>>> ToFleetAsync(ApplyTrafficPayload payload, MutationIntent intent, OpPlace at, VerbCall call, CancellationToken cancellationToken)
    {
        if (!(await Convergence.PrepareAsync(at, payload.Kind, "apply-traffic", SecretContent.Completed, call, cancellationToken)).TryGet(out var prepared, out var refusal)
            || !(await CredentialsGate.PassAsync(prepared.Document, payload.RequireValidCredentials, at, call, cancellationToken)).TryGet(out _, out refusal)
            || !Choice.Deployment(prepared.Document, payload.DeploymentId).TryGet(out var deployment, out refusal))
        {
            return refusal;
        }

        return Work(intent, prepared.Document, deployment.DeploymentId, stop => GiveAsync(prepared, deployment.DeploymentId, at, call, stop));
    }

    private static async Task<Outcome<TrafficApplied>> GiveAsync(Prepared prepared, DeploymentId deployment, OpPlace at, VerbCall call, CancellationToken cancellationToken)
    {
        if (!(await StoreIdentity.LabelAsync(at, call, cancellationToken)).TryGet(out var store, out var refusal)
            || !(await ClusterAccess.OpenAsync(prepared.Document, prepared.Settings, at, call, cancellationToken)).TryGet(out var access, out refusal))
        {
            return refusal;
        }

        using (access)
        {
            if (!(await PlaceRecord.BeginAsync(at, prepared.Settings, call, cancellationToken)).TryGet(out _, out refusal))
            {
                return refusal;
            }

            var fleet = ((ClusterSettings.OfFleet)prepared.Settings).Fleet;
            var options = new ReconcileOptions { IsBound = access.IsBound, Store = store, Progress = Convergence.Progress(call) };
            return (await new FleetDeployer(access.Client, (_, _) => fleet, options, call.Context.Time).ApplyTrafficSplitAsync(prepared.Document, deployment, null, cancellationToken))
                .Then<TrafficApplied>(applied => Applied(prepared.Document, prepared.Settings.Kind, access.Identity, applied.AppliedDeploymentId, applied.AppliedEntries));
        }
    }

    private static TrafficApplied Applied(EnvironmentDocument document, PackDescriptor kind, string identity, DeploymentId deployment, ImmutableArray<TrafficShare> shares) => new(
        document.EnvironmentId.ToString(),
        kind.ToString(),
        deployment.ToString(),
        identity,
        [.. shares.Select(share => new AppliedShare(share.RevisionId.ToString(), share.WeightBps))]);

    private static Outcome<PackDescriptor> TakesShares(PackDescriptor kind, EnvironmentDocument document, ApplyTrafficPayload payload) => (kind.Path, payload.RequireValidCredentials) switch
    {
        (LocalProcess, false) => kind,
        (LocalProcess, true) => new Refusal.InvalidArgument($"--require-valid-credentials is about a cluster, and environment `{document.EnvironmentId}` runs on this machine"),
        _ => new Refusal.Conflict($"`{kind}` takes no shares by themselves") { Next = kind.Path == DeployerKind.Kubernetes ? $"gtc op env reconcile {document.EnvironmentId}" : null },
    };

    /// <summary>Workers on this machine follow the store: there is nothing to do but to say what is in force.</summary>
    private static Outcome<OutsideWork<TrafficApplied>> Check(EnvironmentDocument document, ApplyTrafficPayload payload, MutationIntent intent) =>
        DeployerKind.Resolve(document, payload.Kind, "apply-traffic", isLive: true)
            .Then(kind => TakesShares(kind, document, payload))
            .Then(kind => Choice.Deployment(document, payload.DeploymentId)
                .Then(deployment => DeployerChecks.Find(document, deployment.DeploymentId))
                .Then<OutsideWork<TrafficApplied>>(split =>
                {
                    Outcome<TrafficApplied> applied = Applied(document, kind, "ambient", split.DeploymentId, split.Entries);
                    return Work(intent, document, split.DeploymentId, _ => Task.FromResult(applied)) with { OnFiles = static (_, done) => new Mutation<TrafficApplied>(done) { RefreshesRuntimeConfig = true } };
                }));
}

using System.Collections.Immutable;
using Gtc.Cli.Op.Revisions;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;
using Gtc.Store.Server;

namespace Gtc.Cli.Op.Apply;

/// <summary>The parts of a deploy that need files, done before the environment is locked.</summary>
internal sealed class DeployPreparation(OpPlace at, OperatorKeyFile keys, VerbCall call)
{
    /// <summary>Prepares a deploy and hands it to the change. What was unpacked for revisions that do not stand afterwards is removed.</summary>
    /// <param name="current">The environment.</param>
    /// <param name="work">What is to be done; each bundle must have the digest that its stage says.</param>
    /// <param name="pathOf">The absolute path of a bundle file.</param>
    /// <param name="change">Does it, or records the refusal.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<Outcome<T>> RunAsync<T>(
        EnvironmentDocument current, DeployWork work, Func<string, string> pathOf, Func<Outcome<PreparedDeploy>, Task<Outcome<T>>> change, CancellationToken cancellationToken)
    {
        if (work.Paths.IsEmpty)
        {
            return await change(await PrepareAsync(null, current, work, pathOf, cancellationToken));
        }

        // Held until the revisions stand in the document: a folder without a revision is what `revisions gc` deletes.
        if (!(await RevisionBytes.TakeAsync(at, cancellationToken)).TryGet(out var bytes, out var refusal))
        {
            return await change(refusal);
        }

        await using (bytes)
        {
            return await change(await PrepareAsync(bytes, current, work, pathOf, cancellationToken));
        }
    }

    /// <summary>Unpacks and pins every bundle that comes from a file, and checks each revision as a worker would find it.</summary>
    private async Task<Outcome<PreparedDeploy>> PrepareAsync(RevisionBytes? bytes, EnvironmentDocument current, DeployWork work, Func<string, string> pathOf, CancellationToken cancellationToken)
    {
        var bundle = work.Add?.BundleId ?? current.Bundles.First(deployment => deployment.DeploymentId == work.DeploymentId).BundleId;
        var stages = ImmutableArray.CreateBuilder<StageRevision>(work.Stages.Length);
        foreach (var stage in work.Stages)
        {
            var pinned = await PinAsync(bytes, stage, work.Paths.GetValueOrDefault(stage.RevisionId), bundle, pathOf, cancellationToken);
            if (!pinned.TryGet(out var complete, out var refusal))
            {
                return refusal;
            }

            stages.Add(complete);
        }

        var ready = work with { Stages = stages.MoveToImmutable() };
        if (!ApplySteps.Deploy(current, ready, DeployEffects.None, call.Context.Time.GetUtcNow()).TryGet(out var after, out var refused))
        {
            return refused;
        }

        var gates = ImmutableDictionary.CreateBuilder<RevisionId, HealthGate>();
        foreach (var revision in after.Revisions.Where(revision => ready.Stages.Any(stage => stage.RevisionId == revision.RevisionId)))
        {
            var gate = bytes is null
                ? await RevisionBytes.CheckAsync(at, after, revision, call, cancellationToken)
                : WarmGate.Check(after, revision, bytes.Layout, cancellationToken);
            if (!gate.TryGet(out var found, out refused))
            {
                return refused;
            }

            gates.Add(revision.RevisionId, found);
        }

        return new PreparedDeploy(ready, gates.ToImmutable(), keys, call);
    }

    private async Task<Outcome<StageRevision>> PinAsync(RevisionBytes? bytes, StageRevision stage, string? path, string bundle, Func<string, string> pathOf, CancellationToken cancellationToken) => path is null || bytes is null
        ? stage
        : (await bytes.UnpackAsync(stage.RevisionId, bundle, pathOf(path), stage.BundleDigest, call, cancellationToken))
            .Then(found => (Outcome<StageRevision>)RevisionBundle.Pin(stage, found));
}

/// <summary>A deploy that only the environment's lock is missing for.</summary>
/// <param name="Work">What is to be done, complete.</param>
/// <param name="Gates">What was found on disk.</param>
/// <param name="Keys">Signs revisions and policies.</param>
/// <param name="Call">Is told what is not signed.</param>
internal sealed record PreparedDeploy(DeployWork Work, ImmutableDictionary<RevisionId, HealthGate> Gates, OperatorKeyFile Keys, VerbCall Call)
{
    /// <summary>The same as a store server is asked for it.</summary>
    public WireRequest Asked() => WireRequest.With(
        HttpMethod.Post,
        ContractJson.Default.DeployBody,
        new DeployBody(Work with { Paths = ImmutableDictionary<RevisionId, string>.Empty }, [.. Gates.Select(gate => new DeployGateBody(gate.Key, GateBody.Of(gate.Value)))]),
        "deploy");

    /// <summary>Does it, inside a change. A ready revision is routed without being warmed again, so that it was not revoked since is asked of what is routed.</summary>
    public Outcome<EnvironmentDocument> Apply(MutationContext context, EnvironmentDocument document) => ApplySteps.Deploy(
        document,
        Work,
        new DeployEffects
        {
            Issue = deployment => new RevenuePolicies(Keys).Issue(context, deployment),
            Sign = (staged, revision) => RevisionStage.SignAsPermitted(context, staged, revision, Keys, Call).Then<EnvironmentDocument>(signed =>
            {
                if (signed.Warning is { } warning)
                {
                    Call.Warn(warning);
                }

                return signed.Document;
            }),
            Gate = (staged, revision) => WarmGate.WithSignature(Gates[revision.RevisionId], staged, revision.RevisionId, context, Call.Context.Variable),
        },
        context.Now).Then(after => RevocationGate.Routed(document, after, context, Call.Context.Variable));
}

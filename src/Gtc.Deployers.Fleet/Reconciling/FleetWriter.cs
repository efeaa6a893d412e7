using System.Text.Json;
using System.Text.Json.Nodes;
using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Deployers.Fleet;

/// <summary>Writes what a plan says: labels of devices at once, Deployments one after the other.</summary>
internal sealed class FleetWriter(KubeClient client, EnvironmentDocument document, FleetSettings settings, ReconcileOptions options, TimeProvider time)
{
    private const int LabelsAtOnce = 8;

    private readonly ObjectWriter _objects = new(client, options, time);

    /// <summary>The Deployments as they are after what was written.</summary>
    public Dictionary<RevisionId, JsonElement> Written { get; } = [];

    /// <summary>How many labels were written.</summary>
    public int Labelled { get; private set; }

    /// <summary>Writes a plan.</summary>
    /// <param name="deployment">The deployment.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="live">Its Deployments as they are.</param>
    /// <param name="cancellationToken">Stops it between two writes; the next run plans anew.</param>
    public async Task<Refusal?> WriteAsync(DeploymentId deployment, DevicePlan plan, IReadOnlyDictionary<RevisionId, JsonElement> live, CancellationToken cancellationToken)
    {
        foreach (var stage in plan.Stages)
        {
            if (await LabelAsync(deployment, stage, cancellationToken) is { } unlabelled)
            {
                return unlabelled;
            }

            foreach (var change in stage.Claims)
            {
                var found = document.Revisions.FirstOrDefault(revision => revision.RevisionId == change.Revision);
                var present = Written.TryGetValue(change.Revision, out var known) ? known : live.GetValueOrDefault(change.Revision);
                if (await (found is null ? ParkAsync(present, deployment, change, cancellationToken) : ApplyAsync(found, change.Claim, present, cancellationToken)) is { } failed)
                {
                    return failed;
                }
            }
        }

        return null;
    }

    /// <summary>Writes the Deployment of a revision, if it is not as it should be.</summary>
    public async Task<Refusal?> ApplyAsync(Revision revision, DeviceClaim claim, JsonElement present, CancellationToken cancellationToken)
    {
        var wanted = OwnershipGuard.Stamped(FleetRenderer.Deployment(document, revision, claim, settings), options);
        var planned = PlannedObject.Of(ObjectRef.Of(wanted), KubeJson.ToElement(wanted), present, options.Drift);
        if (!planned.IsWritten)
        {
            return null;
        }

        options.Progress?.Invoke($"{(planned.Outcome == ObjectOutcome.Created ? "create" : "change"),-8} Deployment {planned.Name.Name}");
        return await KeptAsync(revision.RevisionId, planned, cancellationToken);
    }

    /// <summary>A revision that the environment does not know any more claims nobody; what else its Deployment says is left as it is.</summary>
    private async Task<Refusal?> ParkAsync(JsonElement present, DeploymentId deployment, ClaimChange change, CancellationToken cancellationToken)
    {
        var name = ObjectRef.Of(FleetReading.Deployments, present);
        var nobody = DeviceSelectors.Of(new(), FleetNames.Label(document.EnvironmentId, deployment), change.Revision, change.Claim);
        var requirements = new JsonArray([.. nobody.MatchExpressions.Select(requirement => new JsonObject { ["key"] = requirement.Key, ["operator"] = requirement.Operator })]);
        var patch = new JsonObject { ["spec"] = new JsonObject { ["targetSelector"] = new JsonObject { ["matchExpressions"] = requirements } } };
        if (options.IsDryRun)
        {
            return null;
        }

        var result = await client.MergeAsync(name.Known, name.Namespace, name.Name, JsonElement.Parse(patch.ToJsonString()), ObjectWriter.FieldManager, cancellationToken);
        if (result.Error is { } error)
        {
            return error.Kind == KubeErrorKind.NotFound ? null : Provider.Failed($"changing {name}", error);
        }

        using var answer = result.Value!;
        Written[change.Revision] = answer.RootElement.Clone();
        return null;
    }

    private async Task<Refusal?> KeptAsync(RevisionId revision, PlannedObject planned, CancellationToken cancellationToken)
    {
        if (!(await _objects.ApplyAsync(planned, cancellationToken)).TryGet(out var live, out var refusal))
        {
            return refusal;
        }

        Written[revision] = live;
        return null;
    }

    /// <summary>A merge patch and no apply: it never makes a device that has gone, and knows nothing of labels of other deployments.</summary>
    private async Task<Refusal?> LabelAsync(DeploymentId deployment, PlanStage stage, CancellationToken cancellationToken)
    {
        if (stage.Labels.IsEmpty || options.IsDryRun)
        {
            return null;
        }

        options.Progress?.Invoke($"label    {stage.Labels.Length} devices");
        var key = FleetNames.Label(document.EnvironmentId, deployment);
        Refusal? failed = null;
        var written = 0;
        var atOnce = new ParallelOptions { MaxDegreeOfParallelism = LabelsAtOnce, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(stage.Labels, atOnce, async (pair, stop) =>
        {
            if (Volatile.Read(ref failed) is not null)
            {
                return;
            }

            var change = new JsonObject { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { [key] = pair.Value.ToString() } } };
            var result = await client.MergeAsync(FleetReading.Devices, null, pair.Key, JsonElement.Parse(change.ToJsonString()), FleetNames.DeviceManager, stop);
            result.Value?.Dispose();
            if (result.Error is null)
            {
                Interlocked.Increment(ref written);
            }
            else if (result.Error.Kind != KubeErrorKind.NotFound)
            {
                Interlocked.CompareExchange(ref failed, Provider.Failed($"labelling device {pair.Key}", result.Error), null);
            }
        });
        Labelled += written;
        return failed;
    }
}

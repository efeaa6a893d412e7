using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Deployers.Fleet;

/// <summary>
/// Makes the cluster of a fleet hold what an environment wants: reads Deployments and devices, refuses before the first write what is somebody else's,
/// brings devices from revision to revision, waits until they run, and removes the Deployments of revisions that run no more. A run that finds nothing
/// to change writes nothing; one that was cut off is gone on with by the next.
/// </summary>
/// <param name="client">The cluster.</param>
/// <param name="time">The clock.</param>
public sealed class FleetReconciler(KubeClient client, TimeProvider time)
{
    /// <summary>Converges.</summary>
    /// <param name="document">The environment.</param>
    /// <param name="settings">What the answers say.</param>
    /// <param name="options">How.</param>
    /// <param name="cancellationToken">Stops it between two calls; the next run goes on.</param>
    public async Task<Outcome<FleetReport>> RunAsync(EnvironmentDocument document, FleetSettings settings, ReconcileOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(options);
        if (!FleetRenderer.Render(document, settings).TryGet(out var rendered, out var refusal)
            || !(await FleetState.ReadAsync(client, document, settings, cancellationToken)).TryGet(out var state, out refusal)
            || !(await new FleetGuard(client, options).CheckAsync(rendered, state, cancellationToken)).TryGet(out var planned, out refusal))
        {
            return refusal;
        }

        var plans = Deployments(state).Where(deployment => !planned.Any(item => item.Outcome == ObjectOutcome.Left && IsOf(item, state, deployment)))
            .ToImmutableDictionary(deployment => deployment, deployment => state.Plan(deployment, makesIdle: true));
        var writer = new FleetWriter(client, document, settings, options, time);
        if (await WriteAsync(planned, plans, state, writer, options, cancellationToken) is { } failed)
        {
            return failed;
        }

        var unready = options is { IsDryRun: false, Wait: { } wait } ? await new FleetGate(client, settings, options, time).WaitAsync(Running(state, plans), wait, cancellationToken) : null;

        // Devices that do not get well keep nothing from going that no device is given any more.
        if (!(await RemoveAsync(state, options, cancellationToken)).TryGet(out var gone, out refusal))
        {
            return unready ?? refusal;
        }

        return unready is not null ? unready : Report(state, planned, plans, gone);
    }

    /// <summary>Brings the devices of one deployment to where its split wants them; nothing else is touched, and nothing is waited for.</summary>
    internal async Task<Refusal?> ApplySplitAsync(EnvironmentDocument document, DeploymentId deployment, FleetSettings settings, ReconcileOptions options, CancellationToken cancellationToken)
    {
        if (!FleetRenderer.Render(document, settings).TryGet(out var rendered, out var refusal)
            || !(await FleetState.ReadAsync(client, document, settings, cancellationToken)).TryGet(out var state, out refusal))
        {
            return refusal;
        }

        var sharing = FleetRenderer.SharesOf(document, deployment).Where(share => share.WeightBps > 0).Select(share => FleetNames.Deployment(document.EnvironmentId, share.RevisionId)).ToHashSet(StringComparer.Ordinal);
        ImmutableArray<KubeObject> own = [.. rendered.Where(item => item is NamespaceObject || sharing.Contains(item.Metadata.Name!))];
        if (!(await new FleetGuard(client, options).CheckAsync(own, state, cancellationToken)).TryGet(out var planned, out refusal))
        {
            return refusal;
        }

        var plans = ImmutableDictionary<DeploymentId, DevicePlan>.Empty.Add(deployment, state.Plan(deployment, makesIdle: false));
        return await WriteAsync(planned, plans, state, new FleetWriter(client, document, settings, options, time), options, cancellationToken);
    }

    /// <summary>Brings one revision to the devices of its share that run nothing of its deployment, and waits until they run it.</summary>
    internal async Task<Refusal?> WarmAsync(EnvironmentDocument document, Revision revision, FleetSettings settings, ReconcileOptions options, CancellationToken cancellationToken)
    {
        if (!FleetRenderer.Render(document, settings).TryGet(out var rendered, out var refusal)
            || !(await FleetState.ReadAsync(client, document, settings, cancellationToken)).TryGet(out var state, out refusal))
        {
            return refusal;
        }

        var name = FleetNames.Deployment(document.EnvironmentId, revision.RevisionId);
        ImmutableArray<KubeObject> own = [.. rendered.Where(item => item is NamespaceObject || item.Metadata.Name == name)];
        if (!(await new FleetGuard(client, options).CheckAsync(own, state, cancellationToken)).TryGet(out var planned, out refusal))
        {
            return refusal;
        }

        var claims = state.ClaimsOf(revision.DeploymentId);
        var plan = DevicePlan.ForWarm(revision.DeploymentId, revision.RevisionId, FleetRenderer.SharesOf(document, revision.DeploymentId), claims, state.Devices.Of(revision.DeploymentId));
        var writer = new FleetWriter(client, document, settings, options, time);
        var live = state.LiveOf(revision.DeploymentId);
        if ((await WriteNamespaceAsync(planned, options, cancellationToken)
            ?? await writer.WriteAsync(revision.DeploymentId, plan, live, cancellationToken)) is { } failed)
        {
            return failed;
        }

        // One that was there keeps its devices, and takes a new image or new limits over.
        if (claims.ByRevision.TryGetValue(revision.RevisionId, out var claim)
            && await writer.ApplyAsync(revision, claim is DeviceClaim.Strange ? DeviceClaim.None : claim, live[revision.RevisionId], cancellationToken) is { } unchanged)
        {
            return unchanged;
        }

        return options.Wait is { } wait
            ? await new FleetGate(client, settings, options, time).WaitAsync(Named(state, [revision]), wait, cancellationToken)
            : null;
    }

    /// <summary>Removes the Deployment of one revision and waits until the operator let it go; what is not there is removed already.</summary>
    internal async Task<Refusal?> ArchiveAsync(EnvironmentDocument document, Revision revision, FleetSettings settings, ReconcileOptions options, CancellationToken cancellationToken)
    {
        var name = NameOf(document.EnvironmentId, settings, revision.RevisionId);
        return await new FleetRemoval(client, time).RemoveAsync(document.EnvironmentId, name, options, cancellationToken);
    }

    private static ObjectRef NameOf(EnvId environment, FleetSettings settings, RevisionId revision) =>
        new(FleetReading.Deployments.ApiVersion, FleetReading.Deployments.Kind, settings.Namespace, FleetNames.Deployment(environment, revision));

    private static ImmutableDictionary<RevisionId, ObjectRef> Named(FleetState state, IEnumerable<Revision> revisions) =>
        revisions.ToImmutableDictionary(revision => revision.RevisionId, revision => NameOf(state.Document.EnvironmentId, state.Settings, revision.RevisionId));

    private static ImmutableDictionary<RevisionId, ObjectRef> Running(FleetState state, ImmutableDictionary<DeploymentId, DevicePlan> plans) =>
        Named(state, plans.Keys.SelectMany(state.WantedOf));

    private static IEnumerable<DeploymentId> Deployments(FleetState state) =>
        state.Document.Bundles.Select(bundle => bundle.DeploymentId).Concat(state.Revisions.Select(live => live.Deployment)).Distinct();

    private static bool IsOf(PlannedObject item, FleetState state, DeploymentId deployment) =>
        state.WantedOf(deployment).Any(revision => FleetNames.Deployment(state.Document.EnvironmentId, revision.RevisionId) == item.Name.Name);

    private async Task<Refusal?> WriteAsync(ImmutableArray<PlannedObject> planned, ImmutableDictionary<DeploymentId, DevicePlan> plans, FleetState state, FleetWriter writer, ReconcileOptions options, CancellationToken cancellationToken)
    {
        if (await WriteNamespaceAsync(planned, options, cancellationToken) is { } failed)
        {
            return failed;
        }

        foreach (var (deployment, plan) in plans.OrderBy(pair => pair.Key.Value))
        {
            var live = state.LiveOf(deployment);
            if (await writer.WriteAsync(deployment, plan, live, cancellationToken) is { } unwritten)
            {
                return unwritten;
            }

            // What claims the same devices as before may run another image, or have other limits.
            foreach (var revision in state.WantedOf(deployment).Where(revision => planned.Any(item => item.Name.Name == FleetNames.Deployment(state.Document.EnvironmentId, revision.RevisionId))))
            {
                var present = writer.Written.TryGetValue(revision.RevisionId, out var now) ? now : live.GetValueOrDefault(revision.RevisionId);
                if (await writer.ApplyAsync(revision, state.FinalClaim(revision), present, cancellationToken) is { } unchanged)
                {
                    return unchanged;
                }
            }
        }

        return null;
    }

    private async Task<Refusal?> WriteNamespaceAsync(ImmutableArray<PlannedObject> planned, ReconcileOptions options, CancellationToken cancellationToken)
    {
        if (planned.FirstOrDefault(item => item is { Name.Kind: "Namespace", IsWritten: true }) is not { } space)
        {
            return null;
        }

        options.Progress?.Invoke($"{(space.Outcome == ObjectOutcome.Created ? "create" : "change"),-8} Namespace {space.Name.Name}");
        return (await new ObjectWriter(client, options, time).ApplyAsync(space, cancellationToken)).Refusal;
    }

    /// <summary>Nothing of them is on any device when they go: their claims ended before, and the operator says when that has reached every device.</summary>
    private async Task<Outcome<ImmutableArray<ObjectRef>>> RemoveAsync(FleetState state, ReconcileOptions options, CancellationToken cancellationToken)
    {
        var leaving = state.Leaving.ToList();
        if (options is { IsDryRun: false, Wait: { } wait } && leaving.Count > 0)
        {
            var names = leaving.Where(live => !live.IsLeaving).ToDictionary(live => live.Revision, live => live.Name);
            if (await new FleetGate(client, state.Settings, options, time).WaitAsync(names, FleetGate.IsEmpty, wait, cancellationToken) is { } unready)
            {
                return unready;
            }
        }

        var gone = ImmutableArray.CreateBuilder<ObjectRef>();
        foreach (var live in leaving)
        {
            options.Progress?.Invoke($"remove   Deployment {live.Name.Name}");
            if (!options.IsDryRun && await new FleetRemoval(client, time).RemoveAsync(state.Document.EnvironmentId, live.Name, options, cancellationToken) is { } failed)
            {
                return failed;
            }

            gone.Add(live.Name);
        }

        return gone.ToImmutable();
    }

    private static FleetReport Report(FleetState state, ImmutableArray<PlannedObject> planned, ImmutableDictionary<DeploymentId, DevicePlan> plans, ImmutableArray<ObjectRef> gone) => new()
    {
        Objects = new ReconcileReport
        {
            Applied = [.. planned.Select(item => new AppliedObject(item.Name, item.Outcome))],
            Pruned = gone,
            AlreadyAbsent = [],
            Drift = [.. planned.SelectMany(item => item.Drift)],
            PodsTold = 0,
            Warnings = FleetWarnings.Of(state, plans),
            Discovered = ImmutableSortedDictionary<string, string>.Empty,
        },
        Devices =
        [
            .. from split in state.Document.TrafficSplits
               where plans.ContainsKey(split.DeploymentId)
               from share in split.Entries
               where share.WeightBps > 0
               select new RevisionDevices(split.DeploymentId, share.RevisionId, share.WeightBps, plans[split.DeploymentId].Devices.GetValueOrDefault(share.RevisionId)),
        ],
        Moved = plans.Values.Sum(plan => plan.Moved),
        Labelled = plans.Values.Sum(plan => plan.Stages.Sum(stage => stage.Labels.Length)),
    };
}

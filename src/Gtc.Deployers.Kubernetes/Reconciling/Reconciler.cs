using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Deployers.Kubernetes;

/// <summary>
/// Makes a cluster hold what an environment wants (k8s-deployer.md §11): reads what is there, compares, refuses before the first write what is somebody
/// else's, applies only what differs in order, waits for rollouts, and removes the workers of revisions that do not run. Every step can be repeated,
/// so whatever a killed run left is where the next one goes on.
/// </summary>
/// <param name="client">The cluster.</param>
/// <param name="time">The clock.</param>
public sealed class Reconciler(KubeClient client, TimeProvider time)
{
    /// <summary>By this name the server knows which fields are gtc's.</summary>
    public const string FieldManager = ObjectWriter.FieldManager;

    private const int ReadsAtOnce = 8;

    /// <summary>What it may discover, by key; what is not there any more is not among the discovered.</summary>
    public static ImmutableArray<string> Discovers { get; } = [.. RouterAddress.Keys, TunnelAddress.Key];

    /// <summary>Converges.</summary>
    /// <param name="document">The environment.</param>
    /// <param name="settings">What the answers say.</param>
    /// <param name="options">How.</param>
    /// <param name="cancellationToken">Stops it between two calls; the next run goes on.</param>
    public async Task<Outcome<ReconcileReport>> RunAsync(EnvironmentDocument document, RenderSettings settings, ReconcileOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(options);
        if (!(await PlanAsync(document, settings, static _ => true, options, cancellationToken)).TryGet(out var plan, out var refusal)
            || !(await RemoveLeftoversAsync(plan, document.EnvironmentId, options, cancellationToken)).TryGet(out var leftovers, out refusal)
            || !(await ApplyAsync(plan, document.EnvironmentId, options, cancellationToken)).TryGet(out var live, out refusal))
        {
            return refusal;
        }

        var warnings = plan.Prune.Warnings.ToBuilder();
        var told = options.IsDryRun ? 0 : await TellAsync(plan, document.EnvironmentId, live, warnings, cancellationToken);
        var unready = options is { IsDryRun: false, Wait: { } wait }
            ? await new Rollouts(client, document.EnvironmentId, plan.Settings.Namespace, options, time).WaitAsync(plan.Deployments, name => live(Deployment(name, plan)), wait, cancellationToken)
            : null;

        // A rollout that fails keeps nobody from going: what is removed is not routed any more.
        if (!(await PruneAsync(plan, told > 0, options, cancellationToken)).TryGet(out var gone, out refusal))
        {
            return unready ?? refusal;
        }

        if (unready is not null)
        {
            return unready;
        }

        var discovered = RouterAddress.Of(live(plan.Router), plan.Settings.Namespace);
        if (plan.Settings.OpensTunnel && !options.IsDryRun && plan.Deployments.Length > 1)
        {
            var (url, warning) = await TunnelAddress.FindAsync(client, document.EnvironmentId, plan.Settings.Namespace, options, time, cancellationToken);
            discovered = url is null ? discovered : discovered.SetItem(TunnelAddress.Key, url);
            if (warning is not null)
            {
                warnings.Add(warning);
            }
        }

        // What was found goes to the pods, in the map that they have already.
        var carried = settings.Discovered.RemoveRange(Discovers).AddRange(discovered.Select(found => KeyValuePair.Create(found.Key, JsonElement.Parse($"\"{JsonEncodedText.Encode(found.Value)}\""))));
        if (!options.IsDryRun && CarriedRuntime.Text(document, carried) != CarriedRuntime.Text(document, settings.Discovered)
            && await ApplySomeAsync(document, settings with { Discovered = carried }, name => name == plan.Map(Pods.EnvStore), options with { Wait = null }, cancellationToken) is { } unwritten)
        {
            return unwritten;
        }

        return Report(plan, (leftovers.AddRange(gone.Gone), gone.Absent), told, discovered, warnings.ToImmutable());
    }

    /// <summary>Applies some of an environment's objects and waits for their rollouts; nothing is removed.</summary>
    internal async Task<Refusal?> ApplySomeAsync(EnvironmentDocument document, RenderSettings settings, Func<ObjectRef, bool> filter, ReconcileOptions options, CancellationToken cancellationToken)
    {
        if (!(await PlanAsync(document, settings, filter, options, cancellationToken)).TryGet(out var plan, out var refusal)
            || !(await ApplyAsync(plan, document.EnvironmentId, options, cancellationToken)).TryGet(out var live, out refusal))
        {
            return refusal;
        }

        await TellAsync(plan, document.EnvironmentId, live, ImmutableArray.CreateBuilder<string>(), cancellationToken);
        return options.Wait is { } wait
            ? await new Rollouts(client, document.EnvironmentId, plan.Settings.Namespace, options, time).WaitAsync(plan.Deployments, name => live(Deployment(name, plan)), wait, cancellationToken)
            : null;
    }

    /// <summary>Removes the worker of one revision; what is not there is removed already.</summary>
    internal async Task<Refusal?> RemoveWorkerAsync(EnvironmentDocument document, RevisionId revision, string ns, ReconcileOptions options, CancellationToken cancellationToken)
    {
        var writer = new ObjectWriter(client, options, time);
        foreach (var name in WorkerPrune.NamesOf(revision, ns))
        {
            if (!(await ClusterReading.GetAsync(client, name, cancellationToken)).TryGet(out var found, out var refusal))
            {
                return refusal;
            }

            foreach (var (_, live) in found)
            {
                if ((OwnershipGuard.Refuse(name, live, document.EnvironmentId, options) ?? (await writer.DeleteAsync(name, live, cancellationToken)).Refusal) is { } failed)
                {
                    return failed;
                }
            }
        }

        return null;
    }

    private static ObjectRef Deployment(string name, ReconcilePlan plan) => new("apps/v1", "Deployment", plan.Settings.Namespace, name);

    private async Task<Outcome<ReconcilePlan>> PlanAsync(EnvironmentDocument document, RenderSettings settings, Func<ObjectRef, bool> filter, ReconcileOptions options, CancellationToken cancellationToken)
    {
        if (!(await ClusterVersions.FitAsync(client, settings, cancellationToken)).TryGet(out var fitting, out var refusal)
            || !Renderer.Render(document, fitting).TryGet(out var rendered, out refusal))
        {
            return refusal;
        }

        // Under a bound identity the Namespace belongs to whoever made the identity.
        var objects = rendered.Where(item => !(options.IsBound && item is NamespaceObject) && filter(ObjectRef.Of(item))).ToList();
        var named = objects.Select(ObjectRef.Of).Append(new ObjectRef("v1", "Secret", fitting.Namespace, Pods.DevSecrets));
        if (!(await ClusterReading.ReadAsync(client, document.EnvironmentId, fitting.Namespace, named, cancellationToken)).TryGet(out var reading, out refusal))
        {
            return refusal;
        }

        // A run for some objects removes nothing, so the record of the others must stay.
        var isWhole = objects.OfType<Gtc.Kubernetes.Deployment>().Any(item => item.Metadata.Name == EnvironmentObjects.Router);
        var optional = rendered.Select(ObjectRef.Of).Where(OptionalRecord.IsOptional).ToList();
        var recorded = OptionalRecord.Read(reading.Find(new ObjectRef("v1", "ConfigMap", fitting.Namespace, Pods.RuntimeConfig)), fitting.Namespace, EnvironmentObjects.BudgetVersion(fitting));
        objects = [.. objects.Select(item => OwnershipGuard.Stamped(OptionalRecord.Stamped(item, isWhole ? optional : optional.Concat(recorded)), options))];
        var planned = objects.Select(item => (Name: ObjectRef.Of(item), Wanted: KubeJson.ToElement(item))).Select(item => PlannedObject.Of(item.Name, item.Wanted, reading.Find(item.Name), options.Drift)).ToImmutableArray();
        return await GuardedAsync(new ReconcilePlan(fitting, planned, reading, WorkerPrune.Of(document, fitting, reading, options)) { Leftovers = [.. recorded.Where(name => !optional.Any(wanted => wanted.Kind == name.Kind && wanted.Name == name.Name))] }, document.EnvironmentId, options, cancellationToken);
    }

    /// <summary>
    /// Looks at every object that would be written: what the lists did not bring may still be there without our label. What is somebody else's is refused
    /// before anything is written.
    /// </summary>
    private async Task<Outcome<ReconcilePlan>> GuardedAsync(ReconcilePlan plan, EnvId environment, ReconcileOptions options, CancellationToken cancellationToken)
    {
        foreach (var chunk in plan.Objects.Where(item => item.IsWritten).Chunk(ReadsAtOnce))
        {
            var reads = await Task.WhenAll(chunk.Select(item => ClusterReading.GetAsync(client, item.Name, cancellationToken)));
            foreach (var (item, read) in chunk.Zip(reads))
            {
                if (!read.TryGet(out var found, out var refusal))
                {
                    return refusal;
                }

                foreach (var (name, live) in found)
                {
                    if (OwnershipGuard.Refuse(name, live, environment, options) is { } foreign)
                    {
                        return foreign;
                    }

                    plan = plan.With(PlannedObject.Of(name, item.Rendered, live, options.Drift));
                }
            }
        }

        return plan;
    }

    /// <summary>Removes optional objects whose answer was taken back, before the record of them is written anew.</summary>
    private async Task<Outcome<ImmutableArray<ObjectRef>>> RemoveLeftoversAsync(ReconcilePlan plan, EnvId environment, ReconcileOptions options, CancellationToken cancellationToken)
    {
        var writer = new ObjectWriter(client, options, time);
        var gone = ImmutableArray.CreateBuilder<ObjectRef>();
        foreach (var name in plan.Leftovers)
        {
            if (!(await ClusterReading.GetAsync(client, name, cancellationToken)).TryGet(out var found, out var refusal))
            {
                return refusal;
            }

            // One that somebody made their own meanwhile is theirs.
            foreach (var (_, live) in found.Where(pair => pair.Value.Label(Labels.Environment) == Labels.ValueOf(environment) && !OwnershipGuard.IsOfOtherStore(pair.Value, options)))
            {
                options.Progress?.Invoke($"remove   {name.Kind} {name.Name}");
                if (!(await writer.DeleteAsync(name, live, cancellationToken)).TryGet(out var wasThere, out refusal))
                {
                    return refusal;
                }

                if (wasThere)
                {
                    gone.Add(name);
                }
            }
        }

        return gone.ToImmutable();
    }

    private async Task<Outcome<Func<ObjectRef, JsonElement>>> ApplyAsync(ReconcilePlan plan, EnvId environment, ReconcileOptions options, CancellationToken cancellationToken)
    {
        var writer = new ObjectWriter(client, options, time);
        var written = new Dictionary<ObjectRef, JsonElement>();
        foreach (var item in plan.Objects.Where(item => item.IsWritten))
        {
            options.Progress?.Invoke($"{(item.Outcome == ObjectOutcome.Created ? "create" : "change"),-8} {item.Name.Kind} {item.Name.Name}");
            if (!(await writer.ApplyAsync(item, cancellationToken)).TryGet(out var live, out var refusal))
            {
                return refusal with { Details = [.. refusal.Details, new("environment", environment.ToString()), new("applied before it", $"{written.Count} objects")] };
            }

            written[item.Name] = live;
        }

        return (Func<ObjectRef, JsonElement>)(name => written.TryGetValue(name, out var live) ? live : plan.Reading.Find(name));
    }

    /// <summary>Running routers take new shares over at once; where that is not allowed they do so within about a minute.</summary>
    private async Task<int> TellAsync(ReconcilePlan plan, EnvId environment, Func<ObjectRef, JsonElement> live, ImmutableArray<string>.Builder warnings, CancellationToken cancellationToken)
    {
        var told = await RouterNews.TellAsync(
            client, environment, plan.Settings.Namespace, [live(plan.Map(Pods.EnvStore)), live(plan.Map(Pods.RuntimeConfig))], cancellationToken);
        if (told.Refusal is { } refusal)
        {
            warnings.Add($"running routers see a change of traffic within about a minute, and not at once: {refusal.Message}");
        }

        return told.Match(count => count, _ => 0);
    }

    private async Task<Outcome<(ImmutableArray<ObjectRef> Gone, ImmutableArray<ObjectRef> Absent)>> PruneAsync(ReconcilePlan plan, bool wasTold, ReconcileOptions options, CancellationToken cancellationToken)
    {
        if (wasTold && !plan.Prune.Present.IsEmpty)
        {
            // A router that has not yet looked still sends requests to the worker.
            await Task.Delay(options.Settle, time, cancellationToken);
        }

        var writer = new ObjectWriter(client, options, time);
        var gone = ImmutableArray.CreateBuilder<ObjectRef>();
        var absent = plan.Prune.Absent.ToBuilder();
        foreach (var (name, live) in plan.Prune.Present)
        {
            options.Progress?.Invoke($"remove   {name.Kind} {name.Name}");
            if (!(await writer.DeleteAsync(name, live, cancellationToken)).TryGet(out var wasThere, out var refusal))
            {
                return refusal;
            }

            (wasThere ? gone : absent).Add(name);
        }

        return (gone.ToImmutable(), absent.ToImmutable());
    }

    private static ReconcileReport Report(ReconcilePlan plan, (ImmutableArray<ObjectRef> Gone, ImmutableArray<ObjectRef> Absent) pruned, int told, ImmutableSortedDictionary<string, string> discovered, ImmutableArray<string> warnings) => new()
    {
        Applied = [.. plan.Objects.Select(item => new AppliedObject(item.Name, item.Outcome))],
        Pruned = pruned.Gone,
        AlreadyAbsent = pruned.Absent,
        Drift = [.. plan.Objects.SelectMany(item => item.Drift)],
        PodsTold = told,
        Warnings = warnings,
        Discovered = discovered,
    };
}

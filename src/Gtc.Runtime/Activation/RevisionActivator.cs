using System.Collections.Immutable;
using Gtc.Artifacts.Bundles;
using Gtc.Artifacts.Materialisation;
using Gtc.Flows;
using Gtc.Model;
using Gtc.Routing;
using Gtc.Store;
using Microsoft.Extensions.Logging;

namespace Gtc.Runtime;

/// <summary>From runtime-config.json and what is on disk to something that answers (worker-runtime.md §1.1 and §7).</summary>
/// <param name="options">Where the environment lies, and whether one revision alone is served.</param>
/// <param name="pool">What is loaded already.</param>
/// <param name="gate">Asked about every revision that is loaded anew.</param>
/// <param name="logger">Where quarantines are told.</param>
internal sealed partial class RevisionActivator(WorkerOptions options, RevisionPool pool, SignatureGate gate, ILogger logger)
{
    private const string LockMissing = "its pack-list lock is not on disk";
    private const uint DefaultDrainSeconds = 30;

    private readonly ImmutableArray<DeploymentRoute>.Builder _routes = ImmutableArray.CreateBuilder<DeploymentRoute>();
    private readonly ImmutableArray<ActiveRevision>.Builder _revisions = ImmutableArray.CreateBuilder<ActiveRevision>();
    private readonly ImmutableArray<string>.Builder _problems = ImmutableArray.CreateBuilder<string>();
    private readonly List<ActiveRevision> _fresh = [];

    /// <summary>
    /// Activates every routed revision. A deployment that is not active is left out; one whose lock file is missing is quarantined and the others are
    /// served.
    /// </summary>
    /// <param name="document">The environment.</param>
    /// <param name="config">What to serve.</param>
    /// <param name="isBoot">At boot whatever else is wrong is a refusal. Later on it keeps one revision out of the table, and its share goes to the others.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Outcome<Activation> Activate(EnvironmentDocument document, RuntimeConfig config, bool isBoot, CancellationToken cancellationToken)
    {
        if (pool.Components.Follow(document) is { } unopened)
        {
            return unopened;
        }

        foreach (var blocks in config.Revisions.GroupBy(block => block.DeploymentId))
        {
            if (!FindDeployment(document, blocks.First()).TryGet(out var deployment, out var refusal))
            {
                return Abandon(refusal);
            }

            if (deployment.Status != DeploymentStatus.Active)
            {
                Log.NotActive(logger, deployment.DeploymentId, deployment.Status);
            }
            else if (Add(document, deployment, [.. blocks], isBoot, cancellationToken) is { } why)
            {
                return Abandon(why);
            }
        }

        var previews = AddPreviews(document, cancellationToken);
        foreach (var revision in _fresh)
        {
            RevisionEvents.Passed(logger, revision.Id, revision.Deployment, revision.Block.BundleId);
        }

        return new Activation(new RoutingTable(_routes.ToImmutable(), previews), _revisions.ToImmutable(), _problems.ToImmutable());
    }

    private Refusal Abandon(Refusal refusal)
    {
        _fresh.ForEach(revision => revision.Dispose());
        return refusal;
    }

    private static Outcome<BundleDeployment> FindDeployment(EnvironmentDocument document, RuntimeRevision block)
    {
        var deployment = document.Bundles.FirstOrDefault(d => d.DeploymentId == block.DeploymentId);
        if (deployment is null)
        {
            return new Refusal.InvalidDocument("UnknownDeployment", $"runtime-config.json names deployment {block.DeploymentId}, which environment.json does not have");
        }

        return deployment.BundleId == block.BundleId
            ? deployment
            : new Refusal.InvalidDocument(
                "SplitDeploymentBundleMismatch",
                $"runtime-config.json routes deployment {block.DeploymentId} to bundle `{block.BundleId}`, environment.json says `{deployment.BundleId}`");
    }

    private Refusal? Add(EnvironmentDocument document, BundleDeployment deployment, ImmutableArray<RuntimeRevision> blocks, bool isBoot, CancellationToken cancellationToken)
    {
        var members = new List<ActiveRevision>();
        var failed = new HashSet<RevisionId>();
        foreach (var block in blocks)
        {
            if (Open(deployment, block, cancellationToken).TryGet(out var revision, out var refusal))
            {
                members.Add(revision);
                continue;
            }

            if (isBoot && refusal is not Refusal.Missing { Message: LockMissing })
            {
                return refusal;
            }

            if (isBoot)
            {
                _problems.Add($"deployment {deployment.DeploymentId} is quarantined: a pack-list lock that runtime-config.json names is missing");
                Log.Quarantined(logger, deployment.DeploymentId);
                members.ForEach(member => member.Dispose());
                _fresh.RemoveAll(members.Contains);
                return null;
            }

            failed.Add(block.RevisionId);
            _problems.Add($"revision {block.RevisionId} of deployment {deployment.DeploymentId} is not served and its share goes to the others: {refusal.Message}");
            RevisionEvents.Failed(logger, block.RevisionId, deployment.DeploymentId, deployment.BundleId, refusal.Message);
        }

        foreach (var block in blocks)
        {
            var state = pool.StateOf(block.RevisionId);
            if (failed.Contains(block.RevisionId))
            {
                state.IsHealthy = false;
            }

            // Whether the one revision of a worker drains is the router's to decide.
            state.IsDraining = options.OwnRevision is null && Find(document, block.RevisionId)?.Lifecycle == RevisionLifecycle.Draining;
        }

        _routes.Add(DeploymentRoute.Of(document, deployment, blocks, pool.StateOf));
        foreach (var member in members)
        {
            member.DrainTime = TimeSpan.FromSeconds(Find(document, member.Id)?.DrainSeconds ?? DefaultDrainSeconds);
        }

        _revisions.AddRange(members);
        return null;
    }

    /// <summary>
    /// Loads what is previewed and not routed. What cannot be loaded is told, at boot too: nobody's traffic depends on it. A worker of one revision
    /// knows the previews of that one alone.
    /// </summary>
    private ImmutableArray<PreviewRoute> AddPreviews(EnvironmentDocument document, CancellationToken cancellationToken)
    {
        var now = options.Time.GetUtcNow();
        var previews = PreviewRoute.Of(document, _routes, pool.StateOf, now);
        if (options.OwnRevision is not null)
        {
            return previews.RemoveAll(preview => preview.Route.Find(preview.Revision.Revision) is null);
        }

        foreach (var preview in previews.Where(preview => preview.IsOpenAt(now) && preview.Route.Find(preview.Revision.Revision) is null))
        {
            var revision = Find(document, preview.Revision.Revision)!;
            var deployment = document.Bundles.First(deployment => deployment.DeploymentId == revision.DeploymentId);
            var state = preview.Revision.State;

            // Beside the dial nobody's drain time runs.
            state.IsDraining = false;
            if (Open(deployment, RuntimeProjection.Unrouted(revision), cancellationToken).TryGet(out var active, out var refusal))
            {
                active.DrainTime = TimeSpan.FromSeconds(revision.DrainSeconds);
                _revisions.Add(active);
                continue;
            }

            state.IsHealthy = false;
            _problems.Add($"revision {revision.RevisionId} of deployment {deployment.DeploymentId} is previewed and not served: {refusal.Message}");
            Log.PreviewNotServed(logger, revision.RevisionId, deployment.DeploymentId, deployment.BundleId, refusal.Message);
        }

        return previews;
    }

    private static Revision? Find(EnvironmentDocument document, RevisionId id) => document.Revisions.FirstOrDefault(revision => revision.RevisionId == id);

    private Outcome<ActiveRevision> Open(BundleDeployment deployment, RuntimeRevision block, CancellationToken cancellationToken)
    {
        var tenant = deployment.RouteBinding.TenantSelector.Tenant;
        var context = new FlowContext(
            deployment.EnvId.ToString(),
            tenant.Length == 0 ? deployment.EnvId.ToString() : tenant,
            deployment.DeploymentId.ToString(),
            deployment.BundleId,
            block.RevisionId.ToString())
        {
            Team = deployment.RouteBinding.TenantSelector.Team,
        };
        var usage = pool.Usage.Of(new UsageSource(deployment.CustomerId, context.Tenant, deployment.DeploymentId, deployment.BundleId, block.RevisionId));
        if (pool.Keep(block, context) is { } kept)
        {
            kept.Usage = usage;
            return kept;
        }

        if (gate.Refuse(block.RevisionId) is { } untrusted)
        {
            return untrusted;
        }

        var located = PinnedPacks.Check(options.EnvironmentFolder, block.RevisionId, block.PackListRefs, cancellationToken);
        if (located.Problems is [var problem, ..])
        {
            return problem;
        }

        if (located.IsLockMissing)
        {
            return new Refusal.Missing(LockMissing);
        }

        var stamps = PackStamps.Of([.. block.PackListRefs.Select(reference => Path.Combine(options.EnvironmentFolder, reference)), .. located.Packs.Select(pack => pack.Path)]);
        var refusal = located.Packs.Select(pack => gate.Revoked.RefusePack(block.RevisionId, pack.PackId, pack.Digest.ToString())).FirstOrDefault(why => why is not null);
        if (refusal is not null
            || !ActivationCheck.ReadConfigs(options.EnvironmentFolder, block.RevisionId, block.PackConfigRefs).TryGet(out var configs, out refusal)
            || !Load(block.RevisionId, located.Packs, configs).TryGet(out var flows, out refusal))
        {
            return refusal;
        }

        if (!StaticSite.Of(flows.Packs).TryGet(out var site, out refusal) || !ProviderRoutes.Of(flows.Packs.Select(pack => pack.Manifest)).TryGet(out var routes, out refusal))
        {
            flows.Dispose();
            return refusal;
        }

        var revision = new ActiveRevision
        {
            Block = block,
            Context = context,
            Flows = flows,
            Site = site,
            Routes = routes,
            State = pool.StateOf(block.RevisionId),
            Stamps = stamps,
            Usage = usage,
        };
        revision.State.IsHealthy = true;
        revision.State.CountInFlight = () => revision.InFlight;
        _fresh.Add(revision);
        return revision;
    }

    private Outcome<FlowRuntime> Load(RevisionId revision, ImmutableArray<PinnedPack> pinned, ImmutableArray<PackConfig> configs)
    {
        var names = pinned.DistinctBy(pack => pack.Path).ToDictionary(pack => pack.Path, pack => pack.PackId, StringComparer.Ordinal);
        return FlowRuntime.Open(pinned.Select(pack => pack.Path), logger, packs => pool.Components.OptionsFor(revision, packs, names, configs));
    }

    private static partial class Log
    {
        [LoggerMessage(4501, LogLevel.Error, "deployment QUARANTINED: {Deployment} names a pack-list lock that is not on disk; the others are served")]
        public static partial void Quarantined(ILogger logger, DeploymentId deployment);

        [LoggerMessage(4502, LogLevel.Information, "Deployment {Deployment} is {Status} and takes no requests")]
        public static partial void NotActive(ILogger logger, DeploymentId deployment, DeploymentStatus status);

        [LoggerMessage(4733, LogLevel.Warning, "Revision {Revision} of deployment {Deployment} (bundle {Bundle}) is previewed and not served: {Reason}")]
        public static partial void PreviewNotServed(ILogger logger, RevisionId revision, DeploymentId deployment, string bundle, string reason);
    }
}

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
/// <param name="environmentFolder">The environment's folder.</param>
/// <param name="revoked">Packs that are not loaded although they are pinned.</param>
/// <param name="logger">Where quarantines are told.</param>
internal sealed partial class RevisionActivator(string environmentFolder, RevocationList revoked, ILogger logger)
{
    private const int MaxConfigBytes = 1 << 20;

    /// <summary>
    /// Activates every routed revision. A deployment that is not active is left out; one whose lock file is missing is
    /// quarantined and the others are served; anything else that is wrong is a refusal.
    /// </summary>
    public Outcome<Activation> Activate(EnvironmentDocument document, RuntimeConfig config, CancellationToken cancellationToken)
    {
        var routes = ImmutableArray.CreateBuilder<DeploymentRoute>();
        var revisions = ImmutableArray.CreateBuilder<ActiveRevision>();
        var problems = ImmutableArray.CreateBuilder<string>();
        foreach (var blocks in config.Revisions.GroupBy(block => block.DeploymentId))
        {
            if (!FindDeployment(document, blocks.First()).TryGet(out var deployment, out var refusal))
            {
                return Abandon(revisions, refusal);
            }

            if (deployment.Status != DeploymentStatus.Active)
            {
                Log.NotActive(logger, deployment.DeploymentId, deployment.Status);
                continue;
            }

            var outcome = Activate(deployment, [.. blocks], cancellationToken);
            if (!outcome.TryGet(out var activated, out refusal))
            {
                return Abandon(revisions, refusal);
            }

            if (activated is not { } members)
            {
                problems.Add($"deployment {deployment.DeploymentId} is quarantined: a pack-list lock that runtime-config.json names is missing");
                Log.Quarantined(logger, deployment.DeploymentId);
                continue;
            }

            routes.Add(Route(deployment, document.TrafficSplits.FirstOrDefault(split => split.DeploymentId == deployment.DeploymentId), [.. blocks]));
            revisions.AddRange(members);
        }

        return new Activation(new RoutingTable(routes.ToImmutable()), revisions.ToImmutable(), problems.ToImmutable());
    }

    /// <summary>The shares are runtime-config.json's; which callers' slots they stand for is said by the split of the same shares.</summary>
    private static DeploymentRoute Route(BundleDeployment deployment, TrafficSplit? split, ImmutableArray<RuntimeRevision> blocks) => new(
        deployment.DeploymentId,
        deployment.BundleId,
        deployment.RouteBinding,
        [
            .. blocks.Select(block => new TrafficShare
            {
                RevisionId = block.RevisionId,
                WeightBps = block.WeightBps,
                Slots = split?.Entries.FirstOrDefault(entry => entry.RevisionId == block.RevisionId)?.Slots,
            }),
        ],
        id => new RevisionState(id))
    {
        Generation = split?.Generation ?? 0,
        StickyGeneration = split?.StickyGeneration ?? split?.Generation ?? 0,
    };

    private static Refusal Abandon(IEnumerable<ActiveRevision> revisions, Refusal refusal)
    {
        foreach (var revision in revisions)
        {
            revision.Dispose();
        }

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

    private Outcome<ImmutableArray<ActiveRevision>?> Activate(
        BundleDeployment deployment, ImmutableArray<RuntimeRevision> blocks, CancellationToken cancellationToken)
    {
        var members = ImmutableArray.CreateBuilder<ActiveRevision>();
        foreach (var block in blocks)
        {
            var located = PinnedPacks.Check(environmentFolder, block.RevisionId, block.PackListRefs, cancellationToken);
            if (located.Problems is [var problem, ..])
            {
                return Abandon(members, problem);
            }

            if (located.IsLockMissing)
            {
                Abandon(members, new Refusal.Missing("lock"));
                return (ImmutableArray<ActiveRevision>?)null;
            }

            var refusal = located.Packs.Select(pack => revoked.RefusePack(block.RevisionId, pack.PackId, pack.Digest.ToString())).FirstOrDefault(why => why is not null)
                ?? CheckConfigs(block);
            if (refusal is not null || !FlowRuntime.Open([.. located.Packs.Select(pack => pack.Path)], logger).TryGet(out var flows, out refusal))
            {
                return Abandon(members, refusal);
            }

            var tenant = deployment.RouteBinding.TenantSelector.Tenant;
            members.Add(new ActiveRevision(block.RevisionId, new FlowContext(
                deployment.EnvId.ToString(),
                tenant.Length == 0 ? deployment.EnvId.ToString() : tenant,
                deployment.DeploymentId.ToString(),
                deployment.BundleId,
                block.RevisionId.ToString()), flows));
        }

        return members.ToImmutable();
    }

    private Refusal? CheckConfigs(RuntimeRevision block)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var reference in block.PackConfigRefs)
        {
            if (!PinnedPacks.Open(environmentFolder, reference).TryGet(out var file, out var refusal))
            {
                return refusal;
            }

            if (file is not { Length: <= MaxConfigBytes })
            {
                return new Refusal.Missing($"pack configuration {reference} of revision {block.RevisionId} is missing or has more than {MaxConfigBytes:N0} bytes");
            }

            if (!PackConfig.Read(File.ReadAllBytes(file.FullName), reference).TryGet(out var config, out refusal))
            {
                return refusal;
            }

            if (config.RevisionId != block.RevisionId.ToString() || !seen.Add(config.PackId))
            {
                return new Refusal.Conflict($"pack configuration {reference} is for revision {config.RevisionId} and pack `{config.PackId}`; one per pack of revision {block.RevisionId} was expected");
            }
        }

        return null;
    }

    private static partial class Log
    {
        [LoggerMessage(4501, LogLevel.Error, "deployment QUARANTINED: {Deployment} names a pack-list lock that is not on disk; the others are served")]
        public static partial void Quarantined(ILogger logger, DeploymentId deployment);

        [LoggerMessage(4502, LogLevel.Information, "Deployment {Deployment} is {Status} and takes no requests")]
        public static partial void NotActive(ILogger logger, DeploymentId deployment, DeploymentStatus status);
    }
}

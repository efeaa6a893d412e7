using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gtc.Model;

/// <summary>The bundles: what runs, which share it gets, and which requests reach it.</summary>
internal static class BundleSteps
{
    private static readonly ImmutableArray<RevenueShareEntry> DefaultShares = [new RevenueShareEntry { PartyId = "greentic", BasisPoints = TrafficSplit.Whole }];

    public static Refusal? Draft(PlanDraft draft)
    {
        var bundles = draft.Manifest.Bundles ?? [];
        for (var index = 0; index < bundles.Length; index++)
        {
            if (Draft(draft, bundles[index], $"bundles[{index}]") is { } refusal)
            {
                return refusal;
            }
        }

        return null;
    }

    private static Refusal? Draft(PlanDraft draft, ManifestBundle wanted, string at)
    {
        var customer = Customer(wanted);
        if (!Existing(draft.Before, wanted.BundleId, customer).TryGet(out var existing, out var refusal)
            || !WantedRevision.Of(draft, wanted, at).TryGet(out var revisions, out refusal))
        {
            return refusal;
        }

        if (revisions is null)
        {
            return null;
        }

        var key = $"{wanted.BundleId}/{customer}";
        var desired = JsonSerializer.SerializeToNode(wanted, AuthoredJson.Default.ManifestBundle)!;
        desired["resolved"] = new JsonArray([.. revisions.Value.Select(revision => (JsonNode)revision.Digest)]);
        var id = existing?.DeploymentId ?? new DeploymentId(draft.Mint());
        DraftDeploy(draft, wanted, existing, id, revisions.Value, key, desired);
        if (existing is null)
        {
            DraftStatus(draft, wanted, id, key, desired);
        }
        else
        {
            DraftUpdate(draft, wanted, existing, key, desired);
        }

        return null;
    }

    private static string Customer(ManifestBundle wanted) => wanted.CustomerId ?? DeploymentVerbs.LocalCustomer;

    /// <summary>The deployment of a bundle. Another customer's copy is not taken over silently.</summary>
    private static Outcome<BundleDeployment?> Existing(EnvironmentDocument document, string bundleId, string customer)
    {
        var copies = document.Bundles.Where(d => d.BundleId == bundleId).ToList();
        return copies switch
        {
            [] => (BundleDeployment?)null,
            [var only] when only.CustomerId == customer => only,
            [var only] => new Refusal.Conflict($"bundle `{bundleId}` is deployed for customer `{only.CustomerId}`, the manifest is for `{customer}`"),
            _ => new Refusal.Conflict($"bundle `{bundleId}` is deployed {copies.Count} times; a manifest cannot tell which is meant")
            {
                Details = [.. copies.Select(copy => new RefusalDetail(copy.DeploymentId.ToString(), $"customer `{copy.CustomerId}`"))],
            },
        };
    }

    private static void DraftDeploy(
        PlanDraft draft, ManifestBundle wanted, BundleDeployment? existing, DeploymentId id, ImmutableArray<WantedRevision> revisions, string key, JsonNode desired)
    {
        var kind = wanted.Revisions is null ? StepKinds.DeployBundle : StepKinds.DeploySplit;
        var split = Find.Split(draft.Before, id);
        var isConverged = split is not null && WantedRevision.IsSame(draft, split, revisions);
        var overrides = wanted.ConfigOverrides is { } given && !SameOverrides(given, existing?.ConfigOverrides)
            ? new UpdateDeployment { DeploymentId = id, ConfigOverrides = given }
            : null;
        if (isConverged && overrides is null)
        {
            draft.Unchanged(kind, key, desired);
            return;
        }

        var head = draft.Head(kind, key, existing is null ? StepAction.Create : StepAction.Update, string.Empty, desired);
        var work = new DeployWork { DeploymentId = id, Add = existing is null ? Added(wanted, id) : null, Overrides = overrides };
        if (!isConverged)
        {
            work = WantedRevision.Route(draft, work, split, revisions, head.IdempotencyKey);
        }

        draft.Add(new ApplyStep.Deploy(head with { Detail = Describe(work) }, work));
    }

    /// <summary>A deployment is added active, with its route and shares; only another status is left to set.</summary>
    private static void DraftStatus(PlanDraft draft, ManifestBundle wanted, DeploymentId id, string key, JsonNode desired)
    {
        if (wanted.Status is { } word && ManifestWords.Status(word) is var status and not DeploymentStatus.Active)
        {
            var head = draft.Head(StepKinds.UpdateBundle, key, StepAction.Update, $"becomes {word}", desired);
            draft.Add(new ApplyStep.UpdateBundle(head, new UpdateDeployment { DeploymentId = id, Status = status }));
        }
    }

    private static void DraftUpdate(PlanDraft draft, ManifestBundle wanted, BundleDeployment existing, string key, JsonNode desired)
    {
        var route = wanted.RouteBinding is { } binding ? Route(binding, existing.RouteBinding) : null;
        var shares = Shares(wanted);
        var command = new UpdateDeployment
        {
            DeploymentId = existing.DeploymentId,
            Status = wanted.Status is { } text && ManifestWords.Status(text) != existing.Status ? ManifestWords.Status(text) : null,
            RouteBinding = route is null || SameRoute(route, existing.RouteBinding) ? null : route,
            RevenueShare = shares is null || SameShares(shares.Value, existing.RevenueShare) ? null : shares,
        };
        string?[] changes = [command.Status is null ? null : "status", command.RouteBinding is null ? null : "route_binding", command.RevenueShare is null ? null : "revenue_share"];
        if (changes.All(change => change is null))
        {
            draft.Unchanged(StepKinds.UpdateBundle, key, desired);
            return;
        }

        var detail = $"changes {string.Join(", ", changes.Where(change => change is not null))}";
        draft.Add(new ApplyStep.UpdateBundle(draft.Head(StepKinds.UpdateBundle, key, StepAction.Update, detail, desired), command));
    }

    private static AddDeployment Added(ManifestBundle wanted, DeploymentId id) => new()
    {
        DeploymentId = id,
        BundleId = wanted.BundleId,
        CustomerId = Customer(wanted),
        RouteBinding = Route(wanted.RouteBinding ?? new ManifestRoute(), new RouteBinding { TenantSelector = TenantSelector.Default }),
        RevenueShare = Shares(wanted) ?? DefaultShares,
    };

    private static ImmutableArray<RevenueShareEntry>? Shares(ManifestBundle wanted) =>
        wanted.RevenueShare is { } shares ? [.. shares.Select(share => new RevenueShareEntry { PartyId = share.PartyId, BasisPoints = share.BasisPoints })] : null;

    private static RouteBinding Route(ManifestRoute wanted, RouteBinding present) => present with
    {
        Hosts = wanted.Hosts ?? [],
        PathPrefixes = wanted.PathPrefixes ?? [],
        TenantSelector = wanted.TenantSelector is { } tenant
            ? present.TenantSelector with { Tenant = tenant.Tenant, Team = tenant.Team ?? TenantSelector.Default.Team }
            : present.TenantSelector with { Tenant = TenantSelector.Default.Tenant, Team = TenantSelector.Default.Team },
    };

    private static bool SameRoute(RouteBinding left, RouteBinding right) =>
        left.Hosts.SequenceEqual(right.Hosts) && left.PathPrefixes.SequenceEqual(right.PathPrefixes) && left.TenantSelector == right.TenantSelector;

    private static bool SameShares(ImmutableArray<RevenueShareEntry> left, ImmutableArray<RevenueShareEntry> right) =>
        left.Select(share => (share.PartyId, share.BasisPoints)).SequenceEqual(right.Select(share => (share.PartyId, share.BasisPoints)));

    private static bool SameOverrides(
        ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, JsonElement>> left,
        ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, JsonElement>>? right) =>
        left.Count == (right?.Count ?? 0)
        && left.All(pack => right!.TryGetValue(pack.Key, out var keys)
            && keys.Count == pack.Value.Count
            && pack.Value.All(pair => keys.TryGetValue(pair.Key, out var value) && JsonElement.DeepEquals(pair.Value, value)));

    private static string Describe(DeployWork work)
    {
        string?[] parts =
        [
            work.Add is null ? null : "adds the deployment",
            work.Stages.IsEmpty ? null : $"stages and warms {work.Stages.Length} revision(s)",
            work.Overrides is null ? null : "sets config_overrides",
            work.Traffic is null ? null : $"routes {string.Join(", ", work.Traffic.Entries.Select(entry => $"{entry.WeightBps} bps to {entry.RevisionId}"))}",
        ];
        return string.Join("; ", parts.Where(part => part is not null));
    }
}

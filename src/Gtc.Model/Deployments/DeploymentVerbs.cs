using System.Collections.Immutable;

namespace Gtc.Model;

/// <summary>The verbs on deployments. Pure.</summary>
public static class DeploymentVerbs
{
    /// <summary>Who is billed in <c>local</c> when nobody is named.</summary>
    public const string LocalCustomer = "local-dev";

    /// <summary>
    /// Adds a deployment. Refuses a second one of the same bundle and customer, blank or unsafe ids, routes that do not start
    /// with a slash, and shares that do not sum to 10,000. <c>revenue_policy_ref</c> is left empty for the backend to fill.
    /// </summary>
    public static Outcome<(EnvironmentDocument Document, BundleDeployment Added)> Add(EnvironmentDocument document, AddDeployment command, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(command);
        var complaint = CheckSegment("bundle_id", command.BundleId)
            ?? CheckSegment("customer_id", command.CustomerId)
            ?? CheckRoute(command.RouteBinding)
            ?? DeploymentRules.ValidateShares(command.RevenueShare)
            ?? (Refusal?)DeploymentRules.ValidateOverrides(command.ConfigOverrides);
        if (complaint is not null)
        {
            return complaint;
        }

        var twin = document.Bundles.FirstOrDefault(d => d.BundleId == command.BundleId && d.CustomerId == command.CustomerId);
        if (twin is not null)
        {
            return new Refusal.Conflict($"bundle `{command.BundleId}` of customer `{command.CustomerId}` is already deployed as {twin.DeploymentId}") { IsDuplicate = true };
        }

        var added = new BundleDeployment
        {
            Schema = Schemas.BundleDeployment,
            DeploymentId = command.DeploymentId,
            EnvId = document.EnvironmentId,
            BundleId = command.BundleId,
            CustomerId = command.CustomerId,
            Status = DeploymentStatus.Active,
            RouteBinding = command.RouteBinding,
            RevenueShare = command.RevenueShare,
            RevenuePolicyRef = string.Empty,
            CreatedAt = now,
            AuthorizationRef = command.AuthorizationRef,
            ConfigOverrides = command.ConfigOverrides,
        };
        var after = document with { Bundles = document.Bundles.Add(added) };
        return Find.Sound(after, (after, added));
    }

    /// <summary>Changes what is given and keeps the rest.</summary>
    public static Outcome<UpdatedDeployment> Update(EnvironmentDocument document, UpdateDeployment command)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(command);
        if (!Find.Deployment(document, command.DeploymentId).TryGet(out var deployment, out var missing))
        {
            return missing;
        }

        var complaint = (command.RouteBinding is { } route ? CheckRoute(route) : null)
            ?? (command.RevenueShare is { } shares ? DeploymentRules.ValidateShares(shares) : null)
            ?? (Refusal?)DeploymentRules.ValidateOverrides(command.ConfigOverrides);
        if (complaint is not null)
        {
            return complaint;
        }

        var updated = deployment with
        {
            Status = command.Status ?? deployment.Status,
            RouteBinding = command.RouteBinding ?? deployment.RouteBinding,
            RevenueShare = command.RevenueShare ?? deployment.RevenueShare,
            ConfigOverrides = command.ConfigOverrides is { } overrides ? (overrides.IsEmpty ? null : overrides) : deployment.ConfigOverrides,
        };
        var after = document with { Bundles = document.Bundles.Replace(deployment, updated) };
        return Find.Sound(after, new UpdatedDeployment(after, updated, command.RevenueShare is not null));
    }

    /// <summary>
    /// Removes a deployment with its archived revisions. Refused while a split routes to it or a revision is not archived, unless
    /// <paramref name="force"/> takes split and revisions along. A messaging endpoint that needs its bundle is never cut off silently.
    /// </summary>
    public static Outcome<RemovedDeployment> Remove(EnvironmentDocument document, DeploymentId id, bool force)
    {
        ArgumentNullException.ThrowIfNull(document);
        if (!Find.Deployment(document, id).TryGet(out var deployment, out var missing))
        {
            return missing;
        }

        var revisions = document.Revisions.Where(revision => revision.DeploymentId == id).ToImmutableArray();
        if (!force && StillLive(document, deployment, revisions) is { } live)
        {
            return live;
        }

        if (Linked(document, deployment) is { } linked)
        {
            return new Refusal.Conflict($"messaging endpoint {linked.EndpointId} is linked to bundle `{deployment.BundleId}`, of which this is the last deployment")
            {
                Next = $"gtc op messaging endpoint unlink-bundle {document.EnvironmentId} --endpoint-id {linked.EndpointId} --bundle-id {deployment.BundleId}",
            };
        }

        var after = document with
        {
            Bundles = document.Bundles.Remove(deployment),
            Revisions = document.Revisions.RemoveAll(revision => revision.DeploymentId == id),
            TrafficSplits = document.TrafficSplits.RemoveAll(split => split.DeploymentId == id),
        };
        return Find.Sound(after, new RemovedDeployment(after, deployment, revisions));
    }

    private static Refusal.Conflict? StillLive(EnvironmentDocument document, BundleDeployment deployment, ImmutableArray<Revision> revisions)
    {
        var isRouted = Find.Split(document, deployment.DeploymentId) is not null;
        var live = revisions.Where(revision => revision.Lifecycle != RevisionLifecycle.Archived).ToList();
        return !isRouted && live.Count == 0 ? null : new Refusal.Conflict($"deployment {deployment.DeploymentId} of bundle `{deployment.BundleId}` is still live")
        {
            Details =
            [
                new("split", isRouted ? "routes traffic to it" : "none"),
                new("revisions", live.Count == 0 ? "all archived" : string.Join(", ", live.Select(revision => $"{revision.RevisionId} ({RevisionVerbs.Text(revision.Lifecycle)})"))),
            ],
            Next = isRouted
                ? $"gtc op traffic clear {document.EnvironmentId} --deployment {deployment.DeploymentId}"
                : $"gtc op revisions archive {document.EnvironmentId} --revision {live[0].RevisionId}",
        };
    }

    private static MessagingEndpoint? Linked(EnvironmentDocument document, BundleDeployment deployment) =>
        document.Bundles.Count(d => d.BundleId == deployment.BundleId) == 1
            ? document.MessagingEndpoints.FirstOrDefault(endpoint => endpoint.LinkedBundles.Contains(deployment.BundleId))
            : null;

    internal static Refusal.InvalidArgument? CheckSegment(string member, string value) =>
        value.Length is > 0 and <= 128
        && value is not ("." or "..")
        && value.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or '@' or '+')
            ? null
            : new Refusal.InvalidArgument($"{member} `{value}` must be 1 to 128 characters [A-Za-z0-9._@+-] and not a dot segment; it becomes a folder name");

    internal static Refusal.InvalidArgument? CheckRoute(RouteBinding route)
    {
        var prefix = route.PathPrefixes.FirstOrDefault(p => !p.StartsWith('/'));
        if (prefix is not null)
        {
            return new Refusal.InvalidArgument($"route_binding.path_prefixes: `{prefix}` must start with /");
        }

        return route.Hosts.Any(string.IsNullOrWhiteSpace)
            ? new Refusal.InvalidArgument("route_binding.hosts: a host must not be blank")
            : null;
    }
}

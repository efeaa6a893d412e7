using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Gtc.Model;

namespace Gtc.Cli.Op.Deployments;

/// <summary>What <c>bundles add</c> takes (op-cli.md §10).</summary>
internal sealed record AddDeploymentPayload
{
    /// <summary>The bundle when none is named.</summary>
    public const string DefaultBundle = "main";

    public string? EnvironmentId { get; init; }

    public string? BundleId { get; init; }

    public string? CustomerId { get; init; }

    public RoutePayload? RouteBinding { get; init; }

    /// <summary>Default when not given.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ImmutableArray<SharePayload> RevenueShare { get; init; }

    public string? AuthorizationRef { get; init; }

    public ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, JsonElement>>? ConfigOverrides { get; init; }

    public string? IdempotencyKey { get; init; }
}

/// <summary>What <c>bundles update</c> takes; what is absent stays.</summary>
internal sealed record UpdateDeploymentPayload
{
    /// <summary>The words of <c>status</c>.</summary>
    public const string Statuses = "active, paused or archived";

    public string? EnvironmentId { get; init; }

    public string? DeploymentId { get; init; }

    public string? Status { get; init; }

    public RouteChangePayload? RouteBinding { get; init; }

    /// <summary>Default when not given.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ImmutableArray<SharePayload> RevenueShare { get; init; }

    public ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, JsonElement>>? ConfigOverrides { get; init; }

    public string? IdempotencyKey { get; init; }
}

/// <summary>Which requests shall reach a deployment; what is absent stays.</summary>
internal sealed record RouteChangePayload
{
    /// <summary>Default when not given.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ImmutableArray<string> Hosts { get; init; }

    /// <summary>Default when not given.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ImmutableArray<string> PathPrefixes { get; init; }

    public SelectorPayload? TenantSelector { get; init; }

    /// <summary>The binding with what is given.</summary>
    public RouteBinding Over(RouteBinding present) => present with
    {
        Hosts = Hosts.IsDefault ? present.Hosts : Hosts,
        PathPrefixes = PathPrefixes.IsDefault ? present.PathPrefixes : PathPrefixes,
        TenantSelector = present.TenantSelector with
        {
            Tenant = TenantSelector?.Tenant ?? present.TenantSelector.Tenant,
            Team = TenantSelector?.Team ?? present.TenantSelector.Team,
        },
    };
}

/// <summary>What <c>bundles remove</c> takes.</summary>
internal sealed record RemoveDeploymentPayload
{
    public string? EnvironmentId { get; init; }

    public required string DeploymentId { get; init; }

    public bool Force { get; init; }

    public string? IdempotencyKey { get; init; }
}

/// <summary>Which requests reach a deployment.</summary>
internal sealed record RoutePayload
{
    public ImmutableArray<string> Hosts { get => field.IsDefault ? [] : field; init; }

    public ImmutableArray<string> PathPrefixes { get => field.IsDefault ? [] : field; init; }

    public SelectorPayload? TenantSelector { get; init; }

    /// <summary>The binding of a deployment: the root when neither host nor prefix is named.</summary>
    public static RouteBinding ToBinding(RoutePayload? route) => new()
    {
        Hosts = route?.Hosts ?? [],
        PathPrefixes = route is null || (route.Hosts.IsEmpty && route.PathPrefixes.IsEmpty) ? ["/"] : route.PathPrefixes,
        TenantSelector = new()
        {
            Tenant = route?.TenantSelector?.Tenant ?? Model.TenantSelector.Default.Tenant,
            Team = route?.TenantSelector?.Team ?? Model.TenantSelector.Default.Team,
        },
    };
}

/// <summary>A tenant and a team, <c>default</c> each when absent.</summary>
internal sealed record SelectorPayload
{
    public string? Tenant { get; init; }

    public string? Team { get; init; }
}

/// <summary>One party's share.</summary>
internal sealed record SharePayload
{
    public required string PartyId { get; init; }

    public required uint BasisPoints { get; init; }
}

/// <summary>One deployment in answers (op-cli.md §10).</summary>
internal sealed record DeploymentSummary
{
    public required string EnvironmentId { get; init; }

    public required string BundleId { get; init; }

    public required string DeploymentId { get; init; }

    public required string CustomerId { get; init; }

    public required DeploymentStatus Status { get; init; }

    public required int CurrentRevisionCount { get; init; }

    public required IReadOnlyList<string> Hosts { get; init; }

    /// <summary>The summary of a deployment.</summary>
    public static DeploymentSummary Of(BundleDeployment deployment) => new()
    {
        EnvironmentId = deployment.EnvId.ToString(),
        BundleId = deployment.BundleId,
        DeploymentId = deployment.DeploymentId.ToString(),
        CustomerId = deployment.CustomerId,
        Status = deployment.Status,
        CurrentRevisionCount = deployment.CurrentRevisions.Length,
        Hosts = deployment.RouteBinding.Hosts,
    };
}

/// <summary>What <c>bundles remove</c> answers: the deployment as it was, and what went with it.</summary>
internal sealed record RemovedDeploymentSummary
{
    public required string EnvironmentId { get; init; }

    public required string BundleId { get; init; }

    public required string DeploymentId { get; init; }

    public required string CustomerId { get; init; }

    public required DeploymentStatus Status { get; init; }

    public required int CurrentRevisionCount { get; init; }

    public required IReadOnlyList<string> Hosts { get; init; }

    public required IReadOnlyList<string> PrunedRevisionIds { get; init; }

    /// <summary>The answer of a removal.</summary>
    public static RemovedDeploymentSummary Of(BundleDeployment removed, IEnumerable<string> pruned)
    {
        var summary = DeploymentSummary.Of(removed);
        return new()
        {
            EnvironmentId = summary.EnvironmentId,
            BundleId = summary.BundleId,
            DeploymentId = summary.DeploymentId,
            CustomerId = summary.CustomerId,
            Status = summary.Status,
            CurrentRevisionCount = summary.CurrentRevisionCount,
            Hosts = summary.Hosts,
            PrunedRevisionIds = [.. pruned],
        };
    }
}

/// <summary>What <c>bundles list</c> answers.</summary>
internal sealed record DeploymentList(string EnvironmentId, IReadOnlyList<DeploymentSummary> Deployments);

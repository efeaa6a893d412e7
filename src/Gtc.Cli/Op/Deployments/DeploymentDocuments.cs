using System.Collections.Immutable;
using System.Text.Json;
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
    public ImmutableArray<SharePayload> RevenueShare { get; init; }

    public string? AuthorizationRef { get; init; }

    public ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, JsonElement>>? ConfigOverrides { get; init; }

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

/// <summary>What <c>bundles list</c> answers.</summary>
internal sealed record DeploymentList(string EnvironmentId, IReadOnlyList<DeploymentSummary> Deployments);

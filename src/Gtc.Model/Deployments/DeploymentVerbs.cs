using System.Collections.Immutable;
using System.Text.Json;

namespace Gtc.Model;

/// <summary>What <c>bundles add</c> asks for (environment-model.md §4.8).</summary>
public sealed record AddDeployment
{
    /// <summary>The minted id.</summary>
    public required DeploymentId DeploymentId { get; init; }

    /// <summary>The bundle.</summary>
    public required string BundleId { get; init; }

    /// <summary>Who is billed.</summary>
    public required string CustomerId { get; init; }

    /// <summary>Which requests reach it.</summary>
    public required RouteBinding RouteBinding { get; init; }

    /// <summary>Who earns what.</summary>
    public required ImmutableArray<RevenueShareEntry> RevenueShare { get; init; }

    /// <summary>The authorization document.</summary>
    public string AuthorizationRef { get; init; } = "auth.json";

    /// <summary>Non-secret settings, or null.</summary>
    public ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, JsonElement>>? ConfigOverrides { get; init; }
}

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
            return new Refusal.Conflict($"bundle `{command.BundleId}` of customer `{command.CustomerId}` is already deployed as {twin.DeploymentId}");
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
        return (document with { Bundles = document.Bundles.Add(added) }, added);
    }

    private static Refusal.InvalidArgument? CheckSegment(string member, string value) =>
        value.Length is > 0 and <= 128
        && value is not ("." or "..")
        && value.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or '@' or '+')
            ? null
            : new Refusal.InvalidArgument($"{member} `{value}` must be 1 to 128 characters [A-Za-z0-9._@+-] and not a dot segment; it becomes a folder name");

    private static Refusal.InvalidArgument? CheckRoute(RouteBinding route)
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

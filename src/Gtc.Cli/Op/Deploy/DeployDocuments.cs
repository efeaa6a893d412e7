using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Gtc.Cli.Op.Deployments;

namespace Gtc.Cli.Op.Deploy;

/// <summary>What <c>op deploy</c> takes (op-cli.md §9). The three spellings of overrides besides <c>config_overrides</c> are those of the flags.</summary>
internal sealed record DeployPayload
{
    public string? EnvironmentId { get; init; }

    /// <summary>The file's name without its ending when absent.</summary>
    public string? BundleId { get; init; }

    public string? CustomerId { get; init; }

    public string? BundlePath { get; init; }

    public string? BundleSourceUri { get; init; }

    public PinsPayload? RemotePins { get; init; }

    public string? IdempotencyKey { get; init; }

    public ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, JsonElement>>? ConfigOverrides { get; init; }

    /// <summary><c>PACK:KEY=VALUE</c>, the value a string.</summary>
    public ImmutableArray<string> ConfigOverride { get => field.IsDefault ? [] : field; init; }

    /// <summary><c>PACK:KEY=JSON</c>.</summary>
    public ImmutableArray<string> ConfigOverrideJson { get => field.IsDefault ? [] : field; init; }

    /// <summary>A file with overrides.</summary>
    public string? ConfigOverridesFrom { get; init; }

    public RoutePayload? RouteBinding { get; init; }

    public ImmutableArray<SharePayload> RevenueShare { get => field.IsDefault ? [] : field; init; }

    public bool RetireSuperseded { get; init; }
}

/// <summary>What a revision pins of a bundle that nobody looks at here.</summary>
internal sealed record PinsPayload
{
    public string? BundleDigest { get; init; }

    public uint? DrainSeconds { get; init; }
}

/// <summary>What <c>op deploy</c> answers; <c>retired_revisions</c> and <c>warnings</c> are gtc's own.</summary>
internal sealed record DeployResult
{
    public required string EnvironmentId { get; init; }

    public required string BundleId { get; init; }

    public required string DeploymentId { get; init; }

    public required string RevisionId { get; init; }

    public required bool ReusedDeployment { get; init; }

    public required IReadOnlyList<string> SupersededRevisions { get; init; }

    public required string Traffic { get; init; }

    public required string Status { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? RetiredRevisions { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Warnings { get; init; }
}

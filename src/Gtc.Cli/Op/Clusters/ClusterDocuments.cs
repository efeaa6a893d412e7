using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Gtc.Cli.Op.Clusters;

/// <summary>What <c>env reconcile</c> takes.</summary>
internal sealed record ReconcilePayload
{
    /// <summary>The environment.</summary>
    public string? EnvironmentId { get; init; }

    /// <summary>The deployer.</summary>
    public string? Kind { get; init; }

    /// <summary>What becomes of fields that somebody else changed.</summary>
    public string? Drift { get; init; }

    /// <summary>Whether objects that are not gtc's yet are taken over.</summary>
    public bool Adopt { get; init; }

    /// <summary>Whether nothing is changed.</summary>
    public bool DryRun { get; init; }

    /// <summary>Whether rollouts are not waited for.</summary>
    public bool NoWait { get; init; }

    /// <summary>Seconds that rollouts are waited for.</summary>
    public uint? Timeout { get; init; }

    /// <summary>Whether what runs in an earlier namespace or cluster is left behind.</summary>
    public bool AbandonPrevious { get; init; }

    /// <summary>Whether credentials that were not found valid within a day are refused.</summary>
    public bool RequireValidCredentials { get; init; }
}

/// <summary>What <c>env apply-revision</c> takes.</summary>
internal sealed record ApplyRevisionPayload
{
    /// <summary>The environment.</summary>
    public string? EnvironmentId { get; init; }

    /// <summary>The revision.</summary>
    public required string RevisionId { get; init; }

    /// <summary>The deployer.</summary>
    public string? Kind { get; init; }

    /// <summary>Whether rollouts and drains are not waited for.</summary>
    public bool NoWait { get; init; }

    /// <summary>Whether credentials that were not found valid within a day are refused.</summary>
    public bool RequireValidCredentials { get; init; }

    /// <summary>Seconds that rollouts are waited for.</summary>
    public uint? Timeout { get; init; }
}

/// <summary>What <c>env apply-traffic</c> takes.</summary>
internal sealed record ApplyTrafficPayload
{
    /// <summary>The environment.</summary>
    public string? EnvironmentId { get; init; }

    /// <summary>The deployment; the only one when not given.</summary>
    public string? DeploymentId { get; init; }

    /// <summary>The deployer.</summary>
    public string? Kind { get; init; }

    /// <summary>Whether credentials that were not found valid within a day end it; a fleet's only.</summary>
    public bool RequireValidCredentials { get; init; }
}

/// <summary>Where an environment was brought.</summary>
/// <param name="Context">The context of the kubeconfig; null for the current one.</param>
/// <param name="Namespace">The namespace.</param>
internal sealed record ClusterPlace(string? Context, string Namespace)
{
    /// <summary>For people.</summary>
    public override string ToString() => $"namespace {Namespace} of {(Context is null ? "the current context" : $"context {Context}")}";
}

/// <summary>Names an object.</summary>
internal sealed record ObjectShown(string ApiVersion, string Kind, string? Namespace, string Name)
{
    /// <summary>What was done; null where that is clear.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Outcome { get; init; }
}

/// <summary>A field that somebody else changed.</summary>
internal sealed record DriftShown(string Kind, string? Namespace, string Name, string Field, ImmutableArray<string> Owners, string? Wanted, string? Found);

/// <summary>What <c>env reconcile</c> answers.</summary>
internal sealed record ReconcileShown
{
    public required string EnvironmentId { get; init; }

    public required string Kind { get; init; }

    public required string? AnswersRef { get; init; }

    public required string Identity { get; init; }

    public required bool DryRun { get; init; }

    public required int ObjectCount { get; init; }

    public required int AppliedCount { get; init; }

    public required int CreatedCount { get; init; }

    public required int ChangedCount { get; init; }

    public required int UnchangedCount { get; init; }

    public required int PrunedCount { get; init; }

    public required ImmutableArray<ObjectShown> Applied { get; init; }

    public required ImmutableArray<ObjectShown> Pruned { get; init; }

    public required ImmutableArray<ObjectShown> AlreadyAbsent { get; init; }

    public required ImmutableArray<DriftShown> Drift { get; init; }

    public required int PodsTold { get; init; }

    public required ImmutableSortedDictionary<string, string> Discovered { get; init; }

    /// <summary>How many devices each revision has; null where there are none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<DevicesShown>? Devices { get; init; }

    /// <summary>How many devices changed revision.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? DevicesMoved { get; init; }

    /// <summary>How many devices were labelled.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? DevicesLabelled { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Warnings { get; init; }
}

/// <summary>How many devices a revision has.</summary>
internal sealed record DevicesShown(string DeploymentId, string RevisionId, uint WeightBps, int Devices);

/// <summary>What <c>env apply-revision</c> answers.</summary>
internal sealed record RevisionApplied(
    string EnvironmentId,
    string Kind,
    string RevisionId,
    string Lifecycle,
    string Action,
    string WorkerName,
    string? AnswersRef,
    string Identity,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? Warnings);

/// <summary>What <c>env apply-traffic</c> answers.</summary>
internal sealed record TrafficApplied(string EnvironmentId, string Kind, string DeploymentId, string Identity, ImmutableArray<AppliedShare> AppliedEntries);

/// <summary>A share in force.</summary>
internal sealed record AppliedShare(string RevisionId, uint WeightBps);

/// <summary>The payloads and results of the verbs that reach a cluster.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(ReconcilePayload))]
[JsonSerializable(typeof(ApplyRevisionPayload))]
[JsonSerializable(typeof(ApplyTrafficPayload))]
[JsonSerializable(typeof(ClusterPlace))]
[JsonSerializable(typeof(ReconcileShown))]
[JsonSerializable(typeof(RevisionApplied))]
[JsonSerializable(typeof(TrafficApplied))]
internal sealed partial class ClusterJson : JsonSerializerContext;

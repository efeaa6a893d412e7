using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Fleet.Contracts;
using Gtc.Kubernetes;
using DeploymentStatus = Gtc.Fleet.Contracts.DeploymentStatus;

namespace Gtc.Fleet.Operator;

/// <summary>Whether a deployment's resource can be given to devices, and why not.</summary>
/// <param name="IsAccepted">Whether it can.</param>
/// <param name="Reason">One word.</param>
/// <param name="Message">For people: what was expected, what was found.</param>
internal sealed record Verdict(bool IsAccepted, string Reason, string Message)
{
    public static readonly Verdict Valid = new(true, "Valid", "the selector and the score are valid");

    public static Verdict Of(ContractError error) => new(false, error.Fault switch
    {
        ContractFault.InvalidName => "InvalidName",
        ContractFault.InvalidSelector => "InvalidSelector",
        ContractFault.UnknownScore => "UnknownScore",
        ContractFault.ScoreTooLarge => "ScoreTooLarge",
        ContractFault.InvalidScore => "InvalidScore",
        ContractFault.InvalidRollout => "InvalidRollout",
        _ => "InvalidSpec",
    }, error.ToString());

    public static Verdict Conflict(KubeKey owner, string name) =>
        new(false, "NameConflict", $"devices know deployments by name only, and {name} belongs to {owner}; delete that one or choose another name");
}

/// <summary>A deployment's resource as the operator holds it: what was read of it, and what follows.</summary>
internal sealed record DeploymentRecord
{
    public required KubeKey Key { get; init; }

    public required string Uid { get; init; }

    public required long Generation { get; init; }

    /// <summary>The version of the resource that was seen last; null when it said none.</summary>
    public string? Version { get; init; }

    public required DateTimeOffset Created { get; init; }

    public required bool IsDeleting { get; init; }

    public required ImmutableArray<string> Finalizers { get; init; }

    /// <summary>What its own content says, before another of the same name is looked at.</summary>
    public required Verdict Verdict { get; init; }

    /// <summary>What goes to devices; null when the content is not valid.</summary>
    public ActiveDeployment? Active { get; init; }

    /// <summary>The status that the API server has.</summary>
    public DeploymentStatus? Status { get; init; }

    public bool SelectsAll { get; init; }

    /// <summary>Whether it owned its name before: only an owner is given the finalizer, and keeps it whatever becomes of its content.</summary>
    public bool WasAccepted => Finalizers.Contains(FleetApi.DeploymentFinalizer);

    public static DeploymentRecord Of(KubeKey key, JsonElement item)
    {
        var read = FleetDeployment.Parse(item);
        if (read.Error is { } unreadable)
        {
            return Unreadable(key, item, unreadable);
        }

        var resource = read.Value;
        var problems = resource.FindProblems();
        return new DeploymentRecord
        {
            Key = key,
            Uid = resource.Metadata.Uid ?? "",
            Generation = resource.Metadata.Generation ?? 0,
            Version = VersionOf(item),
            Created = resource.Metadata.CreationTimestamp ?? default,
            IsDeleting = resource.Metadata.DeletionTimestamp is not null,
            Finalizers = resource.Metadata.Finalizers ?? [],
            Verdict = problems.Count == 0 ? Verdict.Valid : Verdict.Of(problems[0]),
            Active = problems.Count == 0 ? ActiveDeployment.Of(key, resource) : null,
            SelectsAll = problems.Count == 0 && resource.Spec.TargetSelector.Compile().Value.SelectsAll,
            Status = resource.Status,
        };
    }

    /// <summary>Even of a resource whose content means nothing, the metadata is what the API server guarantees.</summary>
    private static DeploymentRecord Unreadable(KubeKey key, JsonElement item, ContractError error)
    {
        var metadata = item.GetProperty("metadata");
        return new DeploymentRecord
        {
            Key = key,
            Uid = Text(metadata, "uid") ?? "",
            Generation = metadata.TryGetProperty("generation", out var generation) && generation.TryGetInt64(out var number) ? number : 0,
            Version = VersionOf(item),
            Created = metadata.TryGetProperty("creationTimestamp", out var created) && created.TryGetDateTimeOffset(out var at) ? at : default,
            IsDeleting = metadata.TryGetProperty("deletionTimestamp", out _),
            Finalizers = metadata.TryGetProperty("finalizers", out var finalizers) ? [.. finalizers.EnumerateArray().Select(finalizer => finalizer.GetString()!)] : [],
            Verdict = Verdict.Of(error),
        };
    }

    /// <summary>Whether a reading of the resource differs from this one by nothing that matters here, without reading its content.</summary>
    public bool IsOf(JsonElement item)
    {
        var metadata = item.GetProperty("metadata");
        return !IsDeleting && !metadata.TryGetProperty("deletionTimestamp", out _)
            && Text(metadata, "uid") == Uid
            && metadata.TryGetProperty("generation", out var generation) && generation.TryGetInt64(out var number) && number == Generation
            && (metadata.TryGetProperty("finalizers", out var held) ? held.EnumerateArray().Select(finalizer => finalizer.GetString()).SequenceEqual(Finalizers) : Finalizers.IsEmpty)
            && (metadata.TryGetProperty("annotations", out var annotations) ? Text(annotations, FleetApi.ResumeAnnotation) : null) == Active?.ResumedHash;
    }

    public static string? VersionOf(JsonElement item) => Text(item.GetProperty("metadata"), "resourceVersion");

    private static string? Text(JsonElement item, string member) => item.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

/// <summary>A valid deployment: what is written for devices.</summary>
internal sealed record ActiveDeployment
{
    public required KubeKey Key { get; init; }

    public required string Uid { get; init; }

    /// <summary>The bytes that devices get.</summary>
    public required byte[] Score { get; init; }

    public required string ScoreHash { get; init; }

    public required DeploymentIntent Intent { get; init; }

    /// <summary>The rules of its roll-out, or null when all devices get the score at once.</summary>
    public RolloutRules? Rollout { get; init; }

    /// <summary>The score whose failures a person looked at and wants to go on with.</summary>
    public string? ResumedHash { get; init; }

    public static ActiveDeployment Of(KubeKey key, FleetDeployment resource)
    {
        var spec = resource.Spec;
        var score = spec.Score.ToCanonicalBytes();
        var hash = Contracts.ScoreHash.Of(score);
        var isBatched = spec.Rollout?.Strategy == RolloutSpec.Batched;
        var id = ScoreId.Parse(System.Text.Encoding.ASCII.GetBytes(hash));
        return new ActiveDeployment
        {
            Key = key,
            Uid = resource.Metadata.Uid ?? "",
            Score = score,
            ScoreHash = hash,
            Intent = new DeploymentIntent(resource.Metadata.Uid ?? "", spec.TargetSelector.Compile().Value.Terms, id, spec.Paused ?? false, isBatched),
            Rollout = isBatched
                ? new RolloutRules(spec.Rollout!.BatchSize!.Value, spec.Rollout.MaxUnavailable ?? RolloutSpec.DefaultMaxUnavailable, spec.Rollout.PauseOnFailedPercent ?? RolloutSpec.DefaultPauseOnFailedPercent)
                : null,
            ResumedHash = resource.Metadata.Annotations?.GetValueOrDefault(FleetApi.ResumeAnnotation),
        };
    }
}

using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Gtc.Flows;
using Gtc.Model;
using Gtc.Routing;

namespace Gtc.Runtime;

/// <summary>The answer of <c>GET /status</c> (worker-runtime.md §5.1); what follows <see cref="RestartRequired"/> is additive.</summary>
internal sealed record StatusReport
{
    public string Schema { get; init; } = Schemas.Status;

    public required EnvId EnvId { get; init; }

    public required string ListenAddr { get; init; }

    public required string Version { get; init; }

    public required int BundlesActive { get; init; }

    public required int DeploymentsRouted { get; init; }

    public required int RevisionsActive { get; init; }

    public bool RestartRequired { get; init; }

    /// <summary>The store server that is followed; absent without one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public StatusSource? Source { get; init; }

    /// <summary>Changes of the environment that were taken over while it runs, and those that were not.</summary>
    public required long Reloads { get; init; }

    public required long FailedReloads { get; init; }

    /// <summary>Where this machine alone is served and believed; absent without a tunnel.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? AdminAddr { get; init; }

    /// <summary>Where callers from outside come in; absent without a tunnel that is open.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? PublicUrl { get; init; }

    /// <summary>Where sessions are pinned; absent for a router, which pins none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public StatusPins? Pins { get; init; }

    /// <summary>Where flows keep state and waiting sessions; absent for a router, which runs none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public StatusStores? Stores { get; init; }

    public required ImmutableArray<StatusRevision> Revisions { get; init; }

    /// <summary>What <c>stable</c>, <c>previous</c> and <c>next</c> stand for, by deployment.</summary>
    public required ImmutableArray<StatusPointers> Pointers { get; init; }

    /// <summary>The doors to single revisions beside the dial; requests by them are in no row of <see cref="Revisions"/>.</summary>
    public required ImmutableArray<StatusPreview> Previews { get; init; }

    /// <summary>Revisions that are routed no more and have requests.</summary>
    public required ImmutableArray<StatusDrain> Draining { get; init; }

    /// <summary>Why something that was asked for is not served, in plain sentences.</summary>
    public required ImmutableArray<string> Problems { get; init; }

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, StatusJson.Default.StatusReport);
}

/// <summary>One row of the routing table: the share that is asked for, and the share that requests saw since the process began.</summary>
internal sealed record StatusRevision
{
    public required DeploymentId DeploymentId { get; init; }

    public required string BundleId { get; init; }

    public required RevisionId RevisionId { get; init; }

    public required uint WeightBps { get; init; }

    /// <summary>The share that new callers are given at the moment: those of revisions that take none went to the others.</summary>
    public required double LiveBps { get; init; }

    public required double SeenBps { get; init; }

    public required ulong Generation { get; init; }

    public required bool Healthy { get; init; }

    public required bool Draining { get; init; }

    public required long InFlight { get; init; }

    public required long Requests { get; init; }

    public required long Errors { get; init; }

    public static IEnumerable<StatusRevision> Of(DeploymentRoute route)
    {
        var total = Math.Max(1, route.Revisions.Sum(revision => revision.State.Meter.Requests));
        var live = Math.Max(1, route.Revisions.Where(revision => revision.TakesNew).Sum(revision => revision.WeightBps));
        return route.Revisions.Select(revision => new StatusRevision
        {
            DeploymentId = route.Deployment,
            BundleId = route.BundleId,
            RevisionId = revision.Revision,
            WeightBps = revision.WeightBps,
            LiveBps = revision.TakesNew ? Math.Round(revision.WeightBps * (double)TrafficSplit.Whole / live, 1) : 0,
            SeenBps = Math.Round(revision.State.Meter.Requests * (double)TrafficSplit.Whole / total, 1),
            Generation = route.Generation,
            Healthy = revision.State.IsHealthy,
            Draining = revision.State.IsDraining,
            InFlight = revision.State.InFlight,
            Requests = revision.State.Meter.Requests,
            Errors = revision.State.Meter.Errors,
        });
    }
}

/// <summary>The pointers of a deployment that is routed.</summary>
internal sealed record StatusPointers(DeploymentId DeploymentId, RevisionId? Stable, RevisionId? Previous, RevisionId? Next)
{
    public static StatusPointers Of(DeploymentRoute route) => new(route.Deployment, route.Pointers.Stable, route.Pointers.Previous, route.Pointers.Next);
}

/// <summary>A preview, and what came in by it since the process began.</summary>
internal sealed record StatusPreview
{
    public required DeploymentId DeploymentId { get; init; }

    public required RevisionId RevisionId { get; init; }

    public required string? Host { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>Whether it lets anybody in.</summary>
    public required bool Open { get; init; }

    /// <summary>Whether its revision may be given requests.</summary>
    public required bool Healthy { get; init; }

    public required long Requests { get; init; }

    public required long Errors { get; init; }

    public static StatusPreview Of(PreviewRoute preview, bool isThere, DateTimeOffset now) => new()
    {
        DeploymentId = preview.Route.Deployment,
        RevisionId = preview.Revision.Revision,
        Host = preview.Host,
        ExpiresAt = preview.ExpiresAt,
        Open = preview.IsOpenAt(now),
        Healthy = isThere && preview.IsServing,
        Requests = preview.Revision.State.PreviewMeter.Requests,
        Errors = preview.Revision.State.PreviewMeter.Errors,
    };
}

internal sealed record StatusDrain(DeploymentId DeploymentId, RevisionId RevisionId, long InFlight);

/// <summary>Where sessions are pinned, whether that place answers, and how many calls it did not answer.</summary>
internal sealed record StatusPins(string Store, bool Reachable, long Unanswered);

/// <summary>The store server that is followed: what is known of it, and for how long it was not heard.</summary>
internal sealed record StatusSource
{
    public required string StoreUrl { get; init; }

    public required ulong? Generation { get; init; }

    public required bool Connected { get; init; }

    /// <summary>Since the server said last that this generation is the newest; null when it did not since the process began. It says so every 15 seconds.</summary>
    public required double? AgeSeconds { get; init; }

    public required string? Problem { get; init; }

    public static StatusSource? Of(WorkerOptions options) => options.Following?.View is not { } view ? null : new StatusSource
    {
        StoreUrl = view.Address.ToString(),
        Generation = view.Generation,
        Connected = view.IsConnected,
        AgeSeconds = view.ConfirmedAt is { } at ? Math.Round((options.Time.GetUtcNow() - at).TotalSeconds, 1) : null,
        Problem = view.Problem,
    };
}

/// <summary>The stores of flows.</summary>
internal sealed record StatusStores(StatusStore State, StatusStore Sessions);

/// <summary>A store, and whether it can be reached at the moment.</summary>
internal sealed record StatusStore(string Store, bool Reachable)
{
    public static StatusStore Of(FlowRedis? redis) => redis is null ? new("memory", true) : new(redis.Place, redis.IsConnected);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(StatusReport))]
internal sealed partial class StatusJson : JsonSerializerContext;

using System.Text.Json.Serialization;

namespace Gtc.Model;

/// <summary>What happens with an update that becomes known.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<UpdateAction>))]
public enum UpdateAction
{
    /// <summary>It is written down.</summary>
    [JsonStringEnumMemberName("record_only")]
    RecordOnly,

    /// <summary>It is downloaded and verified.</summary>
    [JsonStringEnumMemberName("stage")]
    Stage,

    /// <summary>It is applied. Never the default.</summary>
    [JsonStringEnumMemberName("apply")]
    Apply,
}

/// <summary>The sidecar <c>update-channel.json</c> (environment-model.md §2.13). Absent members resolve to safe defaults.</summary>
public sealed record UpdateChannelConfig : KeepsUnknownMembers
{
    /// <summary>The shortest poll interval in seconds.</summary>
    public const ulong MinPollIntervalSecs = 60;

    /// <summary>The poll interval in seconds when none is given.</summary>
    public const ulong DefaultPollIntervalSecs = 3600;

    /// <summary>The fleet's plan endpoint.</summary>
    public const string DefaultPlanEndpoint = "https://updates.greentic.cloud/v1/environments/_/plan";

    /// <summary>The identity whose keys sign the fleet's plans.</summary>
    public const string DefaultTrustDid = "did:web:trust.greentic.cloud";

    private const string PlanSuffix = "/plan";

    /// <summary>Always <see cref="Schemas.UpdateChannel"/>.</summary>
    public required string Schema { get; init; }

    /// <summary>The environment.</summary>
    public required EnvId EnvironmentId { get; init; }

    /// <summary>Whether updates are looked for.</summary>
    public bool? Enabled { get; init; }

    /// <summary>The older spelling of the action; never <see cref="UpdateAction.Apply"/>, which older readers do not know.</summary>
    public UpdateAction? OnNotify { get; init; }

    /// <summary>The action.</summary>
    public UpdateAction? OnUpdate { get; init; }

    /// <summary>Seconds between two looks.</summary>
    public ulong? PollIntervalSecs { get; init; }

    /// <summary>Where plans are polled; null when none are.</summary>
    public string? PlanEndpoint { get; init; }

    /// <summary>Whether a stream of notices is listened to.</summary>
    public bool? PushEnabled { get; init; }

    /// <summary>Where the stream is, or null for beside the plan.</summary>
    public string? StreamEndpoint { get; init; }

    /// <summary>A channel that is not configured: disabled.</summary>
    public static UpdateChannelConfig Absent(EnvId environment) => new() { Schema = Schemas.UpdateChannel, EnvironmentId = environment };

    /// <summary>Whether updates are looked for; no by default.</summary>
    public bool ResolveEnabled() => Enabled ?? false;

    /// <summary>The action that counts.</summary>
    public UpdateAction ResolveAction() => OnUpdate ?? OnNotify ?? UpdateAction.Stage;

    /// <summary>The poll interval that counts, in seconds.</summary>
    public ulong ResolvePollIntervalSecs() => Math.Max(PollIntervalSecs ?? DefaultPollIntervalSecs, MinPollIntervalSecs);

    /// <summary>Whether a stream is listened to; yes by default.</summary>
    public bool ResolvePushEnabled() => PushEnabled ?? true;

    /// <summary>Where the stream is, or null when there is none.</summary>
    public string? ResolveStreamEndpoint() => StreamEndpoint
        ?? (PlanEndpoint is { } plan && plan.EndsWith(PlanSuffix, StringComparison.Ordinal) ? plan[..^PlanSuffix.Length] + "/updates/stream" : null);

    /// <summary>Sets the action in both spellings, so that an older reader stays on the safe side.</summary>
    public UpdateChannelConfig WithAction(UpdateAction action) => this with
    {
        OnUpdate = action,
        OnNotify = action == UpdateAction.RecordOnly ? UpdateAction.RecordOnly : UpdateAction.Stage,
    };

    /// <summary>Sets the poll interval; shorter than a minute is refused.</summary>
    public Outcome<UpdateChannelConfig> WithPollInterval(ulong seconds) => seconds < MinPollIntervalSecs
        ? new Refusal.InvalidArgument($"poll_interval_secs must be at least {MinPollIntervalSecs}, {seconds} was given")
        : this with { PollIntervalSecs = seconds };
}

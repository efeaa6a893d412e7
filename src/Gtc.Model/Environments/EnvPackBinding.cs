using System.Text.Json.Serialization;

namespace Gtc.Model;

/// <summary>The closed list of abilities that an environment may have, in canonical order (environment-model.md §1.5).</summary>
[JsonConverter(typeof(JsonStringEnumConverter<CapabilitySlot>))]
public enum CapabilitySlot
{
    /// <summary>How revisions are run.</summary>
    [JsonStringEnumMemberName("deployer")]
    Deployer,

    /// <summary>Where secrets live.</summary>
    [JsonStringEnumMemberName("secrets")]
    Secrets,

    /// <summary>Where traces and metrics go.</summary>
    [JsonStringEnumMemberName("telemetry")]
    Telemetry,

    /// <summary>Where sessions are kept.</summary>
    [JsonStringEnumMemberName("sessions")]
    Sessions,

    /// <summary>Where component state is kept.</summary>
    [JsonStringEnumMemberName("state")]
    State,

    /// <summary>Which keys and artifacts are no longer trusted.</summary>
    [JsonStringEnumMemberName("revocation")]
    Revocation,

    /// <summary>Bound through messaging endpoints, never through <c>packs</c>.</summary>
    [JsonStringEnumMemberName("messaging")]
    Messaging,

    /// <summary>Bound through <c>extensions</c>, never through <c>packs</c>.</summary>
    [JsonStringEnumMemberName("extension")]
    Extension,
}

/// <summary>One env-pack in its slot.</summary>
public sealed record EnvPackBinding : KeepsUnknownMembers
{
    /// <summary>The slot.</summary>
    public required CapabilitySlot Slot { get; init; }

    /// <summary>What implements it.</summary>
    public required PackDescriptor Kind { get; init; }

    /// <summary>Where the pack comes from.</summary>
    public required string PackRef { get; init; }

    /// <summary>The answers, relative to the environment's folder, or null.</summary>
    public string? AnswersRef { get; init; }

    /// <summary>The digest of the answers as canonical JSON, under which their content is kept; null when gtc did not put them there.</summary>
    public Sha256Digest? AnswersDigest { get; init; }

    /// <summary>Counts the changes of this binding, from 0.</summary>
    public ulong Generation { get; init; }

    /// <summary>The binding before this one as an inline token (environment-model.md §4.3), or null.</summary>
    public string? PreviousBindingRef { get; init; }
}

/// <summary>One extension env-pack; its identity is the kind's path and the instance id.</summary>
public sealed record ExtensionBinding : KeepsUnknownMembers
{
    /// <summary>What it is.</summary>
    public required PackDescriptor Kind { get; init; }

    /// <summary>Where the pack comes from.</summary>
    public required string PackRef { get; init; }

    /// <summary><c>[a-z0-9-]+</c>, or null for the only instance.</summary>
    public string? InstanceId { get; init; }

    /// <summary>The answers, relative to the environment's folder, or null.</summary>
    public string? AnswersRef { get; init; }

    /// <summary>The digest of the answers as canonical JSON, under which their content is kept; null when gtc did not put them there.</summary>
    public Sha256Digest? AnswersDigest { get; init; }

    /// <summary>Counts the changes of this binding, from 0.</summary>
    public ulong Generation { get; init; }

    /// <summary>The binding before this one as an inline token, or null.</summary>
    public string? PreviousBindingRef { get; init; }
}

using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Gtc.Model;

namespace Gtc.Cli.Op.Environments;

/// <summary>What <c>env doctor</c> answers (op-cli.md §5.3).</summary>
internal sealed record DoctorReport
{
    public required string EnvironmentId { get; init; }

    public required DateTimeOffset CheckedAt { get; init; }

    public required bool HasRuntime { get; init; }

    public required DocumentVerdict Validate { get; init; }

    public ImmutableArray<string> BoundSlots { get; init; } = [];

    public ImmutableArray<string> MissingSlots { get; init; } = [];

    public ImmutableArray<string> UnknownKinds { get; init; } = [];

    public ImmutableArray<SlotMismatch> SlotMismatches { get; init; } = [];

    public ImmutableArray<VersionSkew> VersionSkew { get; init; } = [];

    /// <summary>Installed packs that cannot be believed or started.</summary>
    public ImmutableArray<UnusablePack> UnusablePacks { get; init; } = [];

    public ExtensionFindings Extensions { get; init; } = new(0, [], [], []);

    public ImmutableArray<StaleRevisionShown> StaleRevisions { get; init; } = [];

    /// <summary>Answers that do not fit, and env-packs that do not fit together; sentences.</summary>
    public ImmutableArray<string> Problems { get; init; } = [];

    /// <summary>Whether something should not be so. A slot that is not bound is not a fault by itself, nor is an extension without a handler.</summary>
    [JsonIgnore]
    public bool HasFindings => Validate.Status != "ok" || UnknownKinds.Length + SlotMismatches.Length + VersionSkew.Length + UnusablePacks.Length
        + Extensions.SlotMismatches.Length + Extensions.VersionSkew.Length + StaleRevisions.Length + Problems.Length > 0;
}

/// <summary>Whether the document is valid.</summary>
internal sealed record DocumentVerdict(string Status, string Message);

/// <summary>An env-pack in a slot that it does not fit.</summary>
internal sealed record SlotMismatch(string Kind, string BoundSlot, string HandlerSlot);

/// <summary>A version that its handler does not support.</summary>
internal sealed record VersionSkew(string Kind, string Requested, string Supported);

/// <summary>An installed pack that cannot be used.</summary>
internal sealed record UnusablePack(string Kind, string Why);

/// <summary>The same for extensions.</summary>
internal sealed record ExtensionFindings(int Count, ImmutableArray<string> UnknownKinds, ImmutableArray<SlotMismatch> SlotMismatches, ImmutableArray<VersionSkew> VersionSkew);

/// <summary>The documents of <c>env doctor</c> and <c>env tool-check</c>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    Converters = [typeof(Rfc3339Json)])]
[JsonSerializable(typeof(EnvironmentPayload))]
[JsonSerializable(typeof(DoctorReport))]
[JsonSerializable(typeof(ToolReport))]
internal sealed partial class DoctorJson : JsonSerializerContext;

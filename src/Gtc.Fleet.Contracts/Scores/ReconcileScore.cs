using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gtc.Fleet.Contracts;

/// <summary>
/// What a device has to run, tagged with its variant: <c>{"PodmanV0":{…}}</c> (fleet.md §3.4). Exactly one variant; one that this version does not know is
/// kept in <see cref="KeepsUnknown.Unknown"/>, so that new variants are additions.
/// </summary>
public sealed record ReconcileScore : KeepsUnknown
{
    /// <summary>Containers by podman, or null when it is another variant.</summary>
    [Field("Runs containers on the device with podman.")]
    [JsonPropertyName("PodmanV0")]
    public PodmanV0? PodmanV0 { get; init; }

    /// <summary>Reads a value of <c>desired-state</c>. Rules beyond the shape are those of <see cref="FindProblems"/>.</summary>
    public static ContractResult<ReconcileScore> Parse(ReadOnlySpan<byte> json)
    {
        var read = PayloadJson.Read(json, PayloadJson.Default.ReconcileScore, "score");
        return read.Error is { } error ? error with { Fault = ContractFault.InvalidScore } : read;
    }

    /// <summary>Reads the <c>score</c> of a resource.</summary>
    public static ContractResult<ReconcileScore> Parse(JsonElement json) => Parse(JsonSerializer.SerializeToUtf8Bytes(json, PayloadJson.Default.JsonElement));

    /// <summary>Every rule that the score breaks; none for a score that can be given to a device.</summary>
    public IReadOnlyList<ContractError> FindProblems() => ScoreRules.FindProblems(this);

    /// <summary>The bytes that devices compare (fleet.md §3.4): the same score always gives the same bytes.</summary>
    public byte[] ToCanonicalBytes() => CanonicalScore.Write(this);

    /// <summary>The hash of <see cref="ToCanonicalBytes"/>.</summary>
    public string ComputeHash() => ScoreHash.Of(ToCanonicalBytes());
}

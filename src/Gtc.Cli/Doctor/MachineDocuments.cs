using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Gtc.Cli.Doctor;

/// <summary>What <c>gtc doctor</c> takes.</summary>
internal sealed record DoctorPayload
{
    /// <summary>Where environments live; found as by every other command when absent.</summary>
    public string? StoreRoot { get; init; }
}

/// <summary>How a check ended.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<CheckStatus>))]
internal enum CheckStatus
{
    /// <summary>As it should be.</summary>
    [JsonStringEnumMemberName("ok")]
    Ok,

    /// <summary>gtc does its work without it; something beyond may want it.</summary>
    [JsonStringEnumMemberName("hint")]
    Hint,

    /// <summary>Something does not work, or is not safe, until it is mended.</summary>
    [JsonStringEnumMemberName("finding")]
    Finding,
}

/// <summary>One check of the machine.</summary>
/// <param name="Check">Its name; stays the same between versions.</param>
/// <param name="Status">How it ended.</param>
/// <param name="Found">What was found, one sentence.</param>
/// <param name="Next">What to do, as a command where there is one; null when there is nothing to do.</param>
internal sealed record MachineCheck(string Check, CheckStatus Status, string Found, string? Next = null);

/// <summary>What <c>gtc doctor</c> answers.</summary>
/// <param name="Findings">How many checks ended as a finding.</param>
/// <param name="Checks">All of them.</param>
internal sealed record MachineReport(int Findings, ImmutableArray<MachineCheck> Checks);

/// <summary>The documents of <c>gtc doctor</c>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(DoctorPayload))]
[JsonSerializable(typeof(MachineReport))]
internal sealed partial class MachineJson : JsonSerializerContext;

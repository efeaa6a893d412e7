using System.Text.Json.Serialization;

namespace Gtc.Conformance;

/// <summary>How a check ended.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<CheckStatus>))]
public enum CheckStatus
{
    /// <summary>The deployer did what it must.</summary>
    [JsonStringEnumMemberName("passed")]
    Passed,

    /// <summary>It did not.</summary>
    [JsonStringEnumMemberName("failed")]
    Failed,

    /// <summary>The deployer does not claim to do that.</summary>
    [JsonStringEnumMemberName("not-applicable")]
    NotApplicable,
}

/// <summary>One check after it ran.</summary>
public sealed record CheckResult
{
    /// <summary>The check, e.g. <c>C12</c>; those of deployers-and-conformance.md §12.2 are <c>C1</c> to <c>C11</c>.</summary>
    public required string Id { get; init; }

    /// <summary>What must hold.</summary>
    public required string Title { get; init; }

    /// <summary>How it ended.</summary>
    public required CheckStatus Status { get; init; }

    /// <summary>The kind of failure, e.g. <c>NotIdempotent</c>, or null.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Failure { get; init; }

    /// <summary>The verb that failed, e.g. <c>warm_revision</c>, or null.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Verb { get; init; }

    /// <summary>What was seen, or why the check does not apply; null when it passed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Message { get; init; }

    /// <summary>How long it took, in milliseconds.</summary>
    public required double ElapsedMs { get; init; }
}

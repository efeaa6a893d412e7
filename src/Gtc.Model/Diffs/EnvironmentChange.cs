using System.Text.Json.Serialization;

namespace Gtc.Model;

/// <summary>How something differs.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ChangeKind>))]
public enum ChangeKind
{
    /// <summary>It is only in the second.</summary>
    [JsonStringEnumMemberName("+")]
    Added,

    /// <summary>It is in both, with different values.</summary>
    [JsonStringEnumMemberName("~")]
    Changed,

    /// <summary>It is only in the first.</summary>
    [JsonStringEnumMemberName("-")]
    Removed,
}

/// <summary>One difference between two environments.</summary>
/// <param name="Kind"><c>+</c>, <c>~</c> or <c>-</c>.</param>
/// <param name="Subject">What differs, from the outside in: <c>deployments/checkout@acme/traffic/01J9…</c>.</param>
/// <param name="Before">The first one's value, or null.</param>
/// <param name="After">The second one's value, or null.</param>
public sealed record EnvironmentChange(ChangeKind Kind, string Subject, string? Before = null, string? After = null);

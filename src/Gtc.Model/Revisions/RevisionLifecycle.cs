using System.Text.Json.Serialization;

namespace Gtc.Model;

/// <summary>The life of a revision (environment-model.md §2.5).</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RevisionLifecycle>))]
public enum RevisionLifecycle
{
    /// <summary>Drained, may be staged again.</summary>
    [JsonStringEnumMemberName("inactive")]
    Inactive,

    /// <summary>Pinned, not yet checked.</summary>
    [JsonStringEnumMemberName("staged")]
    Staged,

    /// <summary>Being checked.</summary>
    [JsonStringEnumMemberName("warming")]
    Warming,

    /// <summary>May take traffic.</summary>
    [JsonStringEnumMemberName("ready")]
    Ready,

    /// <summary>Finishes what it has, takes nothing new.</summary>
    [JsonStringEnumMemberName("draining")]
    Draining,

    /// <summary>A check failed.</summary>
    [JsonStringEnumMemberName("failed")]
    Failed,

    /// <summary>The end.</summary>
    [JsonStringEnumMemberName("archived")]
    Archived,
}

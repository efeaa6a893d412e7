using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Gtc.Conformance;

namespace Gtc.Cli.Conformance;

/// <summary>What <c>gtc conformance</c> takes.</summary>
internal sealed record ConformancePayload
{
    /// <summary>The deployer, or null for that of this machine.</summary>
    public string? Deployer { get; init; }

    /// <summary>Checks with commas between them, or null for all.</summary>
    public string? Only { get; init; }

    /// <summary>The kubeconfig of the cluster.</summary>
    public string? Kubeconfig { get; init; }

    /// <summary>Its context.</summary>
    public string? Context { get; init; }

    /// <summary>The image that pods run.</summary>
    public string? Image { get; init; }

    /// <summary>Seconds that pods get to become healthy.</summary>
    public uint? Timeout { get; init; }
}

/// <summary>What <c>gtc conformance</c> answers.</summary>
/// <param name="Failed">How many checks failed in all reports.</param>
/// <param name="Reports">One for each way in which the deployer works.</param>
internal sealed record ConformanceShown(int Failed, ImmutableArray<ConformanceReport> Reports)
{
    /// <summary>What these reports come to.</summary>
    public static ConformanceShown Of(ImmutableArray<ConformanceReport> reports) => new(reports.Sum(report => report.Failed), reports);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(ConformancePayload))]
[JsonSerializable(typeof(ConformanceShown))]
internal sealed partial class ConformanceJson : JsonSerializerContext;

using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Gtc.Cli.Pack;

/// <summary>What <c>pack build</c> takes.</summary>
internal sealed record PackBuildPayload
{
    /// <summary>The source folder.</summary>
    public required string Folder { get; init; }

    /// <summary>The file to write; named after the folder when absent.</summary>
    public string? Output { get; init; }
}

/// <summary>What <c>pack inspect</c> takes.</summary>
internal sealed record PackInspectPayload
{
    /// <summary>The pack file.</summary>
    public required string Pack { get; init; }
}

/// <summary>What <c>pack build</c> answers.</summary>
internal sealed record PackBuilt(
    string Path, string PackId, string Version, long Bytes, string Digest, int FileCount, ImmutableArray<string> Flows, ImmutableArray<string> Components);

/// <summary>What <c>pack inspect</c> answers.</summary>
internal sealed record PackShown
{
    public required string Path { get; init; }

    public required string PackId { get; init; }

    public string? Name { get; init; }

    public required string Version { get; init; }

    public required string Kind { get; init; }

    public required string Publisher { get; init; }

    public required long Bytes { get; init; }

    public required string Digest { get; init; }

    public required ImmutableArray<FlowShown> Flows { get; init; }

    public required ImmutableArray<PackComponentShown> Components { get; init; }

    public required ImmutableArray<PackFileShown> Files { get; init; }
}

/// <summary>A flow of a pack.</summary>
internal sealed record FlowShown(string Id, string Kind, string? Title, bool IsEntry, ImmutableArray<string> Tags, ImmutableArray<NodeShown> Nodes);

/// <summary>A node of a flow.</summary>
internal sealed record NodeShown(string Id, string Component, string? Operation, string Then);

/// <summary>A component of a pack; its size is null when its code is not packed.</summary>
internal sealed record PackComponentShown(string Id, string Version, long? Bytes, ImmutableArray<string> Operations);

/// <summary>A file in a pack.</summary>
internal sealed record PackFileShown(string Path, long Bytes);

/// <summary>The payloads and results of <c>gtc pack</c>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(PackBuildPayload))]
[JsonSerializable(typeof(PackInspectPayload))]
[JsonSerializable(typeof(PackBuilt))]
[JsonSerializable(typeof(PackShown))]
internal sealed partial class PackJson : JsonSerializerContext;

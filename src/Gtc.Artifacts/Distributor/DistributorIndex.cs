using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Gtc.Artifacts.Distributor;

/// <summary>The answer to <c>GET /</c>.</summary>
internal sealed record DistributorIndex(ImmutableArray<IndexedFile> Files)
{
    /// <summary>True when there are more files than are named; absent otherwise.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Truncated { get; init; }
}

/// <summary>One file of the index.</summary>
internal sealed record IndexedFile(string Path, long Size, string Digest);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(DistributorIndex))]
internal sealed partial class DistributorJson : JsonSerializerContext;

using System.Text.Json.Serialization;

namespace Gtc.Cli.Bundles;

/// <summary>What <c>bundle build</c> takes.</summary>
internal sealed record BuildPayload
{
    /// <summary>The source folder.</summary>
    public required string Folder { get; init; }

    /// <summary>The file to write; named after the folder when absent.</summary>
    public string? Output { get; init; }
}

/// <summary>What <c>bundle inspect</c> takes.</summary>
internal sealed record InspectPayload
{
    public required string Bundle { get; init; }
}

/// <summary>What <c>bundle verify</c> takes.</summary>
internal sealed record VerifyPayload
{
    public required string Source { get; init; }

    public string? Digest { get; init; }

    public ulong? MaxBundleBytes { get; init; }
}

/// <summary>What <c>bundle extract</c> takes.</summary>
internal sealed record ExtractPayload
{
    public required string Bundle { get; init; }

    public required string Folder { get; init; }
}

/// <summary>What <c>bundle pull</c> takes.</summary>
internal sealed record PullPayload
{
    public required string Source { get; init; }

    public required string Output { get; init; }

    public string? Digest { get; init; }

    public ulong? MaxBundleBytes { get; init; }
}

/// <summary>What <c>bundle push</c> takes.</summary>
internal sealed record PushPayload
{
    public required string Bundle { get; init; }

    public required string Reference { get; init; }
}

/// <summary>What <c>bundle build</c> answers.</summary>
internal sealed record BuildResult(string Path, string BundleId, long Bytes, string Digest, int FileCount);

/// <summary>What <c>bundle inspect</c> and <c>bundle verify</c> answer.</summary>
internal sealed record BundleFindings
{
    public required string Source { get; init; }

    public required long Bytes { get; init; }

    public required string Digest { get; init; }

    /// <summary>Whether the digest was compared with one that the caller knew before.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? DigestPinned { get; init; }

    public required string BundleId { get; init; }

    public required string BundleName { get; init; }

    public required string Compressor { get; init; }

    public required int FileCount { get; init; }

    public required IReadOnlyList<PackFindings> Packs { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Warnings { get; init; }
}

/// <summary>One pack of a bundle.</summary>
internal sealed record PackFindings
{
    public required string PackId { get; init; }

    public required string Path { get; init; }

    public required long Bytes { get; init; }

    public required string Digest { get; init; }

    /// <summary>What the pack calls itself; null when it cannot be read.</summary>
    public required string? ManifestId { get; init; }

    public required string? Version { get; init; }

    public required IReadOnlyList<string> Flows { get; init; }

    /// <summary>Why it cannot be read.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Problem { get; init; }
}

/// <summary>What <c>bundle extract</c> answers.</summary>
internal sealed record ExtractResult(string Folder, int Files, int Directories, int Links, long Bytes);

/// <summary>What <c>bundle pull</c> answers.</summary>
internal sealed record PullResult(string Path, string Source, long Bytes, string Digest, bool DigestPinned);

/// <summary>What <c>bundle push</c> answers.</summary>
internal sealed record PushResult(string Reference, string ManifestDigest, string BundleDigest, long Bytes, bool AlreadyThere);

/// <summary>The payloads and results of <c>gtc bundle</c>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(BuildPayload))]
[JsonSerializable(typeof(InspectPayload))]
[JsonSerializable(typeof(VerifyPayload))]
[JsonSerializable(typeof(ExtractPayload))]
[JsonSerializable(typeof(PullPayload))]
[JsonSerializable(typeof(PushPayload))]
[JsonSerializable(typeof(BuildResult))]
[JsonSerializable(typeof(BundleFindings))]
[JsonSerializable(typeof(ExtractResult))]
[JsonSerializable(typeof(PullResult))]
[JsonSerializable(typeof(PushResult))]
internal sealed partial class BundleJson : JsonSerializerContext;

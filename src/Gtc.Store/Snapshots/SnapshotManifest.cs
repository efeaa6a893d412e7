using System.Text.Json;
using System.Text.Json.Serialization;
using Gtc.Model;

namespace Gtc.Store;

/// <summary>What a snapshot holds, <c>manifest.json</c> (store.md §6).</summary>
internal sealed record SnapshotManifest
{
    /// <summary>The name of the file.</summary>
    public const string FileName = "manifest.json";

    /// <summary>The most bytes of the file.</summary>
    public const int MaxBytes = 1 << 20;

    private const string SchemaId = "greentic.snapshot-manifest.v1";

    /// <summary>Always the same.</summary>
    public required string Schema { get; init; }

    /// <summary>The environment.</summary>
    public required string EnvId { get; init; }

    /// <summary>Paths relative to the environment's folder: true for a file that was captured, false for one that was absent.</summary>
    public required SortedDictionary<string, bool> Files { get; init; }

    /// <summary>When it was made; absent in snapshots of others.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>The generation of the environment; absent in snapshots of others.</summary>
    public ulong? EnvGeneration { get; init; }

    /// <summary>The digests of the captured files, so that a damaged one is not restored; absent in snapshots of others.</summary>
    public SortedDictionary<string, string>? Digests { get; init; }

    /// <summary>A manifest of now.</summary>
    public static SnapshotManifest Of(EnvId environment, IReadOnlyDictionary<string, byte[]?> files, DateTimeOffset now, ulong generation)
    {
        var manifest = new SnapshotManifest
        {
            Schema = SchemaId,
            EnvId = environment.ToString(),
            Files = new(StringComparer.Ordinal),
            CreatedAt = now,
            EnvGeneration = generation,
            Digests = new(StringComparer.Ordinal),
        };
        foreach (var (reference, bytes) in files)
        {
            manifest.Files[reference] = bytes is not null;
            if (bytes is not null)
            {
                manifest.Digests[reference] = Digest(bytes);
            }
        }

        return manifest;
    }

    /// <summary>The digest of a captured file.</summary>
    public static string Digest(ReadOnlySpan<byte> bytes) => Sha256Digest.FromBytes(System.Security.Cryptography.SHA256.HashData(bytes)).ToString();

    /// <summary>The bytes of the file.</summary>
    public byte[] ToFile() => [.. JsonSerializer.SerializeToUtf8Bytes(this, SnapshotJson.Default.SnapshotManifest), (byte)'\n'];

    /// <summary>Reads a manifest, and refuses one that names a file which no snapshot may touch: nothing outside the environment's folder, and no trusted key.</summary>
    public static Outcome<SnapshotManifest> Parse(byte[] bytes, EnvId environment, string path)
    {
        SnapshotManifest? manifest;
        try
        {
            manifest = JsonSerializer.Deserialize(bytes, SnapshotJson.Default.SnapshotManifest);
        }
        catch (JsonException error)
        {
            return new Refusal.InvalidArgument($"{path} is not a snapshot's manifest: {error.Message.TrimEnd('.')}");
        }

        return manifest is not { Schema: SchemaId } ? new Refusal.InvalidArgument($"{path} is not a snapshot's manifest: schema must be {SchemaId}, found {manifest?.Schema ?? "none"}")
            : manifest.EnvId != environment.ToString() ? new Refusal.InvalidArgument($"{path} belongs to environment `{manifest.EnvId}`, not to `{environment}`")
            : !manifest.Files.GetValueOrDefault(EnvironmentLayout.DocumentName) ? new Refusal.InvalidArgument($"{path} holds no {EnvironmentLayout.DocumentName}")
            : manifest.Files.Keys.FirstOrDefault(reference => !SnapshotFiles.MayHold(reference)) is { } stranger
            ? new Refusal.InvalidArgument($"{path} names `{stranger}`, which is no file of a snapshot")
            : manifest;
    }
}

/// <summary>The wire shape of a snapshot's manifest.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    MaxDepth = 8,
    WriteIndented = true,
    Converters = [typeof(Rfc3339Json)])]
[JsonSerializable(typeof(SnapshotManifest))]
internal sealed partial class SnapshotJson : JsonSerializerContext;

using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Model;

namespace Gtc.Store.Server;

/// <summary>
/// The last image of an environment that is about to end, kept beside all environments so that a mistake can be undone. The backups that it kept of itself are not in it, nor is the
/// audit log: that outlives the environment, as rows or in <c>.destroyed/</c>.
/// </summary>
/// <param name="Manifest">What is told of it.</param>
/// <param name="Content">The image, compressed.</param>
/// <param name="Artifacts">The digests of the artifacts that it names, so that nobody has to unpack it to know them.</param>
public sealed record FinalBackup(BackupManifest Manifest, ReadOnlyMemory<byte> Content, ImmutableArray<string> Artifacts)
{
    /// <summary>How many bytes may lie beside the document: it is made while the environment is locked.</summary>
    public const long MostBytes = 64 << 20;

    /// <summary>How many are kept of a whole store; the oldest go first.</summary>
    public const int Most = 100;

    /// <summary>Makes one.</summary>
    public static FinalBackup Of(EndingEnvironment ending, Ulid id, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(ending);
        var (manifest, content) = KeptBackups.Pack(ending.Image, id.ToString(), now);
        return new FinalBackup(manifest with { AuditLines = ending.AuditLines, AuditHead = ending.AuditHead }, content, [.. UnusedArtifacts.NamedBy(ending.Image.Document)]);
    }

    /// <summary>The names of the artifacts as they are kept.</summary>
    internal static byte[] ToBytes(ImmutableArray<string> artifacts) => JsonSerializer.SerializeToUtf8Bytes(artifacts, StorageJson.Default.ImmutableArrayString);

    /// <summary>Names of artifacts that were kept.</summary>
    internal static Outcome<ImmutableArray<string>> ParseArtifacts(ReadOnlySpan<byte> artifacts)
    {
        try
        {
            return JsonSerializer.Deserialize(artifacts, StorageJson.Default.ImmutableArrayString);
        }
        catch (JsonException error)
        {
            return new Refusal.StoreFailed($"the artifacts of a final backup cannot be read: {error.Message}");
        }
    }

    /// <summary>The manifest as it is kept.</summary>
    internal static byte[] ToBytes(BackupManifest manifest) => JsonSerializer.SerializeToUtf8Bytes(manifest, ContractJson.Default.BackupManifest);

    /// <summary>A manifest that was kept.</summary>
    internal static Outcome<BackupManifest> Parse(ReadOnlySpan<byte> manifest)
    {
        try
        {
            return JsonSerializer.Deserialize(manifest, ContractJson.Default.BackupManifest)!;
        }
        catch (JsonException error)
        {
            return new Refusal.StoreFailed($"the manifest of a final backup cannot be read: {error.Message}");
        }
    }

    /// <summary>All manifests, or the first refusal.</summary>
    internal static Outcome<ImmutableArray<BackupManifest>> Parse(IEnumerable<byte[]> manifests)
    {
        var found = ImmutableArray.CreateBuilder<BackupManifest>();
        foreach (var bytes in manifests)
        {
            if (!Parse(bytes).TryGet(out var manifest, out var refusal))
            {
                return refusal;
            }

            found.Add(manifest);
        }

        return found.ToImmutable();
    }
}

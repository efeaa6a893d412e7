using System.Collections.Immutable;
using System.Text.Json;
using Gtc.Model;

namespace Gtc.Store.Server;

/// <summary>The last image of an environment that is about to end, kept beside all environments so that a mistake can be undone. The backups that it kept of itself are not in it.</summary>
/// <param name="Manifest">What is told of it.</param>
/// <param name="Content">The image, compressed.</param>
public sealed record FinalBackup(BackupManifest Manifest, ReadOnlyMemory<byte> Content)
{
    /// <summary>How many are kept of a whole store; the oldest go first.</summary>
    public const int Most = 100;

    /// <summary>Makes one.</summary>
    public static FinalBackup Of(EnvironmentImage image, Ulid id, DateTimeOffset now)
    {
        var (manifest, content) = KeptBackups.Pack(KeptBackups.Bare(image), id.ToString(), now);
        return new FinalBackup(manifest, content);
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

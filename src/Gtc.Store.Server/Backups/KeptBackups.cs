using System.Collections.Immutable;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using Gtc.Model;

namespace Gtc.Store.Server;

/// <summary>
/// The backups that an environment keeps of itself, beside its document: an index, and for each the compressed image without the audit log. The log only grows and proves itself, so
/// a backup names its last line; so many backups do not hold one history many times.
/// </summary>
internal static class KeptBackups
{
    /// <summary>The most backups of one environment; at the bound nothing is evicted.</summary>
    public const int Most = 256;

    /// <summary>Where they lie beside the document.</summary>
    public const string Folder = "kept-backups/";

    private static readonly SideName Index = SideName.Of(Folder + "index.json");

    /// <summary>Whether something that lies beside the document belongs to its backups, which are not backed up themselves.</summary>
    public static bool IsOne(SideName name) => name.ToString().StartsWith(Folder, StringComparison.Ordinal);

    /// <summary>The image without the backups in it.</summary>
    public static EnvironmentImage Bare(EnvironmentImage image) => image with { Sides = image.Sides.RemoveRange(image.Sides.Keys.Where(IsOne)) };

    /// <summary>The backups, oldest first.</summary>
    public static Outcome<ImmutableArray<BackupManifest>> List(SideDocument? index)
    {
        try
        {
            return index is null ? ImmutableArray<BackupManifest>.Empty : JsonSerializer.Deserialize(index.Bytes.Span, ContractJson.Default.BackupIndex)!.Backups;
        }
        catch (JsonException error)
        {
            return new Refusal.StoreFailed($"the list of backups cannot be read: {error.Message}");
        }
    }

    /// <summary>The backups, oldest first.</summary>
    public static Outcome<ImmutableArray<BackupManifest>> List(ChangeContext context) => context.Side(Index).Then(List);

    /// <summary>The backups of an environment, oldest first.</summary>
    public static async Task<Outcome<ImmutableArray<BackupManifest>>> ListAsync(IEnvironmentStorage storage, EnvId environment, CancellationToken cancellationToken) =>
        (await storage.ReadSideAsync(environment, Index, cancellationToken)).Then(List);

    /// <summary>What is to be written for one backup more.</summary>
    /// <param name="present">The backups there are.</param>
    /// <param name="image">What is backed up.</param>
    /// <param name="id">The new backup.</param>
    /// <param name="now">The time.</param>
    public static Outcome<(BackupManifest Manifest, ImmutableSortedDictionary<SideName, byte[]?> Sides)> Add(ImmutableArray<BackupManifest> present, EnvironmentImage image, Ulid id, DateTimeOffset now)
    {
        if (present.Length >= Most)
        {
            return new Refusal.Conflict($"the environment keeps {present.Length} backups, which is the most: delete one");
        }

        var (packed, bytes) = Pack(Bare(image) with { Audit = [], Keys = [] }, id.ToString(), now);
        if (bytes.Length > SideDocument.MaxBytes)
        {
            return new Refusal.Conflict($"the backup would have {bytes.Length:N0} bytes, the most is {SideDocument.MaxBytes:N0}: gtc store backup has no such bound");
        }

        var manifest = packed with { AuditLines = image.Audit.Length, AuditHead = HeadOf(image) };
        return (manifest, TypedSides.Of(Index, ToBytes([.. present, manifest])).Add(Body(manifest.BackupId), bytes));
    }

    /// <summary>An image as it is kept, and what is said of it.</summary>
    public static (BackupManifest Manifest, byte[] Content) Pack(EnvironmentImage image, string id, DateTimeOffset now)
    {
        var content = EnvironmentImageFormat.ToBytes(image);
        var bytes = Compress(content);
        return (Describe(image, id, now) with { SizeBytes = bytes.LongLength, SnapshotDigest = Convert.ToHexStringLower(SHA256.HashData(content)) }, bytes);
    }

    /// <summary>What a manifest says of an image, but for what is kept of it.</summary>
    public static BackupManifest Describe(EnvironmentImage image, string id, DateTimeOffset now) => new()
    {
        Schema = BackupManifest.SchemaId,
        BackupId = id,
        EnvId = image.Document.EnvironmentId.ToString(),
        CreatedAt = now,
        Generation = image.Generation,
        Integrity = new BackupIntegrity("sha-256", EnvironmentImageFormat.EtagOf(image.Document)),
        SizeBytes = 0,
        SnapshotDigest = string.Empty,
        AuditLines = image.Audit.Length,
        AuditHead = HeadOf(image),
    };

    private static string? HeadOf(EnvironmentImage image) => new ExportedAudit(image.Audit, null).Head;

    /// <summary>What is to be written for one backup less.</summary>
    public static ImmutableSortedDictionary<SideName, byte[]?> Remove(ImmutableArray<BackupManifest> present, BackupManifest gone) =>
        TypedSides.Of(Index, ToBytes(present.Remove(gone))).Add(Body(gone.BackupId), null);

    /// <summary>One of the backups, or why there is none.</summary>
    public static Outcome<BackupManifest> Find(ImmutableArray<BackupManifest> present, string id) =>
        present.FirstOrDefault(manifest => manifest.BackupId == id) is { } found ? found : new Refusal.Missing($"there is no backup {id}");

    /// <summary>The content of a backup, without audit lines and keys; a corruption when it is not what was kept.</summary>
    public static Outcome<EnvironmentImage> Read(BackupManifest manifest, SideDocument? body)
    {
        var content = Decompress(body?.Bytes ?? default);
        var actual = Convert.ToHexStringLower(SHA256.HashData(content));
        return actual != manifest.SnapshotDigest
            ? StorageCorruption.Of($"backup {manifest.BackupId}", manifest.SnapshotDigest, actual)
            : EnvironmentImageFormat.Parse(content).Then(image => EnvironmentImageFormat.EtagOf(image.Document) is var etag && etag == manifest.Integrity.Digest
                ? image
                : (Outcome<EnvironmentImage>)StorageCorruption.Of($"the document of backup {manifest.BackupId}", manifest.Integrity.Digest, etag));
    }

    /// <summary>The content of a backup inside a change.</summary>
    public static Outcome<EnvironmentImage> Read(BackupManifest manifest, ChangeContext context) => context.Side(Body(manifest.BackupId)).Then(body => Read(manifest, body));

    /// <summary>The content of a backup, without audit lines and keys.</summary>
    public static async Task<Outcome<EnvironmentImage>> ReadAsync(IEnvironmentStorage storage, EnvId environment, BackupManifest manifest, CancellationToken cancellationToken) =>
        (await storage.ReadSideAsync(environment, Body(manifest.BackupId), cancellationToken)).Then(body => Read(manifest, body));

    /// <summary>A whole image again: what was kept, and of the log and the keys what there was then.</summary>
    public static async Task<Outcome<EnvironmentImage>> ReadWholeAsync(IEnvironmentStorage storage, EnvId environment, BackupManifest manifest, CancellationToken cancellationToken)
    {
        if (!(await ReadAsync(storage, environment, manifest, cancellationToken)).TryGet(out var kept, out var refusal)
            || !(await storage.CaptureAsync(environment, cancellationToken)).TryGet(out var present, out refusal))
        {
            return refusal;
        }

        // The checkpoint is that of the log: lines may have been pruned since.
        var checkpoint = SideName.Of(AuditCheckpoint.Name);
        var lines = present.Audit[..new ExportedAudit(present.Audit, null).Through(manifest.AuditHead)];
        return kept with
        {
            Audit = lines,
            Keys = [.. present.Keys.Where(key => key.Generation <= manifest.Generation)],
            Sides = present.Sides.TryGetValue(checkpoint, out var bytes) ? kept.Sides.SetItem(checkpoint, bytes) : kept.Sides.Remove(checkpoint),
        };
    }

    private static SideName Body(string id) => SideName.Of($"{Folder}{id}.json.br");

    private static byte[] ToBytes(ImmutableArray<BackupManifest> backups) => JsonSerializer.SerializeToUtf8Bytes(new BackupIndex(backups), ContractJson.Default.BackupIndex);

    private static byte[] Compress(byte[] content)
    {
        using var compressed = new MemoryStream();
        using (var brotli = new BrotliStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
        {
            brotli.Write(content);
        }

        return compressed.ToArray();
    }

    /// <summary>What was compressed; nothing when it is damaged, which has another digest than what was kept.</summary>
    private static byte[] Decompress(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            using var content = new MemoryStream();
            using var brotli = new BrotliStream(new MemoryStream(bytes.ToArray()), CompressionMode.Decompress);
            brotli.CopyTo(content);
            return content.ToArray();
        }
        catch (Exception error) when (error is InvalidDataException or InvalidOperationException)
        {
            return [];
        }
    }
}

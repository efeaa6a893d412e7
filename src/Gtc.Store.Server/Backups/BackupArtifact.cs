using System.Text.Json;
using Gtc.Model;
using Gtc.Signing;

namespace Gtc.Store.Server;

/// <summary>
/// One environment with all that belongs to it, to be taken to another server: <c>{schema, manifest, snapshot, snapshot_digest, signer, signature}</c>. The server's key signs the digest together
/// with the manifest, so neither can be changed by whoever carries it.
/// </summary>
public sealed record BackupArtifact
{
    /// <summary>The value of <c>schema</c>, and the type of what is signed.</summary>
    public const string SchemaId = "greentic.backup-artifact.v1";

    /// <summary>What it says of itself.</summary>
    public required BackupManifest Manifest { get; init; }

    /// <summary>The environment.</summary>
    public required EnvironmentImage Image { get; init; }

    /// <summary>The key that signed it. Whether that key is to be believed is the importer's to say.</summary>
    public required TrustedKey Signer { get; init; }

    /// <summary>Writes the artifact of an image, e.g. of an environment that is about to end.</summary>
    /// <param name="writer">Where it goes.</param>
    /// <param name="image">The environment; the backups that it keeps of itself are left out.</param>
    /// <param name="backupId">The backup's id, a ULID.</param>
    /// <param name="createdAt">When the backup was made.</param>
    /// <param name="key">Signs it.</param>
    public static void Write(Utf8JsonWriter writer, EnvironmentImage image, string backupId, DateTimeOffset createdAt, PrivateKey key)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(key);
        var bytes = EnvironmentImageFormat.ToBytes(KeptBackups.Bare(image));
        using var snapshot = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = 128 });
        var digest = CanonicalJson.Digest(snapshot.RootElement).Hex;
        var manifest = JsonSerializer.SerializeToElement(
            KeptBackups.Describe(image, backupId, createdAt) with { SizeBytes = bytes.LongLength, SnapshotDigest = digest }, ContractJson.Default.BackupManifest);
        var statement = new InTotoStatement { Subjects = [new StatementSubject($"backup/{backupId}", digest)], PredicateType = SchemaId, Predicate = manifest };
        writer.WriteStartObject();
        writer.WriteString("schema", SchemaId);
        writer.WritePropertyName("manifest");
        manifest.WriteTo(writer);
        writer.WritePropertyName("snapshot");
        snapshot.RootElement.WriteTo(writer);
        writer.WriteString("snapshot_digest", digest);
        writer.WriteStartObject("signer");
        writer.WriteString("key_id", key.PublicKey.KeyId);
        writer.WriteString("public_key_pem", key.PublicKey.ToPem());
        writer.WriteEndObject();
        writer.WritePropertyName("signature");
        writer.WriteRawValue(Dsse.Sign(statement.ToBytes(), key).ToCompactBytes(), skipInputValidation: true);
        writer.WriteEndObject();
    }

    /// <summary>Reads an artifact: the digest must be that of the snapshot, the signature over the digest and the manifest, and the manifest must describe the snapshot.</summary>
    /// <returns>The artifact; a corruption when something of it was changed; <see cref="Refusal.InvalidArgument"/> when it is none.</returns>
    public static Outcome<BackupArtifact> Read(JsonElement artifact)
    {
        try
        {
            return Text(artifact, "schema") != SchemaId ? new Refusal.InvalidArgument($"artifact.schema must be {SchemaId}") : Check(artifact);
        }
        catch (Exception error) when (error is KeyNotFoundException or InvalidOperationException or JsonException)
        {
            return new Refusal.InvalidArgument($"the artifact cannot be read: {error.Message.TrimEnd('.')}");
        }
    }

    private static Outcome<BackupArtifact> Check(JsonElement artifact)
    {
        var stated = Text(artifact, "snapshot_digest");
        var snapshot = artifact.GetProperty("snapshot");
        var actual = CanonicalJson.Digest(snapshot).Hex;
        if (actual != stated)
        {
            return StorageCorruption.Of("the artifact's snapshot", stated, actual);
        }

        var signer = new TrustedKey { KeyId = Text(artifact.GetProperty("signer"), "key_id"), PublicKeyPem = Text(artifact.GetProperty("signer"), "public_key_pem") };
        var envelope = System.Text.Encoding.UTF8.GetBytes(artifact.GetProperty("signature").GetRawText());
        if (!signer.Check().TryGet(out var key, out var error) || !Dsse.VerifyArtifact(envelope, stated, [TrustedKey.Of(key)]).TryGet(out var verified, out error))
        {
            return StorageCorruption.Of("the artifact's signature", "one that verifies", error.Message);
        }

        var manifest = artifact.GetProperty("manifest");
        if (verified.Statement.PredicateType != SchemaId || CanonicalJson.Digest(verified.Statement.Predicate) != CanonicalJson.Digest(manifest))
        {
            return StorageCorruption.Of("the artifact's manifest", "the one that was signed", CanonicalJson.Digest(manifest).Hex);
        }

        var described = manifest.Deserialize(ContractJson.Default.BackupManifest)!;
        return EnvironmentImageFormat.Parse(snapshot).Then(image =>
            EnvironmentImageFormat.EtagOf(image.Document) is var etag && (etag != described.Integrity.Digest || image.Document.EnvironmentId.ToString() != described.EnvId)
                ? StorageCorruption.Of("the artifact's document", described.Integrity.Digest, etag)
                : (Outcome<BackupArtifact>)new BackupArtifact { Manifest = described, Image = image, Signer = TrustedKey.Of(key) });
    }

    private static string Text(JsonElement value, string member) => value.GetProperty(member).GetString() ?? throw new InvalidOperationException($"{member} is null");
}

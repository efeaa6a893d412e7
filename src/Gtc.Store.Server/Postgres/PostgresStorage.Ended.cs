using System.Collections.Immutable;
using Gtc.Model;

namespace Gtc.Store.Server;

/// <summary>What is kept of environments that ended.</summary>
public sealed partial class PostgresStorage
{
    /// <inheritdoc/>
    public Task<Outcome<ImmutableArray<BackupManifest>>> ListEndedAsync(EnvId? environment, CancellationToken cancellationToken) => _retries.ReadAsync(async connection =>
    {
        await using var command = connection.Command("SELECT manifest FROM gtc_store.ended WHERE $1 IN ('', env_id) ORDER BY backup_id", Sql.Text(environment?.ToString() ?? string.Empty));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var manifests = new List<byte[]>();
        while (await reader.ReadAsync(cancellationToken))
        {
            manifests.Add(reader.ReadUtf8(0));
        }

        return FinalBackup.Parse(manifests);
    }, cancellationToken);

    /// <inheritdoc/>
    public Task<Outcome<EnvironmentImage>> ReadEndedAsync(string backupId, CancellationToken cancellationToken) => _retries.ReadAsync(async connection =>
    {
        await using var command = connection.Command("SELECT manifest, content FROM gtc_store.ended WHERE backup_id = $1", Sql.Text(backupId));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
        {
            return new Refusal.Missing($"there is no backup {backupId}");
        }

        var content = new SideDocument(reader.GetFieldValue<byte[]>(1));
        return FinalBackup.Parse(reader.ReadUtf8(0)).Then(manifest => KeptBackups.Read(manifest, content));
    }, cancellationToken);

    /// <inheritdoc/>
    public async Task<Outcome<ImmutableArray<string>>> ReadEndedArtifactsAsync(string backupId, CancellationToken cancellationToken)
    {
        var kept = await _retries.ReadAsync<byte[]?>(async connection =>
        {
            await using var command = connection.Command("SELECT artifacts FROM gtc_store.ended WHERE backup_id = $1", Sql.Text(backupId));
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            return !await reader.ReadAsync(cancellationToken) ? new Refusal.Missing($"there is no backup {backupId}") : await reader.IsDBNullAsync(0, cancellationToken) ? (byte[]?)null : reader.ReadUtf8(0);
        }, cancellationToken);

        // A backup from before they were kept beside it is unpacked.
        return !kept.TryGet(out var artifacts, out var refusal) ? refusal
            : artifacts is not null ? FinalBackup.ParseArtifacts(artifacts)
            : (await ReadEndedAsync(backupId, cancellationToken)).Then<ImmutableArray<string>>(image => UnusedArtifacts.NamedBy(image.Document).ToImmutableArray());
    }
}

using System.Collections.Immutable;
using Gtc.Model;
using Gtc.Signing;
using Npgsql;

namespace Gtc.Store.Server;

/// <summary>Bounds audit logs and history.</summary>
public sealed partial class PostgresStorage
{
    private const long HistoryBatch = 500;

    /// <inheritdoc/>
    /// <remarks>What a key stands for stays as long as the key: the answer that is given again has the document of its generation. Nothing is written to a generation but its newest, so no lock is taken: who reads one that goes finds it or does not.</remarks>
    public async Task<Outcome<int>> BoundHistoryAsync(EnvId environment, ulong keep, CancellationToken cancellationToken)
    {
        var (id, removed) = (environment.ToString(), 0);
        while (true)
        {
            var step = await _retries.ReadAsync<int>(async connection =>
            {
                await using var command = connection.Command(
                    """
                    DELETE FROM gtc_store.documents WHERE env_id = $1 AND generation IN (
                        SELECT generation FROM gtc_store.documents WHERE env_id = $1 AND generation <= (
                            SELECT generation FROM gtc_store.documents WHERE env_id = $1 ORDER BY generation DESC OFFSET $2 LIMIT 1)
                        AND generation NOT IN (SELECT generation FROM gtc_store.ledger WHERE env_id = $1)
                        ORDER BY generation LIMIT $3)
                    """,
                    Sql.Text(id),
                    Sql.Number(keep),
                    Sql.Number(HistoryBatch));
                return await command.ExecuteNonQueryAsync(cancellationToken);
            }, cancellationToken);
            if (!step.TryGet(out var gone, out var refusal))
            {
                return refusal;
            }

            removed += gone;
            if (gone < HistoryBatch)
            {
                return removed;
            }
        }
    }

    /// <inheritdoc/>
    public async Task<Outcome<int>> BoundAuditAsync(EnvId environment, int most, PrivateKey key, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        try
        {
            await using var connection = await _source.OpenConnectionAsync(cancellationToken);
            if (!(await LockedEnvironment.TakeAsync(connection, environment, null, cancellationToken)).TryGet(out var locked, out var refusal))
            {
                return refusal;
            }

            var done = locked.Document is null ? Absent(environment) : await BoundAsync(connection, locked, environment, most, key, cancellationToken);
            await using var end = connection.Command(done.IsOk ? "COMMIT" : "ROLLBACK");
            await end.ExecuteNonQueryAsync(CancellationToken.None);
            return done;
        }
        catch (Exception error) when (PostgresFailure.WasCutOff(error) || PostgresFailure.WasLocked(error) || PostgresFailure.WasUndone(error) || PostgresFailure.WasDamage(error))
        {
            return new Refusal.StoreFailed($"the audit log of environment `{environment}` could not be pruned: {error.Message}");
        }
    }

    /// <summary>Within the transaction that holds the environment's lock, so lines and checkpoint change together.</summary>
    private async Task<Outcome<int>> BoundAsync(NpgsqlConnection connection, LockedEnvironment locked, EnvId environment, int most, PrivateKey key, CancellationToken cancellationToken)
    {
        var id = environment.ToString();
        var (number, lines, eventId, hash) = (0L, 0L, string.Empty, (string?)null);
        await using (var last = connection.Command(
            """
            SELECT line, event_id, content, (SELECT count(*) FROM gtc_store.audit WHERE env_id = $1) FROM gtc_store.audit
            WHERE env_id = $1 ORDER BY line DESC OFFSET $2 LIMIT 1
            """,
            Sql.Text(id),
            Sql.Number((long)most)))
        await using (var reader = await last.ExecuteReaderAsync(cancellationToken))
        {
            if (await reader.ReadAsync(cancellationToken))
            {
                (number, eventId, hash, lines) = (reader.GetInt64(0), reader.GetString(1), SealedAuditLine.HashOf(reader.ReadUtf8(2)), reader.GetInt64(3));
            }
        }

        if (hash is null)
        {
            await using var count = connection.Command("SELECT count(*) FROM gtc_store.audit WHERE env_id = $1", Sql.Text(id));
            return (int)(long)(await count.ExecuteScalarAsync(cancellationToken))!;
        }

        return (await CheckpointAsync(connection, locked, environment, key, cancellationToken)).TryGet(out var before, out var refusal)
            ? await CutAsync(connection, number, AuditCheckpoint.Of(environment, hash, eventId, (ulong)most, (before?.PrunedTotal ?? 0) + (ulong)(lines - most), _time.GetUtcNow()), key, most, cancellationToken)
            : refusal;
    }

    private static async Task<Outcome<AuditCheckpoint?>> CheckpointAsync(NpgsqlConnection connection, LockedEnvironment locked, EnvId environment, PrivateKey key, CancellationToken cancellationToken)
    {
        await using var command = connection.Command(SideText, Sql.Text(environment.ToString()), Sql.Text(AuditCheckpoint.Name));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
        {
            return (AuditCheckpoint?)null;
        }

        ImmutableArray<TrustedKey> trusted = [.. TypedSides.TrustRoot(locked.TrustRoot).Match(root => root?.Keys, _ => null) ?? [], TrustedKey.Of(key.PublicKey)];
        return StoredRows.Side(environment, SideName.Of(AuditCheckpoint.Name), reader.GetString(0), reader.GetFieldValue<byte[]>(1))
            .Then(side => AuditCheckpoint.Verify(side!.Bytes.Span, environment, trusted))
            .Then<AuditCheckpoint?>(checkpoint => checkpoint);
    }

    private static async Task<int> CutAsync(NpgsqlConnection connection, long number, AuditCheckpoint checkpoint, PrivateKey key, int left, CancellationToken cancellationToken)
    {
        var content = checkpoint.Sign(key);
        await using var batch = new NpgsqlBatch(connection);

        // What made a generation is told for as long as the generation is there. Those before the newest that has it already were cut before.
        batch.Add(
            """
            UPDATE gtc_store.documents d SET made = a.content FROM gtc_store.audit a
            WHERE d.env_id = $1 AND d.generation > (SELECT coalesce(max(generation), 0) FROM gtc_store.documents WHERE env_id = $1 AND made IS NOT NULL)
                AND d.line <= $2 AND a.env_id = d.env_id AND a.line = d.line
            """,
            Sql.Text(checkpoint.EnvironmentId),
            Sql.Number(number));
        batch.Add("DELETE FROM gtc_store.audit WHERE env_id = $1 AND line <= $2", Sql.Text(checkpoint.EnvironmentId), Sql.Number(number));
        batch.Add(
            """
            INSERT INTO gtc_store.sides (env_id, name, digest, content) VALUES ($1, $2, $3, $4)
            ON CONFLICT (env_id, name) DO UPDATE SET digest = $3, content = $4
            """,
            Sql.Text(checkpoint.EnvironmentId),
            Sql.Text(AuditCheckpoint.Name),
            Sql.Text(StoredRows.Digest(content)),
            Sql.Bytes(content));
        await batch.ExecuteNonQueryAsync(cancellationToken);
        return left;
    }
}

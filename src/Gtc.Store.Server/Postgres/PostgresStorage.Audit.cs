using System.Collections.Immutable;
using Gtc.Model;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Gtc.Store.Server;

/// <summary>The audit log, and what the database promises about itself.</summary>
public sealed partial class PostgresStorage
{
    /// <summary>The log of the whole store: attempts on environments that do not exist, and those of strangers.</summary>
    private const string StrayLog = "";

    /// <inheritdoc/>
    public Task<Outcome<IAuditReader>> OpenAuditAsync(EnvId environment, CancellationToken cancellationToken) => _retries.ReadAsync<IAuditReader>(async connection =>
    {
        await using var exists = connection.Command(ExistsText, Sql.Text(environment.ToString()));
        return await exists.ExecuteScalarAsync(cancellationToken) is null ? Absent(environment) : new PostgresAuditReader(_retries, environment);
    }, cancellationToken);

    private static async Task<Outcome<ImmutableArray<AuditEvent>>> AuditAsync(NpgsqlConnection connection, EnvId environment, AuditFilter filter, CancellationToken cancellationToken)
    {
        var id = environment.ToString();
        await using (var exists = connection.Command(ExistsText, Sql.Text(id)))
        {
            if (await exists.ExecuteScalarAsync(cancellationToken) is null)
            {
                return Absent(environment);
            }
        }

        var found = new List<AuditEvent>();
        var before = filter.Before is { } eventId ? await LineOfAsync(connection, id, eventId, cancellationToken) : long.MaxValue;
        while (found.Count < filter.Limit)
        {
            await using var page = connection.Command(
                "SELECT line, content FROM gtc_store.audit WHERE env_id = $1 AND line < $2 ORDER BY line DESC LIMIT $3", Sql.Text(id), Sql.Number(before), Sql.Number((long)AuditPage));
            await using var reader = await page.ExecuteReaderAsync(cancellationToken);
            var read = 0;
            while (await reader.ReadAsync(cancellationToken))
            {
                (read, before) = (read + 1, reader.GetInt64(0));
                if (found.Count < filter.Limit && Documents.AuditEvent.Parse(reader.ReadUtf8(1)).TryGet(out var line, out _) && filter.Takes(line))
                {
                    found.Add(line);
                }
            }

            if (read < AuditPage)
            {
                break;
            }
        }

        found.Reverse();
        return found.ToImmutableArray();
    }

    private static async Task<long> LineOfAsync(NpgsqlConnection connection, string id, string eventId, CancellationToken cancellationToken)
    {
        await using var command = connection.Command("SELECT min(line) FROM gtc_store.audit WHERE env_id = $1 AND event_id = $2", Sql.Text(id), Sql.Text(eventId));
        return await command.ExecuteScalarAsync(cancellationToken) is long line ? line : 0;
    }

    /// <summary>Lines of this log have no row to lock; there are few of them.</summary>
    private async Task<Refusal?> RecordStrayAsync(ChangeRequest request, Refusal refusal, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await _source.OpenConnectionAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await using var hold = connection.Command("SELECT pg_advisory_xact_lock(hashtextextended($1, 8787))", Sql.Text(StrayLog));
            await hold.ExecuteNonQueryAsync(cancellationToken);
            var (number, previous) = (0L, (string?)null);
            await using (var last = connection.Command("SELECT line, content FROM gtc_store.audit WHERE env_id = $1 ORDER BY line DESC LIMIT 1", Sql.Text(StrayLog)))
            await using (var reader = await last.ExecuteReaderAsync(cancellationToken))
            {
                if (await reader.ReadAsync(cancellationToken))
                {
                    (number, previous) = (reader.GetInt64(0), SealedAuditLine.HashOf(reader.ReadUtf8(1)));
                }
            }

            var line = SealedAuditLine.Of(request.ToIntent(), new AttemptEnd { Refusal = refusal }, _time.GetUtcNow(), _random, previous);
            await using var add = connection.Command(
                "INSERT INTO gtc_store.audit (env_id, line, event_id, content) VALUES ($1, $2, $3, $4)", Sql.Text(StrayLog), Sql.Number(number + 1), Sql.Text(line.EventId), Sql.Utf8(line.Line));
            await add.ExecuteNonQueryAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return null;
        }
        catch (Exception error) when (PostgresFailure.WasCutOff(error) || PostgresFailure.WasLocked(error))
        {
            return new Refusal.StoreFailed($"the store's own audit log could not be written: {error.Message}");
        }
    }

    private static async Task WarnAsync(NpgsqlConnection connection, ILogger logger, CancellationToken cancellationToken)
    {
        await using var ask = connection.Command("SELECT current_setting('fsync'), current_setting('synchronous_commit')");
        await using var reader = await ask.ExecuteReaderAsync(cancellationToken);
        if (await reader.ReadAsync(cancellationToken) && (reader.GetString(0), reader.GetString(1)) is var (fsync, commit) && (fsync == "off" || commit == "off"))
        {
            Log.NotDurable(logger, fsync, commit);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(5082, LogLevel.Warning, "The database may lose what it acknowledged when its machine fails: fsync is {Fsync}, synchronous_commit is {Commit}")]
        public static partial void NotDurable(ILogger logger, string fsync, string commit);
    }
}

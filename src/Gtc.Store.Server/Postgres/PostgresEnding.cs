using Gtc.Model;
using Npgsql;

namespace Gtc.Store.Server;

/// <summary>
/// What is kept of an environment that a change ends, over all attempts of that change: damage of the database's files ends the connection that comes upon it, and the next attempt
/// knows that there is nothing to keep.
/// </summary>
internal sealed class PostgresEnding
{
    private Refusal? _unreadable;

    /// <summary>Whether the attempt that failed just now did so here.</summary>
    public bool FailedNow { get; private set; }

    /// <summary>Reads it within the transaction that holds the environment's lock. Audit lines and keys stay as rows, so they are not read.</summary>
    public async Task<Outcome<EndingEnvironment>> TakeAsync(NpgsqlConnection connection, EnvironmentDocument document, EnvironmentRow row, CancellationToken cancellationToken)
    {
        FailedNow = false;
        try
        {
            return _unreadable is { } known ? known : await ReadAsync(connection, document, row, cancellationToken);
        }
        catch (PostgresException error) when (PostgresFailure.WasDamage(error))
        {
            (_unreadable, FailedNow) = (PostgresFailure.Damage(error), true);
            throw;
        }
    }

    private static async Task<Outcome<EndingEnvironment>> ReadAsync(NpgsqlConnection connection, EnvironmentDocument document, EnvironmentRow row, CancellationToken cancellationToken)
    {
        var (environment, id) = (document.EnvironmentId, document.EnvironmentId.ToString());
        await using (var measure = connection.Command(
            "SELECT coalesce(sum(octet_length(content)), 0)::bigint FROM gtc_store.sides WHERE env_id = $1 AND NOT starts_with(name, $2)", Sql.Text(id), Sql.Text(KeptBackups.Folder)))
        {
            if ((long)(await measure.ExecuteScalarAsync(cancellationToken))! > FinalBackup.MostBytes)
            {
                return EndingEnvironment.TooLarge(environment, FinalBackup.MostBytes);
            }
        }

        await using var batch = new NpgsqlBatch(connection);
        batch.Add("SELECT min(line) FROM gtc_store.audit WHERE env_id = $1", Sql.Text(id));
        batch.Add("SELECT name, digest, content FROM gtc_store.sides WHERE env_id = $1 AND NOT starts_with(name, $2) ORDER BY name", Sql.Text(id), Sql.Text(KeptBackups.Folder));
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var lines = await reader.IsDBNullAsync(0, cancellationToken) ? 0 : row.Lines - reader.GetInt64(0) + 1;
        await reader.NextResultAsync(cancellationToken);
        return (await PostgresImages.SidesAsync(reader, environment, cancellationToken)).Then<EndingEnvironment>(sides =>
            new EndingEnvironment(new EnvironmentImage { Document = document, Generation = row.Generation, Sides = sides, Audit = [], Keys = [] }, lines, row.LastHash));
    }
}

using Gtc.Model;
using Npgsql;

namespace Gtc.Store.Server;

/// <summary>Work in the background of servers that share a database: an advisory lock says who does it, which the database gives up when that server's connection ends.</summary>
internal sealed class PostgresUpkeep(NpgsqlDataSource source, PostgresRetries retries) : IUpkeepStorage
{
    /// <inheritdoc/>
    public Task<Outcome<IAsyncDisposable?>> TryTakeAsync(string work, CancellationToken cancellationToken) => retries.GuardAsync<IAsyncDisposable?>(async () =>
    {
        var connection = await source.OpenConnectionAsync(cancellationToken);
        try
        {
            await using var command = connection.Command("SELECT pg_try_advisory_lock(hashtextextended($1, 8788))", Sql.Text(work));
            if ((bool)(await command.ExecuteScalarAsync(cancellationToken))!)
            {
                var held = new Held(connection, work);
                connection = null;
                return held;
            }

            return (Held?)null;
        }
        finally
        {
            await (connection?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
    }, cancellationToken);

    /// <inheritdoc/>
    public Task<Outcome<byte[]?>> ReadNoteAsync(string work, CancellationToken cancellationToken) => retries.ReadAsync<byte[]?>(async connection =>
    {
        await using var command = connection.Command("SELECT note FROM gtc_store.upkeep WHERE work = $1", Sql.Text(work));
        return (byte[]?)await command.ExecuteScalarAsync(cancellationToken);
    }, cancellationToken);

    /// <inheritdoc/>
    public async Task<Refusal?> WriteNoteAsync(string work, byte[] note, CancellationToken cancellationToken) => (await retries.ReadAsync<int>(async connection =>
    {
        await using var command = connection.Command("INSERT INTO gtc_store.upkeep (work, note) VALUES ($1, $2) ON CONFLICT (work) DO UPDATE SET note = $2", Sql.Text(work), Sql.Bytes(note));
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }, cancellationToken)).Refusal;

    /// <summary>The connection goes back to the others, so it must not keep the lock.</summary>
    internal sealed class Held(NpgsqlConnection connection, string work) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await using (connection)
            {
                try
                {
                    await using var command = connection.Command("SELECT pg_advisory_unlock(hashtextextended($1, 8788))", Sql.Text(work));
                    await command.ExecuteNonQueryAsync(CancellationToken.None);
                }
                catch (Exception error) when (PostgresFailure.WasCutOff(error) || error is InvalidOperationException)
                {
                    // One that broke while nobody used it, e.g. as the database started again, is closed (InvalidOperationException). The lock ended with the connection.
                }
            }
        }
    }
}

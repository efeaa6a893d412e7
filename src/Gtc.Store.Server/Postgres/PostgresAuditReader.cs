using System.Collections.Immutable;
using Gtc.Model;

namespace Gtc.Store.Server;

/// <summary>An audit log in rows.</summary>
internal sealed class PostgresAuditReader(PostgresRetries retries, EnvId environment) : IAuditReader
{
    private const long Page = 500;

    private long _last;

    /// <inheritdoc/>
    public Task<Outcome<ImmutableArray<ReadOnlyMemory<byte>>>> NextAsync(CancellationToken cancellationToken) => retries.ReadAsync<ImmutableArray<ReadOnlyMemory<byte>>>(async connection =>
    {
        await using var command = connection.Command(
            "SELECT line, content FROM gtc_store.audit WHERE env_id = $1 AND line > $2 ORDER BY line LIMIT $3", Sql.Text(environment.ToString()), Sql.Number(_last), Sql.Number(Page));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var lines = ImmutableArray.CreateBuilder<ReadOnlyMemory<byte>>();
        var last = _last;
        while (await reader.ReadAsync(cancellationToken))
        {
            last = reader.GetInt64(0);
            lines.Add(reader.ReadUtf8(1));
        }

        _last = last;
        return lines.ToImmutable();
    }, cancellationToken);

    /// <inheritdoc/>
    public void Dispose()
    {
        // It has no connection between pages.
    }
}

using Gtc.Model;
using Npgsql;

namespace Gtc.Store.Server;

/// <summary>Reads environments in PostgreSQL: the database says which generation is the newest, and gives the document only where it is another one than was read last.</summary>
internal sealed class NewestInRows
{
    /// <summary>Generation, entity tag, digest and document; the last three null when the row of the document is lost.</summary>
    public const string Text = """
        SELECT e.generation, d.etag, d.digest, d.document FROM gtc_store.environments e
        LEFT JOIN gtc_store.documents d ON d.env_id = e.env_id AND d.generation = e.generation WHERE e.env_id = $1 AND NOT e.ended
        """;

    private const string ChangedText = """
        SELECT e.generation, d.etag, d.digest, CASE WHEN d.etag = $2 THEN NULL ELSE d.document END FROM gtc_store.environments e
        LEFT JOIN gtc_store.documents d ON d.env_id = e.env_id AND d.generation = e.generation WHERE e.env_id = $1 AND NOT e.ended
        """;

    private readonly KeptEnvironments<string> _kept = new();

    /// <summary>The environment as it is.</summary>
    public async Task<Outcome<StoredEnvironment>> ReadAsync(NpgsqlConnection connection, EnvId environment, CancellationToken cancellationToken)
    {
        var isKept = _kept.TryFind(environment, out var etag, out var kept);
        await using var command = connection.Command(ChangedText, Sql.Text(environment.ToString()), Sql.Text(etag ?? string.Empty));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
        {
            return PostgresStorage.Absent(environment);
        }

        if (isKept && !await reader.IsDBNullAsync(1, cancellationToken) && reader.GetString(1) == etag)
        {
            return kept!;
        }

        var read = await RowAsync(reader, environment, cancellationToken);
        if (read.TryGet(out var newest, out _))
        {
            _kept.Keep(environment, newest.Etag, newest);
        }

        return read;
    }

    /// <summary>Reads what <see cref="Text"/> gives.</summary>
    public static async Task<Outcome<StoredEnvironment>> ReadAsync(NpgsqlDataReader reader, EnvId environment, CancellationToken cancellationToken) =>
        await reader.ReadAsync(cancellationToken) ? await RowAsync(reader, environment, cancellationToken) : PostgresStorage.Absent(environment);

    /// <summary>The environment of a row that has entity tag, digest and document from a column on.</summary>
    public static Outcome<StoredEnvironment> Stored(EnvId environment, ulong generation, NpgsqlDataReader reader, int first)
    {
        var (etag, bytes) = (reader.GetString(first), reader.ReadUtf8(first + 2));
        return StoredRows.Document(environment, generation, reader.GetString(first + 1), bytes).Then<StoredEnvironment>(document => new StoredEnvironment(document, generation) { Etag = etag, Line = bytes });
    }

    private static async Task<Outcome<StoredEnvironment>> RowAsync(NpgsqlDataReader reader, EnvId environment, CancellationToken cancellationToken) =>
        await reader.IsDBNullAsync(3, cancellationToken) ? StoredRows.Lost(environment, reader.ReadNumber(0)) : Stored(environment, reader.ReadNumber(0), reader, 1);
}

using System.Collections.Immutable;
using Gtc.Model;
using Npgsql;

namespace Gtc.Store.Server;

/// <summary>Reads everything of an environment at once, and puts the log and the keys of one in place.</summary>
internal static class PostgresImages
{
    /// <summary>Reads everything in one transaction that sees one moment.</summary>
    public static async Task<Outcome<EnvironmentImage>> CaptureAsync(NpgsqlConnection connection, EnvId environment, CancellationToken cancellationToken)
    {
        await ExecuteAsync(connection, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", cancellationToken);
        var image = await ReadAsync(connection, environment, cancellationToken);
        await ExecuteAsync(connection, "COMMIT", cancellationToken);
        return image;
    }

    /// <summary>Reads what lies beside a document: name, digest and content of each row.</summary>
    public static async Task<Outcome<ImmutableSortedDictionary<SideName, ReadOnlyMemory<byte>>>> SidesAsync(NpgsqlDataReader reader, EnvId environment, CancellationToken cancellationToken)
    {
        var sides = ImmutableSortedDictionary.CreateBuilder<SideName, ReadOnlyMemory<byte>>();
        while (await reader.ReadAsync(cancellationToken))
        {
            if (!SideName.TryParse(reader.GetString(0), out var name))
            {
                return new Refusal.StoreFailed($"sides ({environment}, {reader.GetString(0)}) has a name that is none");
            }

            if (!StoredRows.Side(environment, name, reader.GetString(1), reader.GetFieldValue<byte[]>(2)).TryGet(out var side, out var refusal))
            {
                return refusal;
            }

            sides[name] = side!.Bytes;
        }

        return sides.ToImmutable();
    }

    private static async Task<Outcome<EnvironmentImage>> ReadAsync(NpgsqlConnection connection, EnvId environment, CancellationToken cancellationToken)
    {
        var id = environment.ToString();
        await using var batch = new NpgsqlBatch(connection);
        batch.Add(NewestInRows.Text, Sql.Text(id));
        batch.Add("SELECT name, digest, content FROM gtc_store.sides WHERE env_id = $1 ORDER BY name", Sql.Text(id));
        batch.Add("SELECT content FROM gtc_store.audit WHERE env_id = $1 ORDER BY line", Sql.Text(id));
        batch.Add("SELECT key, fingerprint, generation, audit, answer FROM gtc_store.ledger WHERE env_id = $1 ORDER BY number", Sql.Text(id));
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        if (!(await NewestInRows.ReadAsync(reader, environment, cancellationToken)).TryGet(out var stored, out var refusal))
        {
            return refusal;
        }

        await reader.NextResultAsync(cancellationToken);
        if (!(await SidesAsync(reader, environment, cancellationToken)).TryGet(out var sides, out refusal))
        {
            return refusal;
        }

        var audit = ImmutableArray.CreateBuilder<ReadOnlyMemory<byte>>();
        await reader.NextResultAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            audit.Add(reader.ReadUtf8(0));
        }

        var keys = ImmutableArray.CreateBuilder<KeptKey>();
        await reader.NextResultAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            keys.Add(new KeptKey(reader.GetString(0), reader.GetString(1), reader.ReadNumber(2), reader.ReadUtf8(3), reader.ReadUtf8(4)));
        }

        return new EnvironmentImage { Document = stored.Document, Generation = stored.Generation, Sides = sides, Audit = audit.ToImmutable(), Keys = keys.ToImmutable() };
    }

    /// <summary>Adds the log and the keys of an image to an environment that has none of its own.</summary>
    /// <returns>The row after them.</returns>
    public static EnvironmentRow AddOrigin(NpgsqlBatch batch, string id, EnvironmentRow row, EnvironmentImage origin)
    {
        foreach (var line in origin.Audit)
        {
            row = row with { Lines = row.Lines + 1, LastHash = SealedAuditLine.HashOf(line) ?? row.LastHash };
            batch.Add(
                "INSERT INTO gtc_store.audit (env_id, line, event_id, content) VALUES ($1, $2, $3, $4)",
                Sql.Text(id),
                Sql.Number(row.Lines),
                Sql.Text(Documents.AuditEvent.Parse(line.Span).Match(parsed => parsed.EventId, _ => string.Empty)),
                Sql.Utf8(line));
        }

        foreach (var kept in origin.Keys)
        {
            row = row with { Keys = row.Keys + 1 };
            AddKey(batch, id, row.Keys, kept);
        }

        return row;
    }

    /// <summary>Keeps an idempotency key.</summary>
    public static void AddKey(NpgsqlBatch batch, string id, long number, KeptKey kept) => batch.Add(
        "INSERT INTO gtc_store.ledger (env_id, key, number, fingerprint, generation, answer, audit) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        Sql.Text(id),
        Sql.Text(kept.Key),
        Sql.Number(number),
        Sql.Text(kept.Fingerprint),
        Sql.Number(kept.Generation),
        Sql.Utf8(kept.Answer),
        Sql.Utf8(kept.Audit));

    private static async Task ExecuteAsync(NpgsqlConnection connection, string text, CancellationToken cancellationToken)
    {
        await using var command = connection.Command(text);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}

using System.Security.Cryptography;
using Gtc.Model;
using Npgsql;

namespace Gtc.Store.Server;

/// <summary>The row of an environment, which is its lock.</summary>
/// <param name="Generation">The newest generation; 0 when there never was one.</param>
/// <param name="Ended">Whether it was removed with that generation, or never was.</param>
/// <param name="Lines">How many audit lines were ever written.</param>
/// <param name="LastHash">The hash of the last one, or null without one.</param>
/// <param name="Keys">How many idempotency keys were ever kept.</param>
internal sealed record EnvironmentRow(ulong Generation, bool Ended, long Lines, string? LastHash, long Keys);

/// <summary>An environment within a transaction that holds its lock: what a change sees.</summary>
internal sealed record LockedEnvironment
{
    private const string BeginText = "BEGIN ISOLATION LEVEL READ COMMITTED";
    private const string RowText = "SELECT generation, ended, lines, last_hash, keys FROM gtc_store.environments WHERE env_id = $1 FOR UPDATE";

    // Each statement of the batch sees what was committed before it began: the row's lock is held from the one before on.
    private const string DocumentText =
        "SELECT d.digest, d.document FROM gtc_store.documents d JOIN gtc_store.environments e ON e.env_id = d.env_id AND e.generation = d.generation WHERE e.env_id = $1";

    private const string TrustRootText = "SELECT digest, content FROM gtc_store.sides WHERE env_id = $1 AND name = $2";
    private const string KeyText = "SELECT fingerprint, generation, answer, audit FROM gtc_store.ledger WHERE env_id = $1 AND key = $2";

    /// <summary>Its row.</summary>
    public required EnvironmentRow Row { get; init; }

    /// <summary>The document, or null when there is none.</summary>
    public EnvironmentDocument? Document { get; init; }

    /// <summary>The trust root's document, or null.</summary>
    public SideDocument? TrustRoot { get; init; }

    /// <summary>What stands under the key that was asked for, or null.</summary>
    public KeptKey? Kept { get; init; }

    /// <summary>Begins a transaction and takes the lock.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="environment">The environment.</param>
    /// <param name="key">An idempotency key to look up, or null.</param>
    /// <param name="cancellationToken">Ends the wait for the lock.</param>
    public static async Task<Outcome<LockedEnvironment>> TakeAsync(NpgsqlConnection connection, EnvId environment, string? key, CancellationToken cancellationToken)
    {
        var found = await LookAsync(connection, environment, key, isBegun: false, cancellationToken);
        if (found.TryGet(out var locked, out _) && locked.Row.Generation == 0)
        {
            // Where there is no row to lock, the id is locked; another may have made the environment before.
            await using var hold = connection.Command("SELECT pg_advisory_xact_lock(hashtextextended($1, 8787))", Sql.Text(environment.ToString()));
            await hold.ExecuteNonQueryAsync(cancellationToken);
            return await LookAsync(connection, environment, key, isBegun: true, cancellationToken);
        }

        return found;
    }

    private static async Task<Outcome<LockedEnvironment>> LookAsync(NpgsqlConnection connection, EnvId environment, string? key, bool isBegun, CancellationToken cancellationToken)
    {
        var id = environment.ToString();
        await using var batch = new NpgsqlBatch(connection);
        if (!isBegun)
        {
            batch.Add(BeginText);
        }

        batch.Add(RowText, Sql.Text(id));
        batch.Add(DocumentText, Sql.Text(id));
        batch.Add(TrustRootText, Sql.Text(id), Sql.Text(SideName.TrustRoot.ToString()));
        batch.Add(KeyText, Sql.Text(id), Sql.Text(key ?? string.Empty));
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var row = await reader.ReadAsync(cancellationToken)
            ? new EnvironmentRow(reader.ReadNumber(0), reader.GetBoolean(1), reader.GetInt64(2), reader.GetString(3), reader.GetInt64(4))
            : new EnvironmentRow(0, true, 0, null, 0);
        await reader.NextResultAsync(cancellationToken);
        Outcome<EnvironmentDocument?> document = (EnvironmentDocument?)null;
        if (await reader.ReadAsync(cancellationToken))
        {
            document = StoredRows.Document(environment, row.Generation, reader.GetString(0), reader.ReadUtf8(1)).Then<EnvironmentDocument?>(parsed => parsed);
        }
        else if (!row.Ended)
        {
            document = StoredRows.Lost(environment, row.Generation);
        }

        await reader.NextResultAsync(cancellationToken);
        var trustRoot = await reader.ReadAsync(cancellationToken) ? StoredRows.Side(environment, SideName.TrustRoot, reader.GetString(0), reader.GetFieldValue<byte[]>(1)) : (SideDocument?)null;
        await reader.NextResultAsync(cancellationToken);
        var kept = await reader.ReadAsync(cancellationToken) && key is not null
            ? new KeptKey(key, reader.GetString(0), reader.ReadNumber(1), reader.ReadUtf8(3), reader.ReadUtf8(2))
            : null;
        return document.Then(parsed => trustRoot.Then<LockedEnvironment>(root => new LockedEnvironment { Row = row, Document = parsed, TrustRoot = root, Kept = kept }));
    }
}

/// <summary>Checks what is read against the digest that was stored with it.</summary>
internal static class StoredRows
{
    /// <summary>The digest of exact bytes.</summary>
    public static string Digest(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>A document.</summary>
    public static Outcome<EnvironmentDocument> Document(EnvId environment, ulong generation, string digest, byte[] bytes)
    {
        if (Check(Name(environment, generation), digest, bytes) is { } corrupted)
        {
            return corrupted;
        }

        return Documents.Environment.Parse(bytes).Then<EnvironmentDocument>(document => document.EnvironmentId == environment && document.EnvGeneration == generation && EnvironmentRules.Validate(document) is null
            ? document
            : new Refusal.StoreFailed($"{Name(environment, generation)} has its digest, and its document breaks a rule or is of `{document.EnvironmentId}`"));
    }

    /// <summary>What lies beside a document.</summary>
    public static Outcome<SideDocument?> Side(EnvId environment, SideName name, string digest, byte[] bytes) =>
        Check($"sides ({environment}, {name})", digest, bytes) is { } corrupted ? corrupted : new SideDocument(bytes);

    /// <summary>A document that should be there.</summary>
    public static Refusal Lost(EnvId environment, ulong generation) => new Refusal.StoreFailed($"{Name(environment, generation)} is gone, although the environment is not");

    private static string Name(EnvId environment, ulong generation) => $"documents ({environment}, {generation})";

    private static StorageCorrupted? Check(string row, string digest, byte[] bytes) => Digest(bytes) is var actual && actual == digest ? null : new StorageCorrupted(row, digest, actual);
}

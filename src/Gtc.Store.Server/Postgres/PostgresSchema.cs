using System.Globalization;
using Gtc.Model;
using Npgsql;

namespace Gtc.Store.Server;

/// <summary>
/// The tables, in the schema <c>gtc_store</c>. Migrations are numbered, only ever added, and each is applied once: under a lock that every replica asks for when it starts, so several may start at once.
/// </summary>
/// <remarks>
/// Documents are text and not <c>jsonb</c>, which would rewrite numbers and the order of members: what is read must be byte for byte what was digested. The lock of an environment is its row
/// in <c>environments</c>, which stays when the environment ends; every other row of it is only written by who holds that lock.
/// </remarks>
internal static class PostgresSchema
{
    /// <summary>Any number will do, as long as it is always the same.</summary>
    private const long LockKey = 0x6774_6373_746f_7265;

    private static readonly string[] _migrations =
    [
        """
        CREATE TABLE gtc_store.environments (
            env_id text COLLATE "C" PRIMARY KEY,
            generation bigint NOT NULL CHECK (generation > 0),
            etag text NOT NULL,
            ended boolean NOT NULL,
            lines bigint NOT NULL,
            last_hash text NOT NULL,
            keys bigint NOT NULL,
            updated_at timestamptz NOT NULL
        ) WITH (fillfactor = 50);
        CREATE TABLE gtc_store.documents (
            env_id text COLLATE "C" NOT NULL,
            generation bigint NOT NULL CHECK (generation > 0),
            etag text NOT NULL,
            digest text NOT NULL,
            document text NOT NULL,
            line bigint NOT NULL,
            PRIMARY KEY (env_id, generation)
        );
        CREATE TABLE gtc_store.sides (
            env_id text COLLATE "C" NOT NULL,
            name text COLLATE "C" NOT NULL,
            digest text NOT NULL,
            content bytea NOT NULL,
            PRIMARY KEY (env_id, name)
        );
        CREATE TABLE gtc_store.ledger (
            env_id text COLLATE "C" NOT NULL,
            key text COLLATE "C" NOT NULL,
            number bigint NOT NULL,
            fingerprint text NOT NULL,
            generation bigint NOT NULL,
            answer text NOT NULL,
            audit text NOT NULL,
            PRIMARY KEY (env_id, key)
        );
        CREATE INDEX ledger_number ON gtc_store.ledger (env_id, number);
        CREATE TABLE gtc_store.audit (
            env_id text COLLATE "C" NOT NULL,
            line bigint NOT NULL,
            event_id text COLLATE "C" NOT NULL,
            content text NOT NULL,
            PRIMARY KEY (env_id, line)
        );
        CREATE INDEX audit_event ON gtc_store.audit (env_id, event_id);
        """,
        """
        CREATE TABLE gtc_store.uploads (
            digest text COLLATE "C" NOT NULL,
            owner text COLLATE "C" NOT NULL,
            upload bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
            holder bigint NOT NULL,
            size bigint NOT NULL,
            touched_at timestamptz NOT NULL,
            PRIMARY KEY (digest, owner)
        );
        CREATE TABLE gtc_store.artifacts (
            digest text COLLATE "C" PRIMARY KEY,
            upload bigint NOT NULL,
            size bigint NOT NULL
        );
        CREATE TABLE gtc_store.artifact_blocks (
            upload bigint NOT NULL,
            place bigint NOT NULL,
            content bytea NOT NULL,
            PRIMARY KEY (upload, place)
        );
        ALTER TABLE gtc_store.artifact_blocks ALTER content SET STORAGE EXTERNAL;
        """,
        """
        ALTER TABLE gtc_store.documents ADD COLUMN made text;
        CREATE TABLE gtc_store.upkeep (
            work text COLLATE "C" PRIMARY KEY,
            note bytea NOT NULL
        );
        ALTER TABLE gtc_store.artifacts ADD COLUMN touched_at timestamptz NOT NULL DEFAULT now();
        CREATE TABLE gtc_store.ended (
            backup_id text COLLATE "C" PRIMARY KEY,
            env_id text COLLATE "C" NOT NULL,
            manifest text NOT NULL,
            content bytea NOT NULL
        );
        ALTER TABLE gtc_store.ended ALTER content SET STORAGE EXTERNAL;
        """,
        """
        ALTER TABLE gtc_store.ended ADD COLUMN artifacts text;
        """,
    ];

    /// <summary>Brings a database up to this version.</summary>
    /// <returns>Null on success; a conflict when a newer version was here.</returns>
    public static async Task<Refusal?> MigrateAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var prepare = connection.Command("SELECT pg_advisory_xact_lock($1)", Sql.Number(LockKey)))
        {
            await prepare.ExecuteNonQueryAsync(cancellationToken);
        }

        await ExecuteAsync(connection, "CREATE SCHEMA IF NOT EXISTS gtc_store", cancellationToken);
        await ExecuteAsync(
            connection, "CREATE TABLE IF NOT EXISTS gtc_store.migrations (version bigint PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())", cancellationToken);
        var present = await VersionAsync(connection, cancellationToken);
        if (present > _migrations.Length)
        {
            return new Refusal.Conflict(string.Create(CultureInfo.InvariantCulture, $"the database is of version {present}, and this gtc knows versions up to {_migrations.Length}: use the gtc that brought it there, or a newer one"));
        }

        for (var version = present; version < _migrations.Length; version++)
        {
            await ExecuteAsync(connection, _migrations[version], cancellationToken);
            await using var note = connection.Command("INSERT INTO gtc_store.migrations (version) VALUES ($1)", Sql.Number((long)version + 1));
            await note.ExecuteNonQueryAsync(cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return null;
    }

    private static async Task<int> VersionAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var ask = connection.Command("SELECT coalesce(max(version), 0) FROM gtc_store.migrations");
        return (int)(long)(await ask.ExecuteScalarAsync(cancellationToken))!;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string text, CancellationToken cancellationToken)
    {
        await using var command = connection.Command(text);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}

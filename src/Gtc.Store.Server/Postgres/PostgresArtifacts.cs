using System.Buffers;
using System.Collections.Immutable;
using System.Security.Cryptography;
using Gtc.Model;
using Npgsql;

namespace Gtc.Store.Server;

/// <summary>
/// Artifacts as rows of blocks, so that every replica has them. Who holds an upload is a number in its row: who goes on with it takes the next one, and
/// whoever has an older one adds nothing more, on whichever replica that is.
/// </summary>
internal sealed class PostgresArtifacts(PostgresRetries database, TimeProvider time) : IArtifactStorage
{
    /// <inheritdoc/>
    public Task<Outcome<long?>> FindAsync(Sha256Digest artifact, CancellationToken cancellationToken) =>
        NumberAsync("SELECT size FROM gtc_store.artifacts WHERE digest = $1", cancellationToken, Sql.Text(artifact.Hex));

    /// <inheritdoc/>
    public Task<Outcome<ImmutableArray<StoredArtifact>>> ListAsync(Sha256Digest? after, int limit, CancellationToken cancellationToken) => database.ReadAsync<ImmutableArray<StoredArtifact>>(async connection =>
    {
        await using var command = connection.Command(
            "SELECT digest, size, touched_at FROM gtc_store.artifacts WHERE digest > $1 ORDER BY digest LIMIT $2", Sql.Text(after?.Hex ?? string.Empty), Sql.Number((long)limit));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = ImmutableArray.CreateBuilder<StoredArtifact>();
        while (await reader.ReadAsync(cancellationToken))
        {
            if (Sha256Digest.TryParse(Sha256Digest.Prefix + reader.GetString(0), out var digest))
            {
                found.Add(new StoredArtifact(digest, reader.GetInt64(1), reader.GetFieldValue<DateTimeOffset>(2)));
            }
        }

        return found.ToImmutable();
    }, cancellationToken);

    /// <inheritdoc/>
    public Task<Outcome<ArtifactUsage>> UsageAsync(CancellationToken cancellationToken) => database.ReadAsync<ArtifactUsage>(async connection =>
    {
        await using var command = connection.Command(
            "SELECT count(*), coalesce(sum(size), 0)::bigint, (SELECT coalesce(sum(size), 0)::bigint FROM gtc_store.uploads) FROM gtc_store.artifacts");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new ArtifactUsage(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2));
    }, cancellationToken);

    /// <inheritdoc/>
    public async Task<Outcome<bool>> TouchAsync(Sha256Digest artifact, CancellationToken cancellationToken) =>
        (await NumberAsync("UPDATE gtc_store.artifacts SET touched_at = $2 WHERE digest = $1 RETURNING size", cancellationToken, Sql.Text(artifact.Hex), Sql.Time(time.GetUtcNow()))).Then<bool>(size => size is not null);

    /// <inheritdoc/>
    public async Task<Outcome<bool>> RemoveAsync(Sha256Digest artifact, DateTimeOffset before, CancellationToken cancellationToken) => (await NumberAsync(
        """
        WITH gone AS (DELETE FROM gtc_store.artifacts WHERE digest = $1 AND touched_at < $2 RETURNING upload),
        blocks AS (DELETE FROM gtc_store.artifact_blocks USING gone WHERE artifact_blocks.upload = gone.upload)
        SELECT count(*) FROM gone
        """,
        cancellationToken,
        Sql.Text(artifact.Hex),
        Sql.Time(before))).Then<bool>(count => count > 0);

    /// <inheritdoc/>
    public async Task<Outcome<Stream>> OpenAsync(Sha256Digest artifact, long offset, CancellationToken cancellationToken) =>
        (await NumberAsync("SELECT upload FROM gtc_store.artifacts WHERE digest = $1", cancellationToken, Sql.Text(artifact.Hex))).Then<Stream>(upload => upload is { } number
            ? new Blocks(database, number, offset)
            : new Refusal.Missing($"artifact {artifact} is not here"));

    /// <inheritdoc/>
    public async Task<Outcome<long>> ReceivedAsync(UploadName upload, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(upload);
        return (await NumberAsync("SELECT size FROM gtc_store.uploads WHERE digest = $1 AND owner = $2", cancellationToken, Sql.Text(upload.Artifact.Hex), Sql.Text(upload.Owner))).Then<long>(size => size ?? 0);
    }

    /// <inheritdoc/>
    public Task<Outcome<IArtifactUpload>> ContinueAsync(UploadName upload, CancellationToken cancellationToken) => database.ReadAsync<IArtifactUpload>(async connection =>
    {
        await using var command = connection.Command(
            """
            INSERT INTO gtc_store.uploads (digest, owner, holder, size, touched_at) VALUES ($1, $2, 1, 0, $3)
            ON CONFLICT (digest, owner) DO UPDATE SET holder = gtc_store.uploads.holder + 1, touched_at = $3 RETURNING upload, holder, size
            """,
            Sql.Text(upload.Artifact.Hex),
            Sql.Text(upload.Owner),
            Sql.Time(time.GetUtcNow()));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new Upload(database, time, upload.Artifact, reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2));
    }, cancellationToken);

    /// <inheritdoc/>
    public async Task<Outcome<int>> CollectAsync(DateTimeOffset before, CancellationToken cancellationToken) => (await NumberAsync(
        """
        WITH gone AS (DELETE FROM gtc_store.uploads WHERE touched_at < $1 RETURNING upload),
        blocks AS (DELETE FROM gtc_store.artifact_blocks USING gone WHERE artifact_blocks.upload = gone.upload)
        SELECT count(*) FROM gone
        """,
        cancellationToken,
        Sql.Time(before))).Then<int>(count => (int)(count ?? 0));

    private Task<Outcome<long?>> NumberAsync(string text, CancellationToken cancellationToken, params NpgsqlParameter[] parameters) => database.ReadAsync<long?>(async connection =>
    {
        await using var command = connection.Command(text, [.. parameters.Select(parameter => parameter.Clone())]);
        return (long?)await command.ExecuteScalarAsync(cancellationToken);
    }, cancellationToken);

    private sealed class Upload(PostgresRetries database, TimeProvider time, Sha256Digest artifact, long number, long holder, long length) : IArtifactUpload
    {
        public long Length { get; private set; } = length;

        public async Task<Refusal?> AddToAsync(IncrementalHash hash, CancellationToken cancellationToken)
        {
            await using var blocks = new Blocks(database, number, 0);
            var buffer = ArrayPool<byte>.Shared.Rent(256 << 10);
            try
            {
                for (var left = Length; left > 0;)
                {
                    var read = await blocks.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, left)), cancellationToken);
                    if (read == 0)
                    {
                        return new Refusal.StoreFailed("blocks of an upload are gone");
                    }

                    hash.AppendData(buffer, 0, read);
                    left -= read;
                }

                return null;
            }
            catch (IOException error)
            {
                return new StorageUnreachable(error.Message);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }

        public async Task<Refusal?> AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
        {
            const string Text = """
                WITH held AS (UPDATE gtc_store.uploads SET size = size + $4, touched_at = $5 WHERE upload = $1 AND holder = $2 AND size = $3 RETURNING upload)
                INSERT INTO gtc_store.artifact_blocks (upload, place, content) SELECT upload, $3, $6 FROM held
                """;
            var content = bytes.ToArray();
            var refusal = await HeldAsync(
                connection => Run(connection, Text, cancellationToken, Sql.Number(number), Sql.Number(holder), Sql.Number(Length), Sql.Number((long)content.Length), Sql.Time(time.GetUtcNow()), Sql.Bytes(content)), cancellationToken);
            Length += refusal is null ? content.Length : 0;
            return refusal;
        }

        public async Task<Refusal?> RestartAsync(CancellationToken cancellationToken)
        {
            var refusal = await HeldAsync(
                async connection => await Run(connection, "UPDATE gtc_store.uploads SET size = 0 WHERE upload = $1 AND holder = $2", cancellationToken, Sql.Number(number), Sql.Number(holder)) == 1
                    ? await RemoveBlocksAsync(connection, cancellationToken)
                    : 0,
                cancellationToken);
            Length = refusal is null ? 0 : Length;
            return refusal;
        }

        public Task<Refusal?> PutInPlaceAsync(CancellationToken cancellationToken) => HeldAsync(
            async connection => await EndAsync(connection, cancellationToken) == 0 ? 0
                : await Run(connection, "INSERT INTO gtc_store.artifacts (digest, upload, size, touched_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING", cancellationToken, Sql.Text(artifact.Hex), Sql.Number(number), Sql.Number(Length), Sql.Time(time.GetUtcNow())) == 1 ? 1
                : await RemoveBlocksAsync(connection, cancellationToken),
            cancellationToken);

        public Task<Refusal?> DiscardAsync(CancellationToken cancellationToken) =>
            HeldAsync(async connection => await EndAsync(connection, cancellationToken) == 0 ? 0 : await RemoveBlocksAsync(connection, cancellationToken), cancellationToken);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private Task<int> EndAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
            Run(connection, "DELETE FROM gtc_store.uploads WHERE upload = $1 AND holder = $2", cancellationToken, Sql.Number(number), Sql.Number(holder));

        private async Task<int> RemoveBlocksAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
        {
            await Run(connection, "DELETE FROM gtc_store.artifact_blocks WHERE upload = $1", cancellationToken, Sql.Number(number));
            return 1;
        }

        /// <summary>Runs a change in one transaction; one that changes nothing found another holder. One that was cut off and is tried again may find itself.</summary>
        private async Task<Refusal?> HeldAsync(Func<NpgsqlConnection, Task<int>> change, CancellationToken cancellationToken)
        {
            var done = await database.ReadAsync<bool>(async connection =>
            {
                await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
                if (await change(connection) == 0)
                {
                    return new Refusal.Conflict("another request goes on with this upload");
                }

                await transaction.CommitAsync(cancellationToken);
                return true;
            }, cancellationToken);
            return done.Refusal;
        }

        private static async Task<int> Run(NpgsqlConnection connection, string text, CancellationToken cancellationToken, params NpgsqlParameter[] parameters)
        {
            await using var command = connection.Command(text, parameters);
            return await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    /// <summary>The bytes of an upload, a block at a time: no connection is held while a slow caller reads.</summary>
    private sealed class Blocks(PostgresRetries database, long upload, long offset) : Stream
    {
        private ReadOnlyMemory<byte> _rest;
        private long _position = offset;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => _position; set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_rest.IsEmpty)
            {
                _rest = await NextAsync(cancellationToken);
            }

            var count = Math.Min(buffer.Length, _rest.Length);
            _rest[..count].CopyTo(buffer);
            _rest = _rest[count..];
            _position += count;
            return count;
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("rows come from the database asynchronously; read with ReadAsync");

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        private async Task<ReadOnlyMemory<byte>> NextAsync(CancellationToken cancellationToken)
        {
            var found = await database.ReadAsync<ReadOnlyMemory<byte>>(async connection =>
            {
                await using var command = connection.Command(
                    "SELECT place, content FROM gtc_store.artifact_blocks WHERE upload = $1 AND place <= $2 ORDER BY place DESC LIMIT 1", Sql.Number(upload), Sql.Number(_position));
                await using var reader = await command.ExecuteReaderAsync(cancellationToken);
                if (!await reader.ReadAsync(cancellationToken))
                {
                    return ReadOnlyMemory<byte>.Empty;
                }

                var content = reader.GetFieldValue<byte[]>(1);
                var from = _position - reader.GetInt64(0);
                return from < content.Length ? content.AsMemory((int)from) : ReadOnlyMemory<byte>.Empty;
            }, cancellationToken);
            return found.Match(bytes => bytes, refusal => throw new IOException(refusal.Message));
        }
    }
}

using System.Collections.Immutable;
using System.Globalization;
using Gtc.Model;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Gtc.Store.Server;

/// <summary>The engine on PostgreSQL, which several servers may share. It keeps nothing in memory that matters.</summary>
public sealed partial class PostgresStorage : IEnvironmentStorage
{
    internal const string SideText = "SELECT digest, content FROM gtc_store.sides WHERE env_id = $1 AND name = $2";
    internal const string DocumentAtText = "SELECT etag, digest, document FROM gtc_store.documents WHERE env_id = $1 AND generation = $2";

    private const string ExistsText = "SELECT 1 FROM gtc_store.environments WHERE env_id = $1 AND NOT ended";
    private const int AuditPage = 500;

    private readonly NpgsqlDataSource _source;
    private readonly TimeProvider _time;
    private readonly RandomSource _random;
    private readonly PostgresWatch _watch;
    private readonly PostgresRetries _retries;
    private readonly NewestInRows _newest = new();

    private PostgresStorage(NpgsqlDataSource source, TimeProvider time, RandomSource random, ILogger logger)
    {
        (_source, _time, _random) = (source, time, random);
        _watch = new PostgresWatch(source, time, logger);
        _retries = new PostgresRetries(source, time, logger);
    }

    /// <summary>Opens a database and brings it up to this version.</summary>
    /// <param name="target">The database.</param>
    /// <param name="time">Stamps changes.</param>
    /// <param name="random">Makes ids.</param>
    /// <param name="logger">Told what a person should know.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The storage; or why it cannot be had, without a password in it.</returns>
    public static async Task<Outcome<PostgresStorage>> OpenAsync(PostgresTarget target, TimeProvider time, RandomSource random, ILogger logger, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(target);
        var source = target.CreateSource();
        try
        {
            await using (var connection = await source.OpenConnectionAsync(cancellationToken))
            {
                if (await PostgresSchema.MigrateAsync(connection, cancellationToken) is { } refusal)
                {
                    await source.DisposeAsync();
                    return refusal;
                }

                await WarnAsync(connection, logger, cancellationToken);
            }

            return new PostgresStorage(source, time, random, logger);
        }
        catch (Exception error) when (PostgresFailure.WasCutOff(error) || error is PostgresException)
        {
            await source.DisposeAsync();
            return new Refusal.StoreFailed($"the database {target} cannot be used: {error.Message}");
        }
    }

    /// <inheritdoc/>
    public IArtifactStorage Artifacts { get => field ??= new PostgresArtifacts(_retries, _time); }

    /// <inheritdoc/>
    public IUpkeepStorage Upkeep { get => field ??= new PostgresUpkeep(_source, _retries); }

    /// <inheritdoc/>
    public Task<Outcome<IReadOnlyList<EnvId>>> ListAsync(CancellationToken cancellationToken) => _retries.ReadAsync<IReadOnlyList<EnvId>>(async connection =>
    {
        await using var command = connection.Command("SELECT env_id FROM gtc_store.environments WHERE NOT ended ORDER BY env_id");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<EnvId>();
        while (await reader.ReadAsync(cancellationToken))
        {
            if (EnvId.TryParse(reader.GetString(0), out var id))
            {
                found.Add(id);
            }
        }

        return found;
    }, cancellationToken);

    /// <inheritdoc/>
    public Task<Outcome<IReadOnlyList<EnvId>>> ListAllAsync(CancellationToken cancellationToken) => ListAsync(cancellationToken);

    /// <inheritdoc/>
    public Task<Outcome<StoredEnvironment>> ReadAsync(EnvId environment, ulong? generation, CancellationToken cancellationToken) => _retries.ReadAsync(async connection =>
    {
        if (generation is not { } wanted)
        {
            return await _newest.ReadAsync(connection, environment, cancellationToken);
        }

        await using var command = connection.Command(DocumentAtText, Sql.Text(environment.ToString()), Sql.Number(wanted));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? NewestInRows.Stored(environment, wanted, reader, 0) : NotKept(environment, wanted);
    }, cancellationToken);

    /// <inheritdoc/>
    public Task<Outcome<SideDocument?>> ReadSideAsync(EnvId environment, SideName name, CancellationToken cancellationToken) => ReadExistingAsync<SideDocument?>(
        environment,
        batch => batch.Add(SideText, Sql.Text(environment.ToString()), Sql.Text(name.ToString())),
        async reader => await reader.ReadAsync(cancellationToken) ? StoredRows.Side(environment, name, reader.GetString(0), reader.GetFieldValue<byte[]>(1)) : (SideDocument?)null,
        cancellationToken);

    /// <inheritdoc/>
    public Task<Outcome<ImmutableArray<SideName>>> ListSidesAsync(EnvId environment, string prefix, CancellationToken cancellationToken) => ReadExistingAsync<ImmutableArray<SideName>>(
        environment,
        batch => batch.Add("SELECT name FROM gtc_store.sides WHERE env_id = $1 AND starts_with(name, $2) ORDER BY name", Sql.Text(environment.ToString()), Sql.Text(prefix)),
        async reader =>
        {
            var found = ImmutableArray.CreateBuilder<SideName>();
            while (await reader.ReadAsync(cancellationToken))
            {
                if (SideName.TryParse(reader.GetString(0), out var name))
                {
                    found.Add(name);
                }
            }

            // UTF-8 and UTF-16 order differently beyond the basic plane.
            found.Sort();
            return found.ToImmutable();
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task<Outcome<ImmutableArray<GenerationEntry>>> HistoryAsync(EnvId environment, int limit, ulong? before, CancellationToken cancellationToken) => ReadExistingAsync<ImmutableArray<GenerationEntry>>(
        environment,
        batch => batch.Add(
            """
            SELECT d.generation, coalesce(d.made, a.content) FROM gtc_store.documents d LEFT JOIN gtc_store.audit a ON a.env_id = d.env_id AND a.line = d.line
            WHERE d.env_id = $1 AND d.generation < $2 AND (d.made IS NOT NULL OR a.line IS NOT NULL) ORDER BY d.generation DESC LIMIT $3
            """,
            Sql.Text(environment.ToString()),
            Sql.Number(before ?? long.MaxValue),
            Sql.Number((long)limit)),
        async reader =>
        {
            var found = ImmutableArray.CreateBuilder<GenerationEntry>();
            while (await reader.ReadAsync(cancellationToken))
            {
                if (!Documents.AuditEvent.Parse(reader.ReadUtf8(1)).TryGet(out var line, out var refusal))
                {
                    return new Refusal.StoreFailed($"the audit line of generation {reader.ReadNumber(0)} of environment `{environment}` cannot be read: {refusal.Message}");
                }

                found.Add(new GenerationEntry(reader.ReadNumber(0), line.Ts, line.Actor, line.Noun, line.Verb, line.Target, line.IdempotencyKey, line.EventId));
            }

            return found.ToImmutable();
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task<Outcome<ImmutableArray<AuditEvent>>> AuditAsync(EnvId environment, AuditFilter filter, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return _retries.ReadAsync(connection => AuditAsync(connection, environment, filter, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<Outcome<EnvironmentImage>> CaptureAsync(EnvId environment, CancellationToken cancellationToken) =>
        _retries.ReadAsync(connection => PostgresImages.CaptureAsync(connection, environment, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<Outcome<CommittedChange>> CommitAsync(ChangeRequest request, Func<ChangeContext, Outcome<Change>> change, CancellationToken cancellationToken) =>
        CommitAsync(request, change, removes: false, cancellationToken);

    /// <inheritdoc/>
    public Task<Outcome<CommittedChange>> RemoveAsync(ChangeRequest request, Func<ChangeContext, Outcome<Change>> change, CancellationToken cancellationToken) =>
        CommitAsync(request, change, removes: true, cancellationToken);

    /// <inheritdoc/>
    public async Task<Refusal?> RecordDenialAsync(ChangeRequest denied, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(denied);
        var refusal = new Refusal.Unauthorized(denied.Authorization.Reason);
        try
        {
            var isRecorded = false;
            if (denied.Actor.User is not null)
            {
                await using var connection = await _source.OpenConnectionAsync(cancellationToken);
                isRecorded = (await new PostgresCommit(connection, denied, _ => refusal, null, _time, _random).RefuseAsync(refusal, cancellationToken)).IsRecorded;
            }

            return isRecorded ? null : await RecordStrayAsync(denied, refusal, cancellationToken);
        }
        catch (Exception error) when (PostgresFailure.WasCutOff(error) || PostgresFailure.WasLocked(error) || PostgresFailure.WasUndone(error))
        {
            return new Refusal.StoreFailed($"the denial could not be recorded: {error.Message}");
        }
    }

    /// <inheritdoc/>
    public Task<WatchedGeneration> WaitAsync(EnvId environment, ulong after, CancellationToken cancellationToken) => _watch.WaitAsync(environment, after, cancellationToken);

    /// <inheritdoc/>
    public async Task<Refusal?> ProbeAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await _source.OpenConnectionAsync(cancellationToken);
            await using var command = connection.Command("SELECT pg_is_in_recovery()");
            return (bool)(await command.ExecuteScalarAsync(cancellationToken))! ? new Refusal.StoreFailed("the database is a standby and cannot be written") : null;
        }
        catch (Exception error) when (PostgresFailure.WasCutOff(error) || PostgresFailure.WasLocked(error))
        {
            return new Refusal.StoreFailed("the database cannot be reached");
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _watch.DisposeAsync();
        await _source.DisposeAsync();
    }

    internal static Refusal.Missing NotKept(EnvId environment, ulong generation) =>
        new(string.Create(CultureInfo.InvariantCulture, $"environment `{environment}` has no generation {generation}"));

    internal static Refusal.Missing Absent(EnvId environment) => new($"environment `{environment}` does not exist");

    private async Task<Outcome<CommittedChange>> CommitAsync(ChangeRequest request, Func<ChangeContext, Outcome<Change>> change, bool removes, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(change);
        var ending = removes ? new PostgresEnding() : null;
        var end = await _retries.CommitAsync(request.Environment, connection => new PostgresCommit(connection, request, change, ending, _time, _random), cancellationToken);
        if (end.Outcome.TryGet(out var committed, out var refusal))
        {
            if (!committed.IsReplay)
            {
                _watch.Publish(request.Environment, new WatchedGeneration(committed.Generation, committed.Etag));
            }

            return committed;
        }

        return end.IsRecorded || await RecordStrayAsync(request, refusal, cancellationToken) is not { } unrecorded
            ? refusal
            : refusal with { Details = refusal.Details.Add(new("audit", $"this attempt is not recorded: {unrecorded.Message}")) };
    }

    private async Task<Outcome<T>> ReadExistingAsync<T>(EnvId environment, Action<NpgsqlBatch> add, Func<NpgsqlDataReader, Task<Outcome<T>>> read, CancellationToken cancellationToken) =>
        await _retries.ReadAsync<T>(async connection =>
        {
            await using var batch = new NpgsqlBatch(connection);
            batch.Add(ExistsText, Sql.Text(environment.ToString()));
            add(batch);
            await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
            if (!await reader.ReadAsync(cancellationToken))
            {
                return Absent(environment);
            }

            await reader.NextResultAsync(cancellationToken);
            return await read(reader);
        }, cancellationToken);
}

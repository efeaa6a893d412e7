using System.Text.Json;
using Gtc.Model;
using Npgsql;

namespace Gtc.Store.Server;

/// <summary>One attempt of a change: lock and look, run the step, write everything and commit. Two journeys to the database, whatever the change.</summary>
/// <param name="connection">A connection of its own.</param>
/// <param name="request">What is asked.</param>
/// <param name="step">The step.</param>
/// <param name="ending">Keeps what is kept of the environment, when it ends with the change; else null.</param>
/// <param name="time">Stamps.</param>
/// <param name="random">Makes ids.</param>
internal sealed class PostgresCommit(NpgsqlConnection connection, ChangeRequest request, Func<ChangeContext, Outcome<Change>> step, PostgresEnding? ending, TimeProvider time, RandomSource random)
{
    /// <summary>How many idempotency keys of an environment are remembered.</summary>
    private const long MaxKeys = 4096;

    private readonly EnvId _environment = request.Environment;
    private readonly string _id = request.Environment.ToString();

    /// <summary>The event id of the line that this attempt tried to commit; null when it came to none.</summary>
    public string? EventId { get; private set; }

    /// <summary>Whether the commit was sent, so that an error after it says nothing about whether it stands.</summary>
    public bool WasSent { get; private set; }

    /// <summary>Tries.</summary>
    /// <param name="cancellationToken">Ends the wait for the lock.</param>
    /// <returns>What stands, or a refusal; with whether that refusal is recorded already or was not to be.</returns>
    public async Task<CommitEnd> TryAsync(CancellationToken cancellationToken)
    {
        if (!(await LockedEnvironment.TakeAsync(connection, _environment, request.Key, cancellationToken)).TryGet(out var locked, out var refusal))
        {
            return new CommitEnd(refusal, IsRecorded: true);
        }

        if (locked.Kept is { } kept)
        {
            return new CommitEnd(Replay(kept), IsRecorded: true);
        }

        var captured = ending is not null && locked.Document is { } last ? await ending.TakeAsync(connection, last, locked.Row, cancellationToken) : (Outcome<EndingEnvironment>?)null;
        var context = Context(locked, captured);
        if (!context.Then(step).TryGet(out var change, out refusal) || !Check(locked, change).TryGet(out var document, out refusal))
        {
            return await RefuseAsync(locked, refusal);
        }

        return new CommitEnd(await WriteAsync(locked, change, document), IsRecorded: true);
    }

    /// <summary>Records a refusal without running anything.</summary>
    public async Task<CommitEnd> RefuseAsync(Refusal refusal, CancellationToken cancellationToken) =>
        (await LockedEnvironment.TakeAsync(connection, _environment, null, cancellationToken)).TryGet(out var locked, out var unreadable)
            ? await RefuseAsync(locked, refusal)
            : new CommitEnd(unreadable, IsRecorded: false);

    /// <summary>Whether what it would have kept could not be read; the next attempt ends the environment without it, or refuses.</summary>
    public bool LostEnding => ending is { FailedNow: true };

    private bool Removes => ending is not null;

    private static string Etag(EnvironmentDocument? document) => document is null ? string.Empty : StoredEnvironment.EtagOf(document);

    private MutationIntent Intent => request.ToIntent();

    private Outcome<CommittedChange> Replay(KeptKey kept)
    {
        if (kept.Fingerprint != request.Fingerprint)
        {
            var line = Documents.AuditEvent.Parse(kept.Audit.Span).Match(line => line, _ => null!);
            return new Refusal.Conflict($"idempotency key `{kept.Key}` was used before, and it was for something else")
            {
                Details = line is null ? [] : [new("used by", $"{line.Noun} {line.Verb}"), new("at", Rfc3339Json.Format(line.Ts)), new("target", line.Target.GetRawText())],
            };
        }

        var answer = JsonSerializer.Deserialize(kept.Answer.Span, StorageJson.Default.KeptAnswer)!;
        return new CommittedChange(answer.Answer, kept.Generation, answer.Etag, kept.Audit, IsReplay: true);
    }

    private Outcome<ChangeContext> Context(LockedEnvironment locked, Outcome<EndingEnvironment>? captured) => TypedSides.TrustRoot(locked.TrustRoot).Then<ChangeContext>(root =>
    {
        var now = time.GetUtcNow();
        return new ChangeContext
        {
            Current = locked.Document,
            Generation = locked.Document is null ? 0 : locked.Row.Generation,
            TrustRoot = root,
            Now = now,
            NewUlid = () => NewUlid(now),
            Side = name => name == SideName.TrustRoot ? locked.TrustRoot : Side(name),
            Capture = captured is { } image ? () => image : null,
            DocumentAt = DocumentAt,
        };
    });

    private Ulid NewUlid(DateTimeOffset now)
    {
        Span<byte> drawn = stackalloc byte[Ulid.RandomLength];
        random(drawn);
        return Ulid.From(now, drawn);
    }

    /// <summary>A step asks for few of these and is a plain function: it waits for the answer.</summary>
    private Outcome<SideDocument?> Side(SideName name)
    {
        using var command = connection.Command(PostgresStorage.SideText, Sql.Text(_id), Sql.Text(name.ToString()));
        using var reader = command.ExecuteReader();
        return reader.Read() ? StoredRows.Side(_environment, name, reader.GetString(0), reader.GetFieldValue<byte[]>(1)) : (SideDocument?)null;
    }

    private Outcome<EnvironmentDocument> DocumentAt(ulong generation)
    {
        using var command = connection.Command(PostgresStorage.DocumentAtText, Sql.Text(_id), Sql.Number(generation));
        using var reader = command.ExecuteReader();
        return reader.Read() ? StoredRows.Document(_environment, generation, reader.GetString(1), reader.ReadUtf8(2)) : PostgresStorage.NotKept(_environment, generation);
    }

    /// <summary>The document as it is to be kept, or null.</summary>
    private Outcome<EnvironmentDocument?> Check(LockedEnvironment locked, Change change)
    {
        if (change.Document is not { } made)
        {
            return (EnvironmentDocument?)null;
        }

        var document = made with { EnvGeneration = Math.Max(locked.Row.Generation, change.Image?.Generation ?? 0) + 1 };
        return EnvironmentRules.Validate(document) is { } broken ? broken
            : document.EnvironmentId != _environment ? new Refusal.InvalidArgument($"the document is of environment `{document.EnvironmentId}`, `{_environment}` was expected")
            : (Outcome<EnvironmentDocument?>)document;
    }

    private async Task<CommitEnd> RefuseAsync(LockedEnvironment locked, Refusal refusal)
    {
        await using var batch = new NpgsqlBatch(connection);
        if (locked.Document is null)
        {
            batch.Add("ROLLBACK");
            await batch.ExecuteNonQueryAsync(CancellationToken.None);
            return new CommitEnd(refusal, IsRecorded: false);
        }

        var line = SealedAuditLine.Of(Intent, new AttemptEnd { Refusal = refusal }, time.GetUtcNow(), random, locked.Row.LastHash);
        AddLine(batch, locked.Row.Lines + 1, line);
        batch.Add("UPDATE gtc_store.environments SET lines = $2, last_hash = $3 WHERE env_id = $1", Sql.Text(_id), Sql.Number(locked.Row.Lines + 1), Sql.Text(line.Hash));
        await CommitAsync(batch);
        return new CommitEnd(refusal, IsRecorded: true);
    }

    private async Task<Outcome<CommittedChange>> WriteAsync(LockedEnvironment locked, Change change, EnvironmentDocument? document)
    {
        await using var batch = new NpgsqlBatch(connection);
        var origin = change.Image is { } image && locked.Row.Lines == 0 ? image : null;
        var row = origin is null ? locked.Row : PostgresImages.AddOrigin(batch, _id, locked.Row, origin);
        var generation = document?.EnvGeneration ?? locked.Row.Generation + (Removes ? 1ul : 0ul);
        var etag = Removes ? string.Empty : Etag(document ?? locked.Document);
        var end = new AttemptEnd
        {
            PreviousGeneration = locked.Document is null ? null : locked.Row.Generation,
            NewGeneration = generation,
            Target = change.Target,
            Recorded = change.Recorded,
        };
        var now = time.GetUtcNow();
        var line = SealedAuditLine.Of(Intent, end, now, random, row.LastHash);
        EventId = line.EventId;
        var keys = row.Keys + (request.Key is null ? 0 : 1);
        AddLine(batch, row.Lines + 1, line);
        AddRow(batch, row with { Generation = generation, Ended = Removes, Lines = row.Lines + 1, LastHash = line.Hash, Keys = keys }, etag, now);
        AddDocument(batch, document, etag, row.Lines + 1);
        AddSides(batch, change);
        AddKey(batch, new KeptAnswer(change.Answer, etag), generation, line, keys);
        AddFinal(batch, change.Final);
        await CommitAsync(batch);
        return new CommittedChange(change.Answer, generation, etag, line.Line, IsReplay: false);
    }

    private void AddLine(NpgsqlBatch batch, long number, SealedAuditLine line) => batch.Add(
        "INSERT INTO gtc_store.audit (env_id, line, event_id, content) VALUES ($1, $2, $3, $4)", Sql.Text(_id), Sql.Number(number), Sql.Text(line.EventId), Sql.Utf8(line.Line));

    private void AddRow(NpgsqlBatch batch, EnvironmentRow row, string etag, DateTimeOffset now) => batch.Add(
        """
        INSERT INTO gtc_store.environments (env_id, generation, etag, ended, lines, last_hash, keys, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        ON CONFLICT (env_id) DO UPDATE SET generation = $2, etag = $3, ended = $4, lines = $5, last_hash = $6, keys = $7, updated_at = $8
        """,
        Sql.Text(_id),
        Sql.Number(row.Generation),
        Sql.Text(etag),
        Sql.Truth(row.Ended),
        Sql.Number(row.Lines),
        Sql.Text(row.LastHash!),
        Sql.Number(row.Keys),
        Sql.Time(now));

    private void AddDocument(NpgsqlBatch batch, EnvironmentDocument? document, string etag, long line)
    {
        if (document is not null)
        {
            var bytes = Documents.Environment.ToLine(document);
            batch.Add(
                "INSERT INTO gtc_store.documents (env_id, generation, etag, digest, document, line) VALUES ($1, $2, $3, $4, $5, $6)",
                Sql.Text(_id),
                Sql.Number(document.EnvGeneration!.Value),
                Sql.Text(etag),
                Sql.Text(StoredRows.Digest(bytes)),
                Sql.Utf8(bytes),
                Sql.Number(line));
        }

        if (Removes)
        {
            batch.Add("DELETE FROM gtc_store.documents WHERE env_id = $1", Sql.Text(_id));
        }
    }

    private void AddFinal(NpgsqlBatch batch, FinalBackup? final)
    {
        if (final is not null)
        {
            batch.Add(
                "INSERT INTO gtc_store.ended (backup_id, env_id, manifest, content, artifacts) VALUES ($1, $2, $3, $4, $5)",
                Sql.Text(final.Manifest.BackupId),
                Sql.Text(_id),
                Sql.Utf8(FinalBackup.ToBytes(final.Manifest)),
                Sql.Bytes(final.Content.ToArray()),
                Sql.Utf8(FinalBackup.ToBytes(final.Artifacts)));
            batch.Add(
                "DELETE FROM gtc_store.ended WHERE backup_id <= (SELECT backup_id FROM gtc_store.ended ORDER BY backup_id DESC OFFSET $1 LIMIT 1)", Sql.Number((long)FinalBackup.Most));
        }
    }

    private void AddSides(NpgsqlBatch batch, Change change)
    {
        if (Removes || change.Image is not null)
        {
            batch.Add("DELETE FROM gtc_store.sides WHERE env_id = $1", Sql.Text(_id));
        }

        foreach (var (name, content) in change.Image?.Sides.Where(side => !change.Sides.ContainsKey(side.Key)) ?? [])
        {
            AddSide(batch, name, content.ToArray());
        }

        foreach (var (name, content) in change.Sides)
        {
            AddSide(batch, name, content);
        }
    }

    private void AddSide(NpgsqlBatch batch, SideName name, byte[]? content)
    {
        if (content is null)
        {
            batch.Add("DELETE FROM gtc_store.sides WHERE env_id = $1 AND name = $2", Sql.Text(_id), Sql.Text(name.ToString()));
        }
        else
        {
            batch.Add(
                "INSERT INTO gtc_store.sides (env_id, name, digest, content) VALUES ($1, $2, $3, $4) ON CONFLICT (env_id, name) DO UPDATE SET digest = $3, content = $4",
                Sql.Text(_id),
                Sql.Text(name.ToString()),
                Sql.Text(StoredRows.Digest(content)),
                Sql.Bytes(content));
        }
    }

    private void AddKey(NpgsqlBatch batch, KeptAnswer answer, ulong generation, SealedAuditLine line, long number)
    {
        if (request is not { Key: { } key, Fingerprint: { } fingerprint })
        {
            return;
        }

        PostgresImages.AddKey(batch, _id, number, new KeptKey(key, fingerprint, generation, line.Line, JsonSerializer.SerializeToUtf8Bytes(answer, StorageJson.Default.KeptAnswer)));
        if (number > MaxKeys)
        {
            batch.Add("DELETE FROM gtc_store.ledger WHERE env_id = $1 AND number <= $2", Sql.Text(_id), Sql.Number(number - MaxKeys));
        }
    }

    /// <summary>Carried through: from here on, giving up would leave who asked in the dark.</summary>
    private async Task CommitAsync(NpgsqlBatch batch)
    {
        batch.Add("COMMIT");
        WasSent = true;
        await batch.ExecuteNonQueryAsync(CancellationToken.None);
        WasSent = false;
    }
}

/// <summary>How an attempt ended.</summary>
/// <param name="Outcome">What is answered.</param>
/// <param name="IsRecorded">False for a refusal that belongs into the log of the whole store.</param>
internal sealed record CommitEnd(Outcome<CommittedChange> Outcome, bool IsRecorded)
{
    public CommitEnd(Refusal refusal, bool IsRecorded)
        : this((Outcome<CommittedChange>)refusal, IsRecorded)
    {
    }
}

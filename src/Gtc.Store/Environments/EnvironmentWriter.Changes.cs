using System.Globalization;
using Gtc.Model;

namespace Gtc.Store;

/// <summary>How changes are run, committed and answered.</summary>
internal sealed partial class EnvironmentWriter
{
    private void Stage(MutationBatch batch, PendingMutation change)
    {
        AttemptSummary attempt;
        try
        {
            if (batch.Refusal is not null)
            {
                attempt = change.Refuse(batch.Refusal);
            }
            else if (FindFirst(batch, change) is not { } first)
            {
                attempt = change.Run(new MutationContext(_files, batch.Current, batch.State.Generation, _time.GetUtcNow(), _random));
            }
            else if (first.TryGet(out var record, out var unreadable))
            {
                change.Replay(record);
                change.Stand(new CommittedPlace(record.Generation, JournalRecord.Bytes(record.Audit), IsReplay: true));
                batch.Add(new StagedMutation(change, new AttemptSummary { IsCommitted = true }, null) { IsReplay = true });
                return;
            }
            else
            {
                attempt = change.Refuse(unreadable);
            }
        }
        catch (Exception error)
        {
            // A bug in one verb is its caller's, not that of the callers beside it.
            change.Fail(error);
            return;
        }

        if (attempt.Document is { } document && !_reader.Check(document).TryGet(out _, out var broken))
        {
            attempt = change.Refuse(broken);
        }

        batch.CanRecord |= attempt.Document is not null;
        var entry = batch.CanRecord ? Take(batch, change.Intent, attempt) : null;
        if (entry is not null)
        {
            change.Stand(new CommittedPlace(entry.Generation, entry.Audit, IsReplay: false));
        }

        batch.Add(new StagedMutation(change, attempt, entry));
    }

    private JournalEntry Take(MutationBatch batch, MutationIntent intent, AttemptSummary attempt)
    {
        if (attempt.Origin is { } origin && batch.State.Document is null)
        {
            Begin(batch, origin);
        }

        var entry = batch.Add(Entry(batch, intent, attempt));
        batch.Current = attempt.Document is { } document ? document with { EnvGeneration = entry.Generation } : batch.Current;
        batch.RefreshesRuntimeConfig |= attempt.RefreshesRuntimeConfig;
        return entry;
    }

    private JournalEntry Entry(MutationBatch batch, MutationIntent intent, AttemptSummary attempt)
    {
        var (line, hash) = AuditChain.Seal(AuditLines.Line(intent, attempt, _time.GetUtcNow(), _random), batch.State.Hash ?? _views.Anchor());
        return new JournalEntry
        {
            Sequence = batch.State.Sequence + 1,
            Generation = attempt.Document is null ? batch.State.Generation : attempt.Generation ?? batch.State.Generation + 1,
            Audit = line,
            Hash = hash,
            Document = attempt.Document is { } document ? Standing.ToJournal(document) : null,
            Key = attempt.IsCommitted ? intent.IdempotencyKey : null,
            Fingerprint = attempt.Fingerprint,
            Answer = attempt.Answer,
            Refusal = attempt is { Fingerprint: not null, Refusal: { } refusal } ? KeptRefusal.Write(refusal) : null,
        };
    }

    /// <summary>
    /// Records what an environment was elsewhere, one record for each chained line of its audit log; those of an earlier attempt that was cut off stay. Keys
    /// whose lines were pruned are not taken over, and neither are lines that are older than the chain.
    /// </summary>
    private static void Begin(MutationBatch batch, EnvironmentImage origin)
    {
        var keys = new Dictionary<string, KeptKey>(StringComparer.Ordinal);
        foreach (var kept in origin.Keys)
        {
            keys[AuditCheck.Hash(AuditChain.Parse(kept.Audit)) ?? string.Empty] = kept;
        }

        var lines = origin.Audit.Select(line => (Hash: AuditCheck.Hash(AuditChain.Parse(line)), Line: line)).Where(line => line.Hash is not null).ToList();
        foreach (var (hash, line) in lines.Skip(lines.FindIndex(line => line.Hash == batch.State.Hash) + 1))
        {
            var kept = keys.GetValueOrDefault(hash!);
            batch.Add(new JournalEntry
            {
                Sequence = batch.State.Sequence + 1,
                Generation = kept?.Generation ?? batch.State.Generation,
                Audit = line.ToArray(),
                Hash = hash!,
                Key = kept?.Key,
                Fingerprint = kept?.Fingerprint,
                Answer = kept?.Answer.ToArray(),
            });
        }
    }

    /// <summary>The record that stands under the key of a change whose answers are kept; null when there is none.</summary>
    private Outcome<JournalRecord>? FindFirst(MutationBatch batch, PendingMutation change)
    {
        if (change.Fingerprint is null || change.Intent.IdempotencyKey is not { } key)
        {
            return null;
        }

        if (batch.Entries.LastOrDefault(entry => entry.Key == key) is { } beside)
        {
            return JournalRecord.Parse(_files.Layout.Journal, beside.Encode(null, isFirst: false));
        }

        try
        {
            if (_ledger is null || !ReferenceEquals(_ledgerOf, batch.Before))
            {
                (_ledger, _ledgerOf) = (ReplayLedger.Load(_journal.Folder), batch.Before);
            }

            return _ledger.Find(key) is { } sequence ? _journal.Folder.Find(sequence) : null;
        }
        catch (FileCallException error)
        {
            return FileRefusals.Store($"the journal of environment `{Id}` could not be asked for the idempotency key", error);
        }
        catch (JournalFormatException error)
        {
            return _journal.Folder.Damaged(_files.Layout.Journal, 0, error.Message);
        }
    }

    private void Commit(MutationBatch batch, bool isAnsweredFirst)
    {
        try
        {
            if (batch.Entries.Count > 0)
            {
                _journal.Append(batch.Entries);
            }
            else if (batch.Staged.Any(staged => staged.IsReplay))
            {
                // What is answered again must not be lost with the power either.
                _journal.Flush();
            }
        }
        catch (FileCallException error)
        {
            var failed = FileRefusals.Store($"environment `{Id}` stays as it was: its journal could not be written", error);
            AnswerAll(batch, staged => staged.IsReplay || staged.Attempt.IsCommitted ? failed : NotRecorded(staged.Attempt.Refusal!, failed));
            return;
        }

        if (batch.Entries.Count > 0)
        {
            Remember(batch);
            if (isAnsweredFirst && !batch.Entries.Any(entry => entry.Adopts))
            {
                Postpone(batch);
                AnswerAll(batch, static _ => null);
            }
            else
            {
                Publish(batch);
            }
        }
        else
        {
            AnswerAll(batch, static _ => null);
        }
    }

    /// <summary>The ledger goes on from what was appended, so that it is not read again.</summary>
    private void Remember(MutationBatch batch)
    {
        if (_ledger is not null && ReferenceEquals(_ledgerOf, batch.Before))
        {
            foreach (var entry in batch.Entries.Where(entry => entry.Key is not null))
            {
                _ledger.Add(entry.Key!, entry.Sequence);
            }

            _ledgerOf = _journal.State;
        }
    }

    private void Publish(MutationBatch batch)
    {
        _journal.Close();
        var unaudited = _views.WriteAudit([.. batch.Entries.Select(entry => entry.Audit)], batch.Before.Hash);
        var unserved = batch.RefreshesRuntimeConfig && batch.Current is { } newest ? _views.WriteRuntimeConfig(newest) : null;
        var late = new Dictionary<StagedMutation, Refusal>(ReferenceEqualityComparer.Instance);
        foreach (var staged in batch.Staged)
        {
            if (staged.Entry is { } entry && WriteViews(staged, entry, unserved) is { } why)
            {
                late[staged] = why with { Message = string.Create(CultureInfo.InvariantCulture, $"the change stands as generation {entry.Generation}, but {why.Message}") };
            }
        }

        if (batch.Entries.Any(entry => entry.Adopts) && batch.Staged.All(staged => staged.Attempt.Document is null) && _views.WriteDocument(batch.Current!) is { } unadopted)
        {
            _warn(unadopted.Message);
        }

        if (late.Count > 0)
        {
            RecordLate([.. late.Select(pair => (pair.Key.Change.Intent, new AttemptSummary { Refusal = pair.Value, Target = pair.Key.Attempt.Target }))]);
        }

        AnswerAll(batch, staged => staged.IsReplay ? null
            : unaudited is null ? late.GetValueOrDefault(staged)
            : staged.Attempt.IsCommitted ? NotAudited(unaudited)
            : NotRecorded(staged.Attempt.Refusal!, unaudited));
    }

    private Refusal? WriteViews(StagedMutation staged, JournalEntry entry, Refusal? unserved) =>
        (staged.Attempt.Document is { } document ? _views.WriteDocument(document with { EnvGeneration = entry.Generation }) : null)
        ?? (staged.Attempt.RefreshesRuntimeConfig ? unserved : null);

    /// <summary>A second line for changes whose views failed: the first one says that they stand. Best effort, since the answer says so too.</summary>
    private void RecordLate(IReadOnlyList<(MutationIntent Intent, AttemptSummary Attempt)> late)
    {
        var batch = new MutationBatch(_journal.State);
        foreach (var (intent, attempt) in late)
        {
            batch.Add(Entry(batch, intent, attempt));
        }

        try
        {
            _journal.Append(batch.Entries);
            if (_views.WriteAudit([.. batch.Entries.Select(entry => entry.Audit)], batch.Before.Hash) is { } unaudited)
            {
                _warn(unaudited.Message);
            }
        }
        catch (FileCallException error)
        {
            _warn(error.Message);
        }
    }

    /// <summary>Answers every change by the fail-closed table of store.md §5.3; those without an entry are recorded in the store's own log first.</summary>
    private void AnswerAll(MutationBatch batch, Func<StagedMutation, Refusal?> instead)
    {
        foreach (var staged in batch.Staged)
        {
            staged.Change.Complete(staged.Entry is null && !staged.IsReplay ? RecordStray(staged.Change, staged.Attempt) : instead(staged));
        }
    }

    /// <summary>Records an attempt on an environment that does not exist, or whose journal takes nothing, in the store's own log.</summary>
    /// <returns>What to answer instead, or null.</returns>
    private Refusal? RecordStray(PendingMutation change, AttemptSummary attempt)
    {
        try
        {
            if (attempt.Refusal is Refusal.Unauthorized denied && change.Intent.Actor is null && _files.Atomic.Calls.Status(_strayLog, followLinks: true) is null)
            {
                // Whoever is denied makes no file in a store of another, who could not append to it.
                return denied with { Details = denied.Details.Add(new("audit", "this attempt is not recorded: the store has no log of its own yet")) };
            }

            _audit.Append(_strayLog, AuditLines.Line(change.Intent, attempt, _time.GetUtcNow(), _random));
            return null;
        }
        catch (FileCallException error)
        {
            var unaudited = FileRefusals.Store("the audit log could not be written", error);
            return attempt.IsCommitted ? NotAudited(unaudited) : NotRecorded(attempt.Refusal!, unaudited);
        }
    }

    private static Refusal NotRecorded(Refusal own, Refusal why) =>
        own with { Details = own.Details.Add(new("audit", $"this attempt is not recorded: {why.Message}")) };

    private static Refusal.AuditFailed NotAudited(Refusal why) => new($"the change stands, but its audit line could not be written: {why.Message}")
    {
        Details = why.Details,
        Next = why.Next,
    };
}

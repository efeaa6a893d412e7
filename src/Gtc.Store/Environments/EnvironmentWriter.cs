using Gtc.Model;

namespace Gtc.Store;

/// <summary>
/// Runs changes of one environment: journal first, then the views. One at a time per store; between processes the
/// environment's lock decides. It remembers what it wrote, and reads again when another wrote since.
/// </summary>
internal sealed partial class EnvironmentWriter
{
    private readonly EnvironmentFiles _files;
    private readonly EnvironmentReader _reader;
    private readonly JournalWriter _journal;
    private readonly EnvironmentViews _views;
    private readonly AuditLog _audit;
    private readonly string _strayLog;
    private readonly TimeProvider _time;
    private readonly RandomSource _random;
    private readonly Action<string> _warn;
    private ReplayLedger? _ledger;
    private JournalState? _ledgerOf;

    public EnvironmentWriter(EnvironmentFiles files, string strayLog, TimeProvider time, RandomSource random, Action<string> warn)
    {
        _files = files;
        _reader = new EnvironmentReader(files);
        _journal = new JournalWriter(files.Atomic, files.Layout);
        _audit = new AuditLog(files.Atomic);
        _views = new EnvironmentViews(files, _audit, _journal);
        _strayLog = strayLog;
        _time = time;
        _random = random;
        _warn = warn;
    }

    private EnvId Id => _files.Layout.Id;

    /// <summary>Runs changes that were taken on. Every one of them is answered, with an exception if need be.</summary>
    /// <param name="changes">The changes.</param>
    /// <param name="isAnsweredFirst">Whether the answers come before the views. Then <see cref="Follow"/> is owed while <see cref="IsLate"/>, under the same lock.</param>
    public void Run(IReadOnlyList<PendingMutation> changes, bool isAnsweredFirst)
    {
        try
        {
            var batch = GoOn() ?? Open();
            foreach (var change in changes)
            {
                Stage(batch, change);
            }

            Commit(batch, isAnsweredFirst);
        }
        catch (Exception error)
        {
            // A bug, or a machine that is going down: who waits must hear of it, and nothing that is remembered can be relied on.
            _views.Learn(null, null);
            foreach (var change in changes)
            {
                change.Fail(error);
            }
        }
    }

    /// <summary>Refuses changes for which the environment could not even be locked.</summary>
    public void Refuse(IReadOnlyList<PendingMutation> changes, Refusal refusal)
    {
        foreach (var change in changes)
        {
            change.Complete(RecordStray(change, change.Refuse(refusal)));
        }
    }

    /// <summary>Makes sure that the audit log says all that the journal says, on disk: the journal is about to go.</summary>
    /// <returns>Null when it does.</returns>
    public Refusal? Settle()
    {
        if (_journal.State.Segment is null)
        {
            return null;
        }

        try
        {
            var unaudited = _views.WriteAudit([], _journal.State.Hash);
            if (unaudited is null)
            {
                _audit.Sync(_files.Layout.AuditLog);
            }

            return unaudited;
        }
        catch (FileCallException error)
        {
            return FileRefusals.Store("the audit log could not be made durable", error);
        }
    }

    /// <summary>Reads everything again before the next change.</summary>
    public void Forget()
    {
        _journal.Forget();
        _views.Learn(null, null);
        (_ledger, _ledgerOf) = (null, null);
    }

    /// <summary>Writes again every view that is late, and takes in what was edited by hand.</summary>
    /// <returns>The generation, or why the environment cannot be changed.</returns>
    public Outcome<ulong> CatchUp()
    {
        try
        {
            var batch = Open();
            if ((batch.Refusal ?? (batch.Current is null ? _reader.Of(new Standing.Absent()).Refusal : null)) is { } refusal)
            {
                return refusal;
            }

            _journal.Flush();
            Commit(batch, isAnsweredFirst: false);
            return _views.WriteAudit([], _journal.State.Hash) is { } late ? late : _journal.State.Generation;
        }
        catch (FileCallException error)
        {
            return FileRefusals.Store($"environment `{Id}` could not be caught up with its journal", error);
        }
    }

    /// <summary>Goes on from the last change, when the lock was kept since; null when the files have to be asked.</summary>
    private MutationBatch? GoOn()
    {
        if (_late is { Current: { } newest } && _journal.IsOpen)
        {
            return new MutationBatch(_journal.State) { Current = newest, CanRecord = true };
        }

        Follow();
        return null;
    }

    /// <summary>Finds out what the environment is.</summary>
    private MutationBatch Open()
    {
        try
        {
            if (!_files.Read(EnvironmentLayout.DocumentName, Documents.MaxBytes).TryGet(out var file, out var unreadable))
            {
                return Refused(unreadable);
            }

            var known = _views.Known(file);
            if (known is null)
            {
                _files.ForgetBackups();
            }

            var acknowledged = known ?? (file is not null && Documents.Environment.Parse(file).TryGet(out var parsed, out _) ? parsed : null);
            if (_journal.Open(acknowledged?.EnvGeneration, _warn) is { } damaged)
            {
                return Refused(damaged);
            }

            // The journal may have moved on meanwhile, so what was known is asked for again.
            return _views.Known(file) is { } document
                ? new MutationBatch(_journal.State) { Current = document, CanRecord = true }
                : Stand(Standing.Of(file, _journal.State), file);
        }
        catch (FileCallException error)
        {
            return Refused(FileRefusals.Store($"the journal of environment `{Id}` could not be read", error));
        }

        static MutationBatch Refused(Refusal refusal) => new(JournalState.Empty) { Refusal = refusal };
    }

    private MutationBatch Stand(Standing standing, byte[]? file)
    {
        var batch = new MutationBatch(_journal.State) { CanRecord = standing is not Standing.Absent };
        if (standing is Standing.Absent)
        {
            return batch;
        }

        if (!_reader.Of(standing).TryGet(out var document, out var refusal))
        {
            batch.Refusal = refusal;
            return batch;
        }

        batch.Current = document;
        if (standing is Standing.Adopted adopted)
        {
            Adopt(batch, adopted);
        }
        else if (standing is Standing.Late { Why: var why })
        {
            Renew(document, why);
        }
        else
        {
            _views.Learn(file, document);
        }

        return batch;
    }

    private void Renew(EnvironmentDocument document, string? why)
    {
        if (why is not null)
        {
            _warn($"{_files.Layout.Document} {why}; it is written again from generation {document.EnvGeneration} of the journal, and what it held is in backups/");
        }

        if ((_views.WriteRuntimeConfig(document) ?? _views.WriteDocument(document)) is { } unwritten)
        {
            _warn(unwritten.Message);
        }
    }

    private void Adopt(MutationBatch batch, Standing.Adopted adopted)
    {
        var intent = new MutationIntent(Id, "env", adopted.Verb, new() { ["environment_id"] = Id.ToString(), ["file"] = EnvironmentLayout.DocumentName });
        var document = adopted.Document with { EnvGeneration = adopted.Generation };
        var entry = Entry(batch, intent, new AttemptSummary { IsCommitted = true, Document = document });
        batch.Add(entry with { Generation = adopted.Generation, Adopts = true });
        batch.Current = document;
        if (adopted.Verb == "hand-edit")
        {
            _warn($"{_files.Layout.Document} was edited by hand; the edit is generation {adopted.Generation} now");
        }
    }
}

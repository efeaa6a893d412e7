using System.Collections.Immutable;
using System.Globalization;
using Gtc.Model;

namespace Gtc.Store;

/// <summary>How a damaged journal is repaired.</summary>
internal sealed partial class EnvironmentWriter
{
    /// <summary>Finds damage, and repairs it when asked.</summary>
    public Outcome<JournalRepair> Repair(bool apply)
    {
        try
        {
            var findings = Damage();
            if (!_files.Read(EnvironmentLayout.DocumentName, Documents.MaxBytes).TryGet(out var file, out var refusal))
            {
                return refusal;
            }

            var document = file is not null && Documents.Environment.Parse(file).TryGet(out var parsed, out _) && _reader.Check(parsed).TryGet(out _, out _) ? parsed : null;
            var state = Readable();
            if (findings.IsEmpty && document?.EnvGeneration > state.Generation && state.Document is not null)
            {
                findings = [$"environment.json is of generation {document.EnvGeneration}, the journal ends with {state.Generation}"];
            }

            if (findings.IsEmpty || !apply)
            {
                return new JournalRepair(findings, false, Math.Max(state.Generation, document?.EnvGeneration ?? 0));
            }

            return Rebuild(document).Then<JournalRepair>(generation => new JournalRepair(findings, true, generation));
        }
        catch (FileCallException error)
        {
            return FileRefusals.Store($"the journal of environment `{Id}` could not be repaired", error);
        }
    }

    private ImmutableArray<string> Damage()
    {
        var findings = ImmutableArray.CreateBuilder<string>();
        foreach (var path in _journal.Folder.Segments())
        {
            if (_journal.Folder.Read(path) is { IsDamaged: true } segment)
            {
                findings.Add(string.Create(CultureInfo.InvariantCulture, $"{path} is damaged at offset {segment.SoundLength}"));
            }
            else if (!_journal.Folder.Records(path).TryGet(out _, out var refusal))
            {
                findings.Add(refusal.Message);
            }
        }

        return findings.ToImmutable();
    }

    /// <summary>What the readable start of the journal adds up to.</summary>
    private JournalState Readable() => _journal.Folder.State().TryGet(out var state, out _) ? state : JournalState.Empty;

    private Outcome<ulong> Rebuild(EnvironmentDocument? document)
    {
        foreach (var path in _journal.Folder.Segments())
        {
            if (_journal.Folder.Read(path) is { IsDamaged: true } segment)
            {
                SetAside(segment);
            }
        }

        _journal.Forget();
        _views.Learn(null, null);
        if (_journal.Open(null, _warn) is { } still)
        {
            return still;
        }

        var state = _journal.State;
        if (document is null || document.EnvGeneration < state.Generation)
        {
            return CatchUp();
        }

        // The lines that are lost are still in the audit log, so the chain goes on from there.
        var batch = new MutationBatch(state with { Hash = LogHash() ?? state.Hash }) { Current = document, CanRecord = true };
        var generation = Math.Max(state.Generation, document.EnvGeneration ?? 0) + 1;
        var intent = new MutationIntent(Id, "env", "repair", new() { ["environment_id"] = Id.ToString(), ["file"] = EnvironmentLayout.DocumentName });
        batch.Current = document with { EnvGeneration = generation };
        batch.Add(Entry(batch, intent, new AttemptSummary { IsCommitted = true, Document = document }) with { Generation = generation, Adopts = true });
        _journal.Append(batch.Entries);
        Publish(batch);
        return generation;
    }

    private string? LogHash()
    {
        try
        {
            return _audit.LastHash(_files.Layout.AuditLog);
        }
        catch (FileCallException)
        {
            // The log is a view: without it the chain goes on from the journal.
            return null;
        }
    }

    /// <summary>Keeps the damaged file under another name and its readable start, if any, under its own.</summary>
    private void SetAside(JournalSegment segment)
    {
        var stamp = _time.GetUtcNow().ToString("yyyyMMdd'T'HHmmss'.'fffffff'Z'", CultureInfo.InvariantCulture);
        _files.Atomic.LinkOrCopy(segment.Path, $"{segment.Path}.{stamp}.damaged");
        if (segment.Payloads.IsEmpty)
        {
            _files.Atomic.Delete(segment.Path);
        }
        else
        {
            _files.Atomic.Replace(segment.Path, segment.Sound, AtomicFile.Private);
        }
    }
}

using Gtc.Model;

namespace Gtc.Store;

/// <summary>How views follow changes that were answered first.</summary>
internal sealed partial class EnvironmentWriter
{
    private LateViews? _late;

    /// <summary>Whether views are to be written before the environment's lock is given up.</summary>
    public bool IsLate => _late is not null;

    /// <summary>Writes the views of all changes since the last time: the newest document stands for those before it, which are in the journal.</summary>
    public void Follow()
    {
        if (_late is not { } late)
        {
            return;
        }

        _late = null;
        _journal.Close();
        if (late.ChangesDocument && _views.IsEdited())
        {
            _warn($"{_files.Layout.Document} was changed by somebody else while changes were being made; it is written again, and what it held is in backups/");
        }

        if (Write(late) is { } why)
        {
            _warn($"the changes stand, but {why.Message}");
            RecordLate(late, why);
        }
    }

    private void Postpone(MutationBatch batch)
    {
        if (_late is null)
        {
            _late = new LateViews(batch);
        }
        else
        {
            _late.Add(batch);
        }
    }

    private Refusal? Write(LateViews late)
    {
        var unaudited = _views.WriteAudit(late.Lines, late.Follows);
        var unserved = late is { RefreshesRuntimeConfig: true, Current: { } served } ? _views.WriteRuntimeConfig(served) : null;
        var unwritten = late is { ChangesDocument: true, Current: { } newest } ? _views.WriteDocument(newest) : null;
        return unaudited ?? unwritten ?? unserved;
    }

    private void RecordLate(LateViews late, Refusal why)
    {
        // After an append that failed, the journal is read again first.
        if (_journal.IsOpen && late.Last is { } intent)
        {
            RecordLate([(intent, new AttemptSummary { Refusal = why })]);
        }
    }
}

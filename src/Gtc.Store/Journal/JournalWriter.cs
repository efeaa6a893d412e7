using Gtc.Model;

namespace Gtc.Store;

/// <summary>Appends to the journal of one environment. Whoever calls it holds the environment's lock.</summary>
internal sealed class JournalWriter(AtomicFile atomic, EnvironmentLayout layout)
{
    private readonly IFileCalls _calls = atomic.Calls;
    private readonly JournalFolder _folder = new(atomic, layout);
    private JournalState? _state;
    private FileStatus _segment;
    private bool _isFlushed;

    /// <summary>The reading side.</summary>
    public JournalFolder Folder => _folder;

    /// <summary>Where the journal stands, as <see cref="Open"/> and <see cref="Append"/> left it.</summary>
    public JournalState State => _state ?? JournalState.Empty;

    /// <summary>Reads the journal unless nobody wrote since this did, and cuts what a power cut left of a line.</summary>
    /// <param name="acknowledged">The generation of environment.json, which is only written after the journal; null when it has none.</param>
    /// <param name="warn">Told about a cut.</param>
    /// <returns>Null, or why the journal cannot be appended to.</returns>
    /// <exception cref="FileCallException">It cannot be read or cut.</exception>
    public Refusal? Open(ulong? acknowledged, Action<string> warn)
    {
        if (_state is not { } state || !IsCurrent(state))
        {
            _state = null;
            _isFlushed = false;
            if (!_folder.State().TryGet(out state, out var refusal))
            {
                return refusal;
            }
        }

        if (acknowledged > state.Generation && state.Document is not null)
        {
            return _folder.Damaged(
                state.Segment!, state.SegmentLength, $"environment.json is of generation {acknowledged}, the journal ends with {state.Generation}");
        }

        if (_state is not null)
        {
            return null;
        }

        Cut(state, warn);
        Remember(state);
        return null;
    }

    /// <summary>Reads the journal again before the next use.</summary>
    public void Forget() => _state = null;

    /// <summary>Writes entries with one write and one flush: the commit point of what they record.</summary>
    /// <exception cref="FileCallException">None of them stands; the journal is read again before the next one.</exception>
    public void Append(IReadOnlyList<JournalEntry> entries)
    {
        var state = State;
        var isNew = state.Segment is null
            || state.SegmentRecords >= JournalFolder.MaxRecords
            || state.SegmentLength - state.SnapshotLength >= JournalFolder.MaxBytes;
        if (isNew)
        {
            Flush();
            state = state with { Segment = _folder.Segment(entries[0].Sequence), SegmentLength = 0, SnapshotLength = 0, SegmentRecords = 0, Adopted = null };
        }

        var lines = new List<byte[]>(entries.Count);
        var before = state.SegmentLength;
        foreach (var entry in entries)
        {
            lines.Add(JournalFrame.Encode(entry.Encode(state.Document, state.SegmentRecords == 0), sharesFlush: lines.Count > 0));
            state = state.After(entry) with
            {
                SegmentLength = state.SegmentLength + lines[^1].Length,
                SnapshotLength = state.SegmentRecords == 0 ? lines[^1].Length : state.SnapshotLength,
                SegmentRecords = state.SegmentRecords + 1,
            };
        }

        _state = null;
        Write(state.Segment!, lines.Count == 1 ? lines[0] : [.. lines.SelectMany(line => line)], before, isNew);
        _isFlushed = true;
        Remember(state);
    }

    /// <summary>Makes sure that what was read is on the disk: a writer that was killed may have left it in memory.</summary>
    /// <exception cref="FileCallException">It is not.</exception>
    public void Flush()
    {
        if (_isFlushed || State.Segment is not { } path)
        {
            return;
        }

        using var file = _calls.Open(path, OpenWay.Append, AtomicFile.Private);
        _calls.SyncData(file, path);
        _isFlushed = true;
    }

    private void Write(string path, byte[] bytes, long before, bool isNew)
    {
        if (isNew)
        {
            atomic.EnsureFolder(layout.Journal);
        }

        using var file = _calls.Open(path, OpenWay.Append, AtomicFile.Private);
        try
        {
            _calls.Write(file, bytes, path);
            _calls.SyncData(file, path);
            if (isNew)
            {
                _calls.SyncFolder(layout.Journal);
            }
        }
        catch (FileCallException)
        {
            TakeBack(() => _calls.Truncate(file, before, path));
            throw;
        }
    }

    /// <summary>Removes what was never flushed: the rest of a segment, and segments after it.</summary>
    private void Cut(JournalState state, Action<string> warn)
    {
        foreach (var path in _folder.Segments().Where(path => string.CompareOrdinal(path, state.Segment) > 0))
        {
            _calls.Unlink(path);
            warn($"{path} was begun and never acknowledged, as after a power cut; it is removed");
        }

        if (state.Segment is { } last && _calls.Status(last, followLinks: true) is { } status && status.Size > state.SegmentLength)
        {
            using var file = _calls.Open(last, OpenWay.Append, AtomicFile.Private);
            _calls.Truncate(file, state.SegmentLength, last);
            warn($"{last} ended in the middle of a line, as after a power cut; {status.Size - state.SegmentLength} bytes that were never acknowledged are cut");
        }
    }

    /// <summary>Best effort: the error that led here is the one to report, and a line that stays is found by the next one to open the journal.</summary>
    private static void TakeBack(Action undo)
    {
        try
        {
            undo();
        }
        catch (FileCallException)
        {
            // See above.
        }
    }

    private void Remember(JournalState state)
    {
        _state = state;
        _segment = state.Segment is { } path && _calls.Status(path, followLinks: true) is { } status ? status : default;
    }

    private bool IsCurrent(JournalState known) =>
        known.Segment is { } path
        && _calls.Status(path, followLinks: true) is { } present
        && present.IsSameFile(_segment)
        && present.Size == known.SegmentLength
        && _calls.Status(_folder.Segment(known.Sequence + 1), followLinks: true) is null;
}

using System.Buffers;
using Gtc.Model;
using Microsoft.Win32.SafeHandles;

namespace Gtc.Store;

/// <summary>Appends to the journal of one environment. Whoever calls it holds the environment's lock.</summary>
internal sealed class JournalWriter(AtomicFile atomic, EnvironmentLayout layout)
{
    private readonly IFileCalls _calls = atomic.Calls;
    private readonly JournalFolder _folder = new(atomic, layout);
    private JournalState? _state;
    private FileStatus _segment;
    private bool _isFlushed;
    private SafeFileHandle? _file;

    /// <summary>The reading side.</summary>
    public JournalFolder Folder => _folder;

    /// <summary>Where the journal stands, as <see cref="Open"/> and <see cref="Append"/> left it.</summary>
    public JournalState State => _state ?? JournalState.Empty;

    /// <summary>Whether <see cref="State"/> is what the journal holds, as long as the lock is kept.</summary>
    public bool IsOpen => _state is not null;

    /// <summary>Reads the journal unless nobody wrote since this did, and cuts what a power cut left of a line.</summary>
    /// <param name="acknowledged">The generation of environment.json, which is only written after the journal; null when it has none.</param>
    /// <param name="warn">Told about a cut.</param>
    /// <returns>Null, or why the journal cannot be appended to.</returns>
    /// <exception cref="FileCallException">It cannot be read or cut.</exception>
    public Refusal? Open(ulong? acknowledged, Action<string> warn)
    {
        if (_state is not { } state || !IsCurrent(state))
        {
            // The file that is open may not be the one that is appended to any more.
            Forget();
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
        Remember(state with { SegmentRoom = state.SegmentRoom ?? 0 });
        return null;
    }

    /// <summary>Reads the journal again before the next use.</summary>
    public void Forget()
    {
        _state = null;
        Close();
    }

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
            Close();
            state = state with { Segment = _folder.Segment(entries[0].Sequence), SegmentLength = 0, SegmentRoom = 0, SnapshotLength = 0, SegmentRecords = 0, Adopted = null };
        }

        var lines = new ArrayBufferWriter<byte>();
        var before = state.SegmentLength;
        foreach (var entry in entries)
        {
            JournalFrame.Write(lines, entry.Encode(state.Document, state.SegmentRecords == 0), sharesFlush: lines.WrittenCount > 0);
            state = state.After(entry) with
            {
                SnapshotLength = state.SegmentRecords == 0 ? lines.WrittenCount : state.SnapshotLength,
                SegmentRecords = state.SegmentRecords + 1,
            };
        }

        state = state with { SegmentLength = before + lines.WrittenCount, SegmentRoom = Pad(lines, before, state.SegmentRoom ?? 0) };
        _state = null;
        Write(state.Segment!, lines.WrittenSpan, before, isNew);
        _isFlushed = true;
        Remember(state);
    }

    /// <summary>Lets go of the file; who keeps the environment's lock from change to change need not open it for each.</summary>
    public void Close()
    {
        _file?.Dispose();
        _file = null;
    }

    /// <summary>Makes sure that what was read is on the disk: a writer that was killed may have left it in memory.</summary>
    /// <exception cref="FileCallException">It is not.</exception>
    public void Flush()
    {
        if (_isFlushed || State.Segment is not { } path)
        {
            return;
        }

        using var file = _calls.Open(path, OpenWay.Update, AtomicFile.Private);
        _calls.SyncData(file, path);
        _isFlushed = true;
    }

    /// <summary>Adds zeros for later lines where these do not fit into the room that there is.</summary>
    /// <returns>The room that is left.</returns>
    private static int Pad(ArrayBufferWriter<byte> lines, long before, int room)
    {
        var left = room - lines.WrittenCount;
        if (left >= 0)
        {
            return left;
        }

        var more = (int)(JournalFolder.GrowsBy - ((before + lines.WrittenCount) % JournalFolder.GrowsBy));
        lines.GetSpan(more)[..more].Clear();
        lines.Advance(more);
        return more;
    }

    private void Write(string path, ReadOnlySpan<byte> bytes, long before, bool isNew)
    {
        if (isNew)
        {
            atomic.EnsureFolder(layout.Journal);
        }

        _file ??= _calls.Open(path, OpenWay.Update, AtomicFile.Private);
        try
        {
            _calls.WriteAt(_file, bytes, before, path);
            _calls.SyncData(_file, path);
            if (isNew)
            {
                _calls.SyncFolder(layout.Journal);
            }
        }
        catch (FileCallException)
        {
            TakeBack(_file, before, path);
            Close();
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

        if (state is { Segment: { } last, SegmentRoom: null } && _calls.Status(last, followLinks: true) is { } status)
        {
            using var file = _calls.Open(last, OpenWay.Update, AtomicFile.Private);
            _calls.Truncate(file, state.SegmentLength, last);
            warn($"{last} ended in the middle of a line, as after a power cut; {status.Size - state.SegmentLength} bytes that were never acknowledged are cut");
        }
    }

    /// <summary>Best effort: the error that led here is the one to report, and a line that stays is found by the next one to open the journal.</summary>
    private void TakeBack(SafeFileHandle file, long before, string path)
    {
        try
        {
            _calls.Truncate(file, before, path);
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
        && present.Size == known.SegmentLength + known.SegmentRoom
        && IsUnwritten(path, known)
        && _calls.Status(_folder.Segment(known.Sequence + 1), followLinks: true) is null;

    /// <summary>Whether zeros still follow the last line that is known.</summary>
    private bool IsUnwritten(string path, JournalState known)
    {
        if (known.SegmentRoom == 0)
        {
            return true;
        }

        Span<byte> next = stackalloc byte[1];
        using var file = _calls.Open(path, OpenWay.Read, UnixFileMode.None);
        return _calls.Read(file, next, known.SegmentLength, path) == 1 && next[0] == 0;
    }
}

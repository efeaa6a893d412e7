using System.Collections.Immutable;
using System.Globalization;
using Gtc.Model;

namespace Gtc.Store;

/// <summary>
/// Reads the journal of one environment: <c>journal/&lt;first sequence&gt;.log</c>, segments of at most
/// <see cref="MaxRecords"/> records whose first line holds the whole document. So the file names are the index, and any
/// generation is one small file away. Reading takes no lock: a line that is being written is not there yet.
/// </summary>
internal sealed class JournalFolder(AtomicFile atomic, EnvironmentLayout layout)
{
    /// <summary>How many records a segment may have before the next one begins.</summary>
    public const int MaxRecords = 256;

    /// <summary>How many bytes a segment may have beside its first line before the next one begins.</summary>
    public const int MaxBytes = 1 << 20;

    /// <summary>
    /// A segment grows by multiples of this, filled with zeros. A line that takes the place of zeros changes no length and needs no new
    /// block, so the file system has nothing of its own to commit with the flush.
    /// </summary>
    public const int GrowsBy = 64 << 10;

    /// <summary>How much of a segment tells what it begins with: sequence, generation and a key of at most 255 characters.</summary>
    private const int StartLength = 2048;

    /// <summary>The path of the segment that begins with a record.</summary>
    public string Segment(long sequence) => Path.Combine(layout.Journal, sequence.ToString("d16", CultureInfo.InvariantCulture) + ".log");

    /// <summary>The segments in order.</summary>
    public ImmutableArray<string> Segments() => [.. FolderListing.Files(layout.Journal, "*.log").Order(StringComparer.Ordinal)];

    /// <summary>Looks at one segment.</summary>
    public JournalSegment Read(string path) => JournalSegment.Parse(path, atomic.Read(path, int.MaxValue) ?? []);

    /// <summary>The segment that is appended to: the last one with a readable line, or the damaged one after it; null without any.</summary>
    public JournalSegment? Last()
    {
        foreach (var path in Segments().Reverse())
        {
            // One that is empty or torn from its start was being begun when the machine stopped.
            if (Read(path) is { } segment && (!segment.Payloads.IsEmpty || segment.IsDamaged))
            {
                return segment;
            }
        }

        return null;
    }

    /// <summary>What the records add up to.</summary>
    public Outcome<JournalState> State()
    {
        var last = Last();
        return last is null ? JournalState.Empty
            : last.IsDamaged ? Damaged(last.Path, last.SoundLength, "a line is damaged, and there are lines after it that were written later")
            : Replay(last, static _ => false);
    }

    /// <summary>The document of a generation, or <see cref="Refusal.Missing"/>.</summary>
    public Outcome<byte[]> At(ulong generation)
    {
        var segments = Segments();
        if (Guess(segments, generation) is { } likely && At(Read(likely), generation) is { IsOk: true } found)
        {
            return found;
        }

        return Holding(segments, generation).Then(index => index < 0 ? NotKept(generation) : At(Read(segments[index]), generation));
    }

    /// <summary>The records of one segment.</summary>
    public Outcome<ImmutableArray<JournalRecord>> Records(string path)
    {
        var segment = Read(path);
        if (segment.IsDamaged)
        {
            return Damaged(path, segment.SoundLength, "a line is damaged, and there are lines after it that were written later");
        }

        var records = ImmutableArray.CreateBuilder<JournalRecord>(segment.Payloads.Length);
        for (var index = 0; index < segment.Payloads.Length; index++)
        {
            try
            {
                records.Add(JournalRecord.Parse(path, segment.Payload(index)));
            }
            catch (JournalFormatException error)
            {
                return Damaged(path, segment.Payloads[index].Start.Value, error.Message);
            }
        }

        return records.MoveToImmutable();
    }

    /// <summary>The segments, in order, that nobody needs who reads only generations from one on: those before the segment that holds it.</summary>
    public ImmutableArray<string> Surplus(ulong oldestNeeded)
    {
        var segments = Segments();
        return Holding(segments, oldestNeeded).Match(holding => segments[..Math.Max(0, holding)], _ => []);
    }

    /// <summary>As <see cref="Surplus"/>, without the segments of the newest keys: what was done under those is answered again. Attempts that were refused are records too and mostly have no key.</summary>
    /// <param name="oldestNeeded">The oldest generation that must stay readable.</param>
    /// <param name="keepKeys">How many of the newest keys stay.</param>
    public ImmutableArray<string> SurplusBut(ulong oldestNeeded, long keepKeys)
    {
        var surplus = Surplus(oldestNeeded);
        if (surplus.IsEmpty)
        {
            return [];
        }

        var segments = Segments();
        var first = segments.Length;
        for (var keys = 0L; first > 0 && keys < keepKeys;)
        {
            keys += ReplayLedger.KeysOf(Read(segments[--first])).Count;
        }

        return surplus[..Math.Min(surplus.Length, first)];
    }

    /// <summary>The record with a number; null when it was given up with the segment that it was in.</summary>
    public Outcome<JournalRecord>? Find(long sequence)
    {
        var path = Segments().LastOrDefault(path => string.CompareOrdinal(path, Segment(sequence)) <= 0);
        return path is null
            ? (Outcome<JournalRecord>?)null
            : Records(path).Then(records => records.FirstOrDefault(record => record.Sequence == sequence) is { } found
                ? (Outcome<JournalRecord>)found
                : new Refusal.StoreFailed($"the journal of environment `{layout.Id}` has no record {sequence}"));
    }

    /// <summary>A journal that cannot be believed.</summary>
    public Refusal.StoreFailed Damaged(string path, long offset, string what) => new($"the journal of environment `{layout.Id}` is damaged: {what}")
    {
        Details = [new("file", path), new("offset", offset.ToString(CultureInfo.InvariantCulture))],
        Next = $"gtc op env repair {layout.Id} --apply",
    };

    private Refusal.Missing NotKept(ulong generation)
    {
        var (oldest, newest) = Range();
        return new($"environment `{layout.Id}` has no generation {generation} in its journal")
        {
            Details = newest == 0 ? [] : [new("generations", $"{oldest} to {newest}")],
            Next = $"gtc op env history {layout.Id}",
        };
    }

    /// <summary>The oldest and the newest generation; zeros without one.</summary>
    public (ulong Oldest, ulong Newest) Range()
    {
        var segments = Segments();
        return segments.Select(Read).FirstOrDefault(HasLines) is { } oldest && segments.Reverse().Select(Read).FirstOrDefault(HasLines) is { } newest
            ? (JournalRecord.ReadStart(oldest.Payload(0).Span).Generation, newest.Generation())
            : (0, 0);

        static bool HasLines(JournalSegment segment) => !segment.Payloads.IsEmpty;
    }

    /// <summary>The last segment that begins at a generation or before; -1 without one.</summary>
    private Outcome<int> Holding(ImmutableArray<string> segments, ulong generation)
    {
        var (low, high) = (0, segments.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var segment = Read(segments[middle]);
            if (segment.Payloads.IsEmpty)
            {
                if (segment.IsDamaged)
                {
                    return Damaged(segment.Path, 0, "its first line is damaged");
                }

                high = middle - 1;
                continue;
            }

            if (JournalRecord.ReadStart(segment.Payload(0).Span).Generation <= generation)
            {
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }

        return high;
    }

    private Outcome<JournalState> Replay(JournalSegment segment, Func<RecordStart, bool> isPast)
    {
        var state = new JournalState { Segment = segment.Path, SegmentLength = segment.SoundLength, SegmentRoom = segment.Room };
        for (var index = 0; index < segment.Payloads.Length; index++)
        {
            try
            {
                var payload = segment.Payload(index);
                if (isPast(JournalRecord.ReadStart(payload.Span)))
                {
                    break;
                }

                state = state.After(JournalRecord.Parse(segment.Path, payload));
            }
            catch (JournalFormatException error)
            {
                return Damaged(segment.Path, segment.Payloads[index].Start.Value, error.Message);
            }
        }

        return state with { SnapshotLength = segment.Payloads is [var first, ..] ? first.End.Value : 0 };
    }

    private Outcome<byte[]> At(JournalSegment segment, ulong generation) => Replay(segment, start => start.Generation > generation).Then(state =>
        state.Generation == generation && state.Document is { } document ? document
        : segment.IsDamaged ? Damaged(segment.Path, segment.SoundLength, $"generation {generation} is behind a damaged line")
        : (Outcome<byte[]>)NotKept(generation));

    /// <summary>The segment that <see cref="Holding"/> finds in a sound journal, by the first bytes of a few files and without their checksums; null when they do not tell.</summary>
    private string? Guess(ImmutableArray<string> segments, ulong generation)
    {
        var (low, high) = (0, segments.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (FirstGeneration(segments[middle]) is not { } first)
            {
                return null;
            }

            (low, high) = first <= generation ? (middle + 1, high) : (low, middle - 1);
        }

        return high < 0 ? null : segments[high];
    }

    private ulong? FirstGeneration(string path)
    {
        Span<byte> start = stackalloc byte[StartLength];
        using var file = atomic.Calls.Open(path, OpenWay.Read, UnixFileMode.None);
        var read = start[..atomic.Calls.Read(file, start, 0, path)];
        try
        {
            return read.Length <= JournalFrame.HeaderLength ? null : JournalRecord.ReadStart(read[JournalFrame.HeaderLength..]).Generation;
        }
        catch (JournalFormatException)
        {
            return null;
        }
    }
}

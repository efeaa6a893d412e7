namespace Gtc.Store;

/// <summary>Where a journal stands: what its records add up to.</summary>
internal sealed record JournalState
{
    /// <summary>A journal without a record.</summary>
    public static JournalState Empty { get; } = new();

    /// <summary>The number of the last record; 0 without one.</summary>
    public long Sequence { get; init; }

    /// <summary>The generation of the document; 0 without one.</summary>
    public ulong Generation { get; init; }

    /// <summary>The document, compact and without its generation; null without one.</summary>
    public byte[]? Document { get; init; }

    /// <summary>The last document that was taken from environment.json in this segment, or null.</summary>
    public byte[]? Adopted { get; init; }

    /// <summary>The hash of the last audit line; null without one.</summary>
    public string? Hash { get; init; }

    /// <summary>The segment that is appended to, or null.</summary>
    public string? Segment { get; init; }

    /// <summary>The length of its readable lines.</summary>
    public long SegmentLength { get; init; }

    /// <summary>How many zeros follow them, for lines to come; null when a torn line follows.</summary>
    public int? SegmentRoom { get; init; }

    /// <summary>The length of its first line, which holds the whole document.</summary>
    public long SnapshotLength { get; init; }

    /// <summary>How many lines it has.</summary>
    public int SegmentRecords { get; init; }

    /// <summary>The state after an entry; where it is kept is the writer's to say.</summary>
    public JournalState After(JournalEntry entry) => this with
    {
        Sequence = entry.Sequence,
        Generation = entry.Generation,
        Document = entry.Document ?? Document,
        Adopted = entry.Adopts ? entry.Document : Adopted,
        Hash = entry.Hash,
    };

    /// <summary>The state after a record.</summary>
    /// <exception cref="JournalFormatException">The record does not follow.</exception>
    public JournalState After(JournalRecord record)
    {
        if (SegmentRecords > 0 && record.Sequence != Sequence + 1)
        {
            throw new JournalFormatException($"record {record.Sequence} follows record {Sequence}");
        }

        var document = record.DocumentAfter(Document);
        return this with
        {
            Sequence = record.Sequence,
            Generation = record.Generation,
            Document = document,
            Adopted = record.Adopts ? document : Adopted,
            Hash = record.Hash,
            SegmentRecords = SegmentRecords + 1,
        };
    }
}

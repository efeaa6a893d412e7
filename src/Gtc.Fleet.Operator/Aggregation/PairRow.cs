namespace Gtc.Fleet.Operator;

/// <summary>What a device last said of a deployment.</summary>
public enum Phase
{
    /// <summary>Nothing, or it took back what it had said.</summary>
    None,

    /// <summary>It is at work.</summary>
    Pending,

    /// <summary>All containers run.</summary>
    Running,

    /// <summary>It could not.</summary>
    Failed,
}

/// <summary>
/// One (device, deployment) in eight bytes: 48 bits of stream sequence, the phase, the number of the score hash that the phase is of, and four flags.
/// A value: the table's <see cref="PairTable"/> row is replaced, never changed in place.
/// </summary>
internal readonly record struct PairRow(ulong Bits)
{
    private const int HashShift = 48;
    private const int PhaseShift = 56;
    private const ulong SequenceMask = (1UL << HashShift) - 1;
    private const ulong MatchedBit = 1UL << 58;
    private const ulong DueBit = 1UL << 59;
    private const ulong WrittenBit = 1UL << 60;
    private const ulong EntryBit = 1UL << 61;

    /// <summary>The stream sequence of the newest report; 0 when there was none.</summary>
    public long Sequence => (long)(Bits & SequenceMask);

    /// <summary>What the device said.</summary>
    public Phase Phase => (Phase)((Bits >> PhaseShift) & 3);

    /// <summary>The number that its score hash has in the deployment; 0 when it said none.</summary>
    public byte Hash => (byte)(Bits >> HashShift);

    /// <summary>Whether the selector takes the device now.</summary>
    public bool IsMatched => (Bits & MatchedBit) != 0;

    /// <summary>Whether the device is to have the current score now; a batched roll-out says so later than the selector.</summary>
    public bool IsDue => (Bits & DueBit) != 0;

    /// <summary>Whether the entry of the current score is known to be stored.</summary>
    public bool IsWritten => (Bits & WrittenBit) != 0;

    /// <summary>Whether an entry, of whichever score, may be stored.</summary>
    public bool HasEntry => (Bits & EntryBit) != 0;

    /// <summary>Whether nothing at all is known of it.</summary>
    public bool IsBlank => Bits == 0;

    /// <summary>Whether something of the entry remains to be written or deleted.</summary>
    public bool HasWork => IsMatched ? IsDue && !IsWritten : HasEntry;

    public PairRow Reported(Phase phase, byte hash, long sequence) =>
        new((Bits & ~(SequenceMask | (0x3ffUL << HashShift))) | ((ulong)sequence & SequenceMask) | ((ulong)hash << HashShift) | ((ulong)phase << PhaseShift));

    public PairRow WithHash(byte hash) => new((Bits & ~(0xffUL << HashShift)) | ((ulong)hash << HashShift));

    public PairRow WithMatched(bool on) => With(MatchedBit, on);

    public PairRow WithDue(bool on) => With(DueBit, on);

    public PairRow WithWritten(bool on) => With(WrittenBit, on);

    public PairRow WithEntry(bool on) => With(EntryBit, on);

    private PairRow With(ulong bit, bool on) => new(on ? Bits | bit : Bits & ~bit);
}

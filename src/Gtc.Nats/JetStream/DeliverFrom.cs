namespace Gtc.Nats;

/// <summary>Where a reader of a stream begins.</summary>
public readonly record struct DeliverFrom
{
    private DeliverFrom(string policy, ulong? sequence)
    {
        Policy = policy;
        StartSequence = sequence;
    }

    /// <summary>With the first message that is there.</summary>
    public static DeliverFrom All { get; } = new("all", null);

    /// <summary>With the next message that comes.</summary>
    public static DeliverFrom New { get; } = new("new", null);

    /// <summary>With the last message of each subject, in the order of their sequences. Needs a filter with a wildcard.</summary>
    public static DeliverFrom LastPerSubject { get; } = new("last_per_subject", null);

    internal string Policy { get => field ?? "all"; }

    internal ulong? StartSequence { get; }

    /// <summary>With a sequence. A sequence that is yet to come waits for it, up to the stream's next one: the server cuts what lies beyond without a word.</summary>
    public static DeliverFrom Sequence(ulong sequence) => new("by_start_sequence", Math.Max(1, sequence));
}

namespace Gtc.Nats;

/// <summary>What a watch of a bucket gets.</summary>
public sealed record WatchOptions
{
    /// <summary>
    /// Where it begins: with the last entry of each key when not given; with <see cref="DeliverFrom.New"/>, only changes;
    /// with <see cref="DeliverFrom.All"/>, all entries that are kept; with a sequence, all from there, markers too.
    /// </summary>
    public DeliverFrom From { get; init; } = DeliverFrom.LastPerSubject;

    /// <summary>Leaves the values out.</summary>
    public bool KeysOnly { get; init; }

    /// <summary>Whether the stream is looked at before and after interruptions; see <see cref="ConsumerOptions.ChecksStream"/>.</summary>
    public bool ChecksStream { get; init; } = true;

    /// <summary>How often the server gives a sign of life when nothing changes.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(5);
}

using Gtc.Model;

namespace Gtc.Routing;

/// <summary>
/// Remembers on which revision a session began (dispatcher.md §3). A pin lives for <see cref="Lifetime"/> from its creation and only as long as the
/// generation that it was made in. No store ever fails a request: what it cannot answer is no pin.
/// </summary>
public interface ISessionPins
{
    /// <summary>How long a pin lives; use does not prolong it.</summary>
    static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    /// <summary>How many calls went without an answer from the store, and therefore without a pin.</summary>
    long Unanswered { get; }

    /// <summary>The revision that a session is pinned to, or null. A pin of an earlier generation is dropped.</summary>
    /// <param name="key">The session.</param>
    /// <param name="generation">The deployment's sticky generation.</param>
    /// <param name="cancellationToken">Ends the wait for the store.</param>
    ValueTask<RevisionId?> FindAsync(PinKey key, ulong generation, CancellationToken cancellationToken);

    /// <summary>Pins a session unless it is pinned already; one step, whoever else tries.</summary>
    /// <param name="key">The session.</param>
    /// <param name="revision">The revision.</param>
    /// <param name="generation">The deployment's sticky generation.</param>
    /// <param name="cancellationToken">Ends the wait for the store.</param>
    ValueTask<PinResult> InsertAsync(PinKey key, RevisionId revision, ulong generation, CancellationToken cancellationToken);
}

/// <summary>What became of a pin.</summary>
public enum PinOutcome
{
    /// <summary>Not stored: the key is empty or too long, the store did not answer, or it knows a newer generation.</summary>
    Skipped,

    /// <summary>Stored.</summary>
    Inserted,

    /// <summary>Another one was there first, and wins.</summary>
    Existing,
}

/// <summary>What became of a pin.</summary>
/// <param name="Outcome">What.</param>
/// <param name="Revision">The revision that the session is pinned to; null when it is skipped.</param>
public readonly record struct PinResult(PinOutcome Outcome, RevisionId? Revision)
{
    /// <summary>Not stored.</summary>
    public static PinResult Skipped => default;
}

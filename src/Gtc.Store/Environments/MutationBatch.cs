using Gtc.Model;

namespace Gtc.Store;

/// <summary>Changes that share one flush: each sees what the one before made.</summary>
internal sealed class MutationBatch
{
    private readonly List<JournalEntry> _entries = [];
    private readonly List<StagedMutation> _staged = [];

    public MutationBatch(JournalState state) => (State, Before) = (state, state);

    /// <summary>Where the journal stood.</summary>
    public JournalState Before { get; }

    /// <summary>Where it will stand.</summary>
    public JournalState State { get; private set; }

    /// <summary>The document as the next change sees it; null when there is none.</summary>
    public EnvironmentDocument? Current { get; set; }

    /// <summary>Why no change can run, or null.</summary>
    public Refusal? Refusal { get; set; }

    /// <summary>Whether attempts can be recorded with the environment at all; false when it does not exist, or its journal is damaged.</summary>
    public bool CanRecord { get; set; }

    /// <summary>What is to be appended.</summary>
    public IReadOnlyList<JournalEntry> Entries => _entries;

    /// <summary>The changes that ran, and how they ended.</summary>
    public IReadOnlyList<StagedMutation> Staged => _staged;

    /// <summary>Whether runtime-config.json must follow.</summary>
    public bool RefreshesRuntimeConfig { get; set; }

    /// <summary>Takes an entry.</summary>
    public JournalEntry Add(JournalEntry entry)
    {
        _entries.Add(entry);
        State = State.After(entry);
        return entry;
    }

    /// <summary>Takes the end of an attempt.</summary>
    public void Add(StagedMutation staged) => _staged.Add(staged);
}

/// <summary>A change that ran, or was answered without.</summary>
/// <param name="Change">Who waits.</param>
/// <param name="Attempt">How it ended.</param>
/// <param name="Entry">Its entry; null when it is replayed, or recorded in the store's own log.</param>
internal sealed record StagedMutation(PendingMutation Change, AttemptSummary Attempt, JournalEntry? Entry)
{
    /// <summary>Whether the answer is that of an earlier record.</summary>
    public bool IsReplay { get; init; }
}

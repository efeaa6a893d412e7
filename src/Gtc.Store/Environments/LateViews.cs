using Gtc.Model;

namespace Gtc.Store;

/// <summary>What the views lack of changes that stand and were answered.</summary>
internal sealed class LateViews
{
    private readonly List<byte[]> _lines = [];

    /// <summary>Begins with the first batch of changes.</summary>
    public LateViews(MutationBatch first)
    {
        Follows = first.Before.Hash;
        Add(first);
    }

    /// <summary>The hash of the audit line before the first of <see cref="Lines"/>; null when they begin the chain.</summary>
    public string? Follows { get; }

    /// <summary>Audit lines, oldest first.</summary>
    public IReadOnlyList<byte[]> Lines => _lines;

    /// <summary>The document as the next change sees it.</summary>
    public EnvironmentDocument? Current { get; private set; }

    /// <summary>Whether environment.json has to follow: a refused attempt makes no document.</summary>
    public bool ChangesDocument { get; private set; }

    /// <summary>Whether runtime-config.json has to follow.</summary>
    public bool RefreshesRuntimeConfig { get; private set; }

    /// <summary>What was asked last, to record a failure under.</summary>
    public MutationIntent? Last { get; private set; }

    /// <summary>Adds changes that follow these.</summary>
    public void Add(MutationBatch next)
    {
        _lines.AddRange(next.Entries.Select(entry => entry.Audit));
        Current = next.Current;
        ChangesDocument |= next.Entries.Any(entry => entry.Document is not null);
        RefreshesRuntimeConfig |= next.RefreshesRuntimeConfig;
        Last = next.Staged.LastOrDefault(staged => staged.Entry is not null)?.Change.Intent ?? Last;
    }
}

using Gtc.Model;

namespace Gtc.Routing;

/// <summary>What is known about a running revision. One object lives as long as the revision is served, across all tables that name it.</summary>
/// <param name="revision">The revision.</param>
public sealed class RevisionState(RevisionId revision)
{
    private volatile bool _isHealthy = true;
    private volatile bool _isDraining;

    /// <summary>The revision.</summary>
    public RevisionId Revision { get; } = revision;

    /// <summary>Whether it may be given requests at all.</summary>
    public bool IsHealthy
    {
        get => _isHealthy;
        set => _isHealthy = value;
    }

    /// <summary>Whether it keeps those that it has and gets no new ones.</summary>
    public bool IsDraining
    {
        get => _isDraining;
        set => _isDraining = value;
    }
}

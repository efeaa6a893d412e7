using Gtc.Model;
using Gtc.Proxy;

namespace Gtc.Routing;

/// <summary>What is known about a running revision. One object lives as long as the revision is served, across all tables that name it.</summary>
/// <param name="revision">The revision.</param>
public sealed class RevisionState(RevisionId revision)
{
    private volatile bool _isHealthy = true;
    private volatile bool _isDraining;
    private volatile bool _isEvicted;
    private volatile Backend? _backend;

    /// <summary>The revision.</summary>
    public RevisionId Revision { get; } = revision;

    /// <summary>What requests and people call it: its id, if nothing else is said.</summary>
    public string Name { get; init; } = revision.ToString();

    /// <summary>Where it runs when that is another process; null when it runs in this one.</summary>
    public Backend? Backend
    {
        get => _backend;
        set => _backend = value;
    }

    /// <summary>How many requests it has, when it runs in this process.</summary>
    public Func<long> CountInFlight { get; set; } = static () => 0;

    /// <summary>How many requests it has.</summary>
    public long InFlight => Backend?.InFlight ?? CountInFlight();

    /// <summary>What it has done for callers.</summary>
    public RevisionMeter Meter { get; } = new();

    /// <summary>What it has done for those who came in by a preview; never evidence for or against it.</summary>
    public RevisionMeter PreviewMeter { get; } = new();

    /// <summary>Whether it may be given requests at all: its checks pass, and its process was not found dead a moment ago.</summary>
    public bool IsHealthy
    {
        get => _isHealthy && Backend?.IsEjected(Environment.TickCount64) != true;
        set => _isHealthy = value;
    }

    /// <summary>Whether it keeps those that it has and gets no new ones.</summary>
    public bool IsDraining
    {
        get => _isDraining;
        set => _isDraining = value;
    }

    /// <summary>Whether its drain time is over: it keeps nobody any more.</summary>
    public bool IsEvicted
    {
        get => _isEvicted;
        set => _isEvicted = value;
    }
}

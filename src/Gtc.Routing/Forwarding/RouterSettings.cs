using Gtc.Proxy;

namespace Gtc.Routing;

/// <summary>Answers a request in place of any revision; false when it is not one of the router's own.</summary>
/// <param name="request">The request.</param>
/// <param name="choice">Where the reply goes.</param>
public delegate bool OwnAnswer(in RequestView request, ref Choice choice);

/// <summary>What a router goes by besides its table.</summary>
public sealed record RouterSettings
{
    /// <summary>The clock.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>64 random bits; safe for use by several threads.</summary>
    public required Func<ulong> Random { get; init; }

    /// <summary>Reads and writes cookies that pin, or null when there is no key that all replicas share: then no pin is issued (decision 17).</summary>
    public RevisionCookie? Cookies { get; init; }

    /// <summary>Checks the tokens of peers that are not trusted and name a revision all the same, or null when there is no key for them.</summary>
    public RevisionHeaderToken? HeaderTokens { get; init; }

    /// <summary>The field whose value a caller is known by, or null.</summary>
    public string? CallerField { get; init; }

    /// <summary>Whether a caller that is not known gets a cookie with a random id, so that it is known from then on.</summary>
    public bool GivesCallerCookie { get; init; }

    /// <summary>Whether the backends say themselves who answers when they are asked to (<c>X-Show-Revision</c>), as workers do; else the router does.</summary>
    public bool BackendsShowRevision { get; init; }

    /// <summary>The peers whose forwarding fields and <c>X-Greentic-Revision</c> are believed (decision 18).</summary>
    public PeerRanges Trusted { get; init; } = PeerRanges.None;

    /// <summary>Told of an exception that handling a connection threw; a bug that somebody should hear of.</summary>
    public Action<Exception>? Faulted { get; init; }

    /// <summary>Answers what is asked of the router itself, e.g. probes; null when it has nothing of its own.</summary>
    public OwnAnswer? Own { get; init; }
}

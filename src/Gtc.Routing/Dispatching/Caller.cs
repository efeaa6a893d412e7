using Gtc.Model;

namespace Gtc.Routing;

/// <summary>What a request says about who sent it, for one deployment.</summary>
public readonly ref struct Caller
{
    /// <summary>The revision that a trusted peer asks for (<c>X-Greentic-Revision</c>), or nothing. What an untrusted peer sends must not come here.</summary>
    public ReadOnlySpan<byte> TrustedRevision { get; init; }

    /// <summary>The value of the deployment's cookie, or nothing.</summary>
    public ReadOnlySpan<byte> Cookie { get; init; }

    /// <summary>The revision that the caller's session is pinned to, or null.</summary>
    public RevisionId? Pin { get; init; }

    /// <summary>What the caller is known by; nothing when it is not known, and then it is given a slot by chance.</summary>
    public ReadOnlySpan<byte> Key { get; init; }
}

/// <summary>What decided (dispatcher.md §1).</summary>
public enum DispatchSource
{
    /// <summary>A trusted peer named the revision.</summary>
    Header,

    /// <summary>A signed cookie did.</summary>
    Cookie,

    /// <summary>The caller's session is pinned to it.</summary>
    Pin,

    /// <summary>The shares did.</summary>
    Weighted,

    /// <summary>It came in by a preview, beside the dial. What happens then says nothing about how the revision does with callers.</summary>
    Preview,
}

/// <summary>A decision.</summary>
/// <param name="Revision">The revision.</param>
/// <param name="Source">What decided.</param>
public readonly record struct Dispatch(RoutedRevision Revision, DispatchSource Source)
{
    /// <summary>Whether the answer should carry a cookie that keeps the caller here.</summary>
    public bool SetsCookie => Source is DispatchSource.Pin or DispatchSource.Weighted && !Revision.State.IsDraining;
}

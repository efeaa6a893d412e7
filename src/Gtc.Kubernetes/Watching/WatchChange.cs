using System.Text.Json;

namespace Gtc.Kubernetes;

/// <summary>One thing that a <see cref="ResumingWatch"/> tells.</summary>
public abstract record WatchChange
{
    private WatchChange()
    {
    }

    /// <summary>
    /// A list begins: the first one, or one after the server forgot the version that the watch was at. Every object that is there follows as
    /// <see cref="Present"/>, some of them twice when the list itself has to be begun again.
    /// </summary>
    public sealed record Listing : WatchChange;

    /// <summary>An object is there like this: it was listed, came, or changed. It may be one that was told before, unchanged.</summary>
    /// <param name="Key">Which one.</param>
    /// <param name="Item">The object.</param>
    /// <param name="Version">The version to resume from once this is dealt with; null during a list, which cannot be resumed.</param>
    public sealed record Present(KubeKey Key, JsonElement Item, string? Version) : WatchChange;

    /// <summary>An object is not there any more.</summary>
    /// <param name="Key">Which one.</param>
    /// <param name="Item">Its last state; undefined when it went unseen, between two lists.</param>
    /// <param name="Version">The version to resume from once this is dealt with; null at the end of a list.</param>
    public sealed record Absent(KubeKey Key, JsonElement Item, string? Version) : WatchChange;

    /// <summary>The list is complete: what was not told as <see cref="Present"/> since <see cref="Listing"/> is not there.</summary>
    /// <param name="Version">The version to resume from.</param>
    public sealed record Synced(string Version) : WatchChange;

    /// <summary>Nothing happened, but the version to resume from is a newer one (a bookmark).</summary>
    /// <param name="Version">The version to resume from.</param>
    public sealed record Moved(string Version) : WatchChange;

    /// <summary>The connection was lost, or the server refused; it is tried again after a pause, for ever. Who does not want that stops here.</summary>
    /// <param name="Error">Why.</param>
    /// <param name="Pause">How long it is waited.</param>
    public sealed record Interrupted(KubeError Error, TimeSpan Pause) : WatchChange;
}

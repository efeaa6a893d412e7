namespace Gtc.Runtime;

/// <summary>Marks connections of the second listener, which a worker has while a tunnel is open: nobody from outside reaches it, so loopback peers are believed there (worker-runtime.md §4).</summary>
internal sealed class AdminListener
{
    /// <summary>The mark.</summary>
    public static AdminListener Mark { get; } = new();
}

namespace Gtc.Fleet.Agent.Reconciling;

/// <summary>Tells a container that ends again and again: three ends within a minute (fleet.md §8.3). Not safe for several threads.</summary>
internal sealed class CrashLoop
{
    public const int Ends = 3;
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(60);

    private readonly Dictionary<string, List<long>> _ends = new(StringComparer.Ordinal);

    /// <summary>A container ended.</summary>
    /// <param name="container">Its name.</param>
    /// <param name="nanos">When, in nanoseconds since 1970.</param>
    /// <returns>True when that makes it a loop.</returns>
    public bool Ended(string container, long nanos)
    {
        if (!_ends.TryGetValue(container, out var ends))
        {
            _ends[container] = ends = [];
        }

        ends.Add(nanos);
        ends.RemoveAll(end => end < nanos - (Window.Ticks * 100));
        return ends.Count >= Ends;
    }

    /// <summary>Forgets what a container did, since it is another one now or is given another chance.</summary>
    public void Forget(string container) => _ends.Remove(container);
}

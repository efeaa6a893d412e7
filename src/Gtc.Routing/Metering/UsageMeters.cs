using System.Collections.Concurrent;
using Gtc.Model;

namespace Gtc.Routing;

/// <summary>The usage meters of a process, one per source; they live as long as the process does.</summary>
/// <param name="time">Says which hour it is.</param>
public sealed class UsageMeters(TimeProvider time)
{
    private readonly ConcurrentDictionary<UsageSource, UsageMeter> _meters = new();

    /// <summary>The meter of a source, to be kept by whoever counts.</summary>
    public UsageMeter Of(UsageSource source) => _meters.GetOrAdd(source, static (source, time) => new UsageMeter(source, time), time);

    /// <summary>Tells what has grown since this was last asked, see <see cref="UsageMeter.Take"/>.</summary>
    public void Take(Action<UsageHour> take)
    {
        foreach (var meter in _meters.Values)
        {
            meter.Take(take);
        }
    }
}

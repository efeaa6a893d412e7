using System.Collections.Concurrent;

namespace Gtc.Store.Server;

/// <summary>How many requests a caller may make: a burst, and then so many a second.</summary>
/// <param name="Burst">At once.</param>
/// <param name="PerSecond">After that.</param>
public sealed record RateLimit(int Burst, double PerSecond);

/// <summary>Counts requests per caller.</summary>
/// <param name="limit">What each may.</param>
/// <param name="time">Measures.</param>
internal sealed class RateLimits(RateLimit limit, TimeProvider time)
{
    /// <summary>More callers than this are not remembered: those that are rested go.</summary>
    private const int MaxCallers = 10_000;

    private readonly ConcurrentDictionary<string, Bucket> _buckets = new(StringComparer.Ordinal);

    /// <summary>Takes a request.</summary>
    /// <param name="caller">Who asks.</param>
    /// <returns>Null when it may go on, else how long to wait.</returns>
    public TimeSpan? Take(string caller)
    {
        if (_buckets.Count >= MaxCallers)
        {
            foreach (var (name, rested) in _buckets)
            {
                if (rested.IsFull(limit, time))
                {
                    _buckets.TryRemove(name, out _);
                }
            }
        }

        return _buckets.GetOrAdd(caller, _ => new Bucket(limit.Burst, time.GetTimestamp())).Take(limit, time);
    }

    private sealed class Bucket(double tokens, long at)
    {
        private readonly Lock _gate = new();
        private double _tokens = tokens;
        private long _at = at;

        public TimeSpan? Take(RateLimit limit, TimeProvider time)
        {
            lock (_gate)
            {
                Fill(limit, time);
                if (_tokens >= 1)
                {
                    _tokens--;
                    return null;
                }

                return TimeSpan.FromSeconds((1 - _tokens) / limit.PerSecond);
            }
        }

        public bool IsFull(RateLimit limit, TimeProvider time)
        {
            lock (_gate)
            {
                Fill(limit, time);
                return _tokens >= limit.Burst;
            }
        }

        private void Fill(RateLimit limit, TimeProvider time)
        {
            _tokens = Math.Min(limit.Burst, _tokens + (time.GetElapsedTime(_at).TotalSeconds * limit.PerSecond));
            _at = time.GetTimestamp();
        }
    }
}

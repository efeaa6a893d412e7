namespace Gtc.Fleet.Operator;

/// <summary>How long something took, in buckets that double from 1 ms.</summary>
internal sealed class LatencyHistogram
{
    private readonly long[] _buckets = new long[20];
    private long _count;
    private long _sumMicroseconds;

    public long Count => Interlocked.Read(ref _count);

    public double SumSeconds => Interlocked.Read(ref _sumMicroseconds) / 1e6;

    public void Add(TimeSpan took)
    {
        var bucket = 0;
        for (var limit = 1.0; bucket < _buckets.Length - 1 && took.TotalMilliseconds > limit; limit *= 2)
        {
            bucket++;
        }

        Interlocked.Increment(ref _buckets[bucket]);
        Interlocked.Increment(ref _count);
        Interlocked.Add(ref _sumMicroseconds, (long)took.TotalMicroseconds);
    }

    /// <summary>The upper limit of each bucket in seconds, and how many took no longer.</summary>
    public IEnumerable<(double Limit, long Count)> Cumulative()
    {
        var total = 0L;
        for (var bucket = 0; bucket < _buckets.Length - 1; bucket++)
        {
            total += Interlocked.Read(ref _buckets[bucket]);
            yield return (Math.Pow(2, bucket) / 1000, total);
        }
    }
}

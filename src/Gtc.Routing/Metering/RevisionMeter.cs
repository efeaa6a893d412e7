using System.Diagnostics;
using System.Numerics;

namespace Gtc.Routing;

/// <summary>Counts what a revision does. Any thread may add; what is read is as of about now.</summary>
public sealed class RevisionMeter
{
    /// <summary>The upper bounds of the latency histogram's buckets in microseconds: powers of two from 64 to 33,554,432; one more has no bound.</summary>
    public const int Buckets = 21;

    private const int FirstExponent = 6;

    private readonly long[] _latencies = new long[Buckets];
    private readonly long[] _byClass = new long[6];
    private long _bytesIn;
    private long _bytesOut;
    private long _microseconds;
    private long _cut;

    /// <summary>Requests that were answered or cut.</summary>
    public long Requests => _byClass.Sum(static count => count);

    /// <summary>Requests that failed: answers of 500 and above, and those that were cut.</summary>
    public long Errors => Interlocked.Read(ref _byClass[5]) + Interlocked.Read(ref _cut);

    /// <summary>Answers that ended before they were whole.</summary>
    public long Cut => Interlocked.Read(ref _cut);

    /// <summary>Bytes of request bodies.</summary>
    public long BytesIn => Interlocked.Read(ref _bytesIn);

    /// <summary>Bytes of response bodies.</summary>
    public long BytesOut => Interlocked.Read(ref _bytesOut);

    /// <summary>The sum of all latencies in microseconds.</summary>
    public long TotalMicroseconds => Interlocked.Read(ref _microseconds);

    /// <summary>The upper bound of a bucket in microseconds, or null for the last one.</summary>
    public static long? BoundOf(int bucket) => bucket == Buckets - 1 ? null : 1L << (bucket + FirstExponent);

    /// <summary>How many answers of a class there were: 1 for interim ones, 2 for 200 to 299, and so on; 0 for none at all.</summary>
    public long OfClass(int statusClass) => Interlocked.Read(ref _byClass[statusClass]);

    /// <summary>How many requests fell into a bucket.</summary>
    public long InBucket(int bucket) => Interlocked.Read(ref _latencies[bucket]);

    /// <summary>Counts a request that is over.</summary>
    /// <param name="status">Its status; 0 when none was sent.</param>
    /// <param name="isComplete">Whether its answer was delivered whole.</param>
    /// <param name="elapsed">How long it took, in <see cref="Stopwatch"/> ticks.</param>
    /// <param name="bytesIn">Bytes of its body.</param>
    /// <param name="bytesOut">Bytes of its answer's body.</param>
    public void Add(int status, bool isComplete, long elapsed, long bytesIn, long bytesOut)
    {
        var microseconds = elapsed * 1_000_000 / Stopwatch.Frequency;
        Interlocked.Increment(ref _byClass[Math.Clamp(status / 100, 0, 5)]);
        Interlocked.Increment(ref _latencies[BucketOf(microseconds)]);
        Interlocked.Add(ref _microseconds, microseconds);
        Interlocked.Add(ref _bytesIn, bytesIn);
        Interlocked.Add(ref _bytesOut, bytesOut);
        if (!isComplete)
        {
            Interlocked.Increment(ref _cut);
        }
    }

    private static int BucketOf(long microseconds) =>
        Math.Clamp(64 - BitOperations.LeadingZeroCount((ulong)Math.Max(microseconds - 1, 0)) - FirstExponent, 0, Buckets - 1);
}

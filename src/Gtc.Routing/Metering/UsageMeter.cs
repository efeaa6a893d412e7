using Gtc.Model;

namespace Gtc.Routing;

/// <summary>
/// Counts what is done for one source, hour by hour (decision 20). Any thread may add at any time: it takes no lock, and makes nothing but one
/// object an hour.
/// </summary>
/// <param name="source">For whom and by what.</param>
/// <param name="time">Says which hour it is.</param>
public sealed class UsageMeter(UsageSource source, TimeProvider time)
{
    private const int HoursKept = 24;

    private readonly Lock _taking = new();
    private Cell _current = new(time.GetUtcNow().UtcTicks / TimeSpan.TicksPerHour, null);

    /// <summary>For whom and by what.</summary>
    public UsageSource Source { get; } = source;

    /// <summary>A request is over. It counts for the hour in which it ends.</summary>
    /// <param name="bytesIn">Bytes of its body.</param>
    /// <param name="bytesOut">Bytes of its answer's body.</param>
    public void AddRequest(long bytesIn, long bytesOut) => Now().AddRequest(bytesIn, bytesOut);

    /// <summary>A flow has run to an end.</summary>
    /// <param name="componentCalls">How many components it called.</param>
    public void AddFlowRun(long componentCalls) => Now().AddFlowRun(componentCalls);

    /// <summary>Tells the hours whose counts have grown since this was last asked, with all that they count. One asks at a time.</summary>
    /// <param name="take">Takes one.</param>
    public void Take(Action<UsageHour> take)
    {
        ArgumentNullException.ThrowIfNull(take);
        lock (_taking)
        {
            var newest = Volatile.Read(ref _current);
            for (var cell = newest; cell is not null; cell = cell.Before)
            {
                if (cell.Counts is var counts && counts != cell.Taken)
                {
                    cell.Taken = counts;
                    take(new UsageHour(Source, new DateTimeOffset(cell.Hour * TimeSpan.TicksPerHour, TimeSpan.Zero), counts));
                }
            }

            Trim(newest);
        }
    }

    /// <summary>
    /// A thread that read the clock just before an hour ended may add to that hour afterwards, however late it runs again; so hours stay for long
    /// after they are over.
    /// </summary>
    private static void Trim(Cell newest)
    {
        var oldest = newest;
        for (var kept = 1; kept < HoursKept && oldest.Before is { } before; kept++)
        {
            oldest = before;
        }

        oldest.Before = null;
    }

    private Cell Now()
    {
        var hour = time.GetUtcNow().UtcTicks / TimeSpan.TicksPerHour;
        while (true)
        {
            var current = Volatile.Read(ref _current);

            // A clock that is set back does not open an hour again.
            if (current.Hour >= hour)
            {
                return current;
            }

            Interlocked.CompareExchange(ref _current, new Cell(hour, current), current);
        }
    }

    /// <summary>One hour.</summary>
    private sealed class Cell(long hour, Cell? before)
    {
        private long _requests;
        private long _flowRuns;
        private long _componentCalls;
        private long _bytesIn;
        private long _bytesOut;

        /// <summary>In hours since the year 1.</summary>
        public long Hour { get; } = hour;

        /// <summary>The hour in which something was counted before.</summary>
        public Cell? Before { get; set; } = before;

        /// <summary>What was last told of it.</summary>
        public UsageCounts Taken { get; set; }

        public UsageCounts Counts => new(
            Interlocked.Read(ref _requests),
            Interlocked.Read(ref _flowRuns),
            Interlocked.Read(ref _componentCalls),
            Interlocked.Read(ref _bytesIn),
            Interlocked.Read(ref _bytesOut));

        public void AddRequest(long bytesIn, long bytesOut)
        {
            Interlocked.Increment(ref _requests);
            Interlocked.Add(ref _bytesIn, bytesIn);
            Interlocked.Add(ref _bytesOut, bytesOut);
        }

        public void AddFlowRun(long componentCalls)
        {
            Interlocked.Increment(ref _flowRuns);
            Interlocked.Add(ref _componentCalls, componentCalls);
        }
    }
}

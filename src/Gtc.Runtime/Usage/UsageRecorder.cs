using Gtc.Model;
using Gtc.Routing;
using Gtc.Store;
using Microsoft.Extensions.Logging;

namespace Gtc.Runtime;

/// <summary>
/// Writes what is metered to <c>usage/</c>: every few seconds, when an hour ends, and when the worker stops. A process that is killed loses what
/// it counted since it last wrote, at most one interval. Where nothing can be written the worker serves on.
/// </summary>
/// <param name="options">The clock and the environment.</param>
/// <param name="meters">What is metered.</param>
/// <param name="logger">Where it is told that nothing can be written.</param>
internal sealed partial class UsageRecorder(WorkerOptions options, UsageMeters meters, ILogger logger)
{
    // Meters may add to an hour for as long as requests of it end; after that it is known to be complete.
    private static readonly TimeSpan KeepFor = TimeSpan.FromHours(24);

    private readonly UsageFiles _files = new(options.Store.Files(options.Environment));
    private readonly Ulid _worker = NewId(options);
    private readonly SortedDictionary<DateTimeOffset, Hour> _hours = [];
    private long _failures;
    private bool _failing;

    /// <summary>How often it could not write.</summary>
    public long Failures => Interlocked.Read(ref _failures);

    /// <summary>Writes until it is told to stop; the last counts are written by <see cref="Flush"/> once no request runs.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            while (true)
            {
                var now = options.Time.GetUtcNow();
                var left = UsageRows.HourOf(now).AddHours(1) - now;
                await Task.Delay(left < options.UsageInterval ? left : options.UsageInterval, options.Time, stop);
                Flush();
            }
        }
        catch (OperationCanceledException)
        {
            // The worker stops.
        }
    }

    /// <summary>Writes what has changed since it was last written. Called by one at a time.</summary>
    public void Flush()
    {
        meters.Take(counted =>
        {
            if (!_hours.TryGetValue(counted.Hour, out var hour))
            {
                _hours.Add(counted.Hour, hour = new Hour());
            }

            hour.Sources[counted.Source] = counted;
            hour.IsWritten = false;
        });
        Refusal? problem = null;
        foreach (var (begin, hour) in _hours)
        {
            if (!hour.IsWritten)
            {
                var refusal = _files.Write(_worker, begin, hour.Sources.Values);
                hour.IsWritten = refusal is null;
                problem = refusal ?? problem;
            }
        }

        Tell(problem);
        Forget();
    }

    private void Tell(Refusal? problem)
    {
        if (problem is not null)
        {
            Interlocked.Increment(ref _failures);
            if (!_failing)
            {
                Log.NotWritten(logger, problem.Message);
            }
        }
        else if (_failing)
        {
            Log.WrittenAgain(logger);
        }

        _failing = problem is not null;
    }

    /// <summary>Forgets hours that are complete. What could not be written for a day is given up: where there is no room, memory must not fill as well.</summary>
    private void Forget()
    {
        var horizon = options.Time.GetUtcNow() - KeepFor;
        while (_hours.Count > 0 && _hours.First() is var oldest && oldest.Key < horizon)
        {
            _hours.Remove(oldest.Key);
        }
    }

    private static Ulid NewId(WorkerOptions options)
    {
        Span<byte> random = stackalloc byte[Ulid.RandomLength];
        options.Keys(random);
        return Ulid.From(options.Time.GetUtcNow(), random);
    }

    /// <summary>What was counted within one hour.</summary>
    private sealed class Hour
    {
        public Dictionary<UsageSource, UsageHour> Sources { get; } = [];

        public bool IsWritten { get; set; }
    }

    private static partial class Log
    {
        [LoggerMessage(4751, LogLevel.Warning, "Usage cannot be written and is kept in memory for a day; the worker serves on: {Reason}")]
        public static partial void NotWritten(ILogger logger, string reason);

        [LoggerMessage(4752, LogLevel.Information, "Usage is written again")]
        public static partial void WrittenAgain(ILogger logger);
    }
}

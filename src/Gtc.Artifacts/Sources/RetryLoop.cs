using System.Globalization;
using Gtc.Model;
using Microsoft.Extensions.Logging;

namespace Gtc.Artifacts.Sources;

/// <summary>
/// Repeats a step until it succeeds, fails for good, or brought nothing new too often. The waits double and are shortened at random by
/// up to half, so that many workers that lost one server do not return to it at once.
/// </summary>
internal sealed partial class RetryLoop(PullOptions options, TimeProvider time, Func<double> jitter, ILogger logger)
{
    /// <summary>Runs the step. It is given a guard that it must touch whenever bytes move.</summary>
    /// <param name="target">What the step is about.</param>
    /// <param name="moved">How many bytes have moved so far; more than ever before counts as progress.</param>
    /// <param name="step">One attempt.</param>
    /// <param name="cancellationToken">Ends the loop with an <see cref="OperationCanceledException"/>.</param>
    public async Task<Outcome<T>> RunAsync<T>(
        FetchTarget target, Func<long> moved, Func<StallGuard, Task<T>> step, CancellationToken cancellationToken)
    {
        var furthest = 0L;
        var fruitless = 0;
        var since = time.GetTimestamp();
        for (var attempt = 1; ; attempt++)
        {
            FetchException failure;
            using (var guard = new StallGuard(options, time, cancellationToken))
            {
                try
                {
                    return await step(guard);
                }
                catch (Exception exception) when (Failures.Of(exception, guard) is { } found)
                {
                    failure = found;
                }
            }

            var position = moved();
            if (position > furthest)
            {
                (furthest, fruitless, since) = (position, 0, time.GetTimestamp());
            }

            fruitless++;
            var delay = Delay(fruitless, failure);
            if (GiveUp(failure, attempt, fruitless, delay, time.GetElapsedTime(since)) is { } verdict)
            {
                return target.Refuse(verdict, position, attempt);
            }

            Log.Retrying(logger, target.Address, failure.Message, attempt, delay.TotalMilliseconds);
            await Task.Delay(delay, time, cancellationToken);
        }
    }

    private TimeSpan Delay(int fruitless, FetchException failure)
    {
        var doubled = options.FirstDelay * Math.Pow(2, Math.Min(fruitless - 1, 30));
        var backoff = (doubled < options.LongestDelay ? doubled : options.LongestDelay) * (1 - (jitter() / 2));
        return failure.RetryAfter is { } asked && asked > backoff ? asked : backoff;
    }

    private FetchException? GiveUp(FetchException failure, int attempt, int fruitless, TimeSpan delay, TimeSpan elapsed)
    {
        if (!failure.Transient || fruitless >= options.Attempts || attempt >= options.TotalAttempts)
        {
            return failure;
        }

        if (failure.RetryAfter is { } asked)
        {
            return asked <= options.LongestRetryAfter ? null : new FetchException(string.Create(CultureInfo.InvariantCulture,
                $"{failure.Message} and asks to wait {asked.TotalSeconds:0} s, longer than the {options.LongestRetryAfter.TotalSeconds:0} s that are waited for"))
            {
                Status = failure.Status,
                Next = failure.Next,
            };
        }

        return attempt >= 2 && elapsed + delay > options.RetryWindow ? failure : null;
    }

    private static partial class Log
    {
        [LoggerMessage(4101, LogLevel.Warning, "Attempt {Attempt} at {Address} failed: {Cause}; the next one begins in {DelayMs} ms")]
        public static partial void Retrying(ILogger logger, string address, string cause, int attempt, double delayMs);
    }
}

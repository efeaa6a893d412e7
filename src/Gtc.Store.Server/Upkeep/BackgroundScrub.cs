using Gtc.Model;
using Gtc.Signing;
using Microsoft.Extensions.Logging;

namespace Gtc.Store.Server;

/// <summary>Reads everything that is kept, again and again and slowly, so that damage at rest is found before somebody needs what is damaged. Of several servers one does it.</summary>
internal sealed partial class BackgroundScrub(StoreServerOptions options, ServerMeter meter, ILogger logger)
{
    /// <summary>How long a server does not know what another one found.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromMinutes(1);

    /// <summary>How long a server that starts has other things to do.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromMinutes(5);

    /// <summary>Goes on until it is stopped.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        if (options.ScrubEvery is not { } every)
        {
            return;
        }

        // What is known already is told at once.
        await DueAsync(every, stop);
        await Task.Delay(every < Quiet ? every : Quiet, options.Time, stop);
        while (true)
        {
            var wait = LookAgain;
            if ((await LookAsync(every, stop)).TryGet(out var due, out var refusal))
            {
                wait = due < LookAgain ? due : LookAgain;
            }
            else
            {
                Log.Failed(logger, refusal.Message);
            }

            await Task.Delay(wait, options.Time, stop);
        }
    }

    /// <summary>Makes a pass where one is due and nobody is at it.</summary>
    /// <returns>How long until the next one is due.</returns>
    private async Task<Outcome<TimeSpan>> LookAsync(TimeSpan every, CancellationToken stop)
    {
        if (!(await DueAsync(every, stop)).TryGet(out var due, out var refusal))
        {
            return refusal;
        }

        if (due > TimeSpan.Zero)
        {
            return due;
        }

        if (!(await ScrubRecord.TryTakeAsync(options.Storage.Upkeep, stop)).TryGet(out var taken, out refusal))
        {
            return refusal;
        }

        if (taken is null)
        {
            return LookAgain;
        }

        await using (taken)
        {
            // Another server may have ended its pass just before.
            if (!(await DueAsync(every, stop)).TryGet(out due, out refusal))
            {
                return refusal;
            }

            return due > TimeSpan.Zero ? due : await PassAsync(stop) is { } failed ? failed : every;
        }
    }

    private async Task<Outcome<TimeSpan>> DueAsync(TimeSpan every, CancellationToken stop) => (await ScrubRecord.ReadAsync(options.Storage.Upkeep, stop)).Then<TimeSpan>(last =>
    {
        if (last is null)
        {
            return TimeSpan.Zero;
        }

        meter.SetScrub(last);
        return last.EndedAt + every - options.Time.GetUtcNow();
    });

    private async Task<Refusal?> PassAsync(CancellationToken stop)
    {
        if (!options.OperatorKey.LoadIfPresent().TryGet(out var key, out var refusal))
        {
            return refusal;
        }

        using (key)
        {
            var began = options.Time.GetUtcNow();
            var pace = new Pace(options.ScrubShare, options.Time);
            var scrub = new StoreScrub(options.Storage, key is null ? null : TrustedKey.Of(key.Key.PublicKey)) { Rest = pace.RestAsync };
            if (!(await scrub.RunAsync(stop)).TryGet(out var report, out refusal))
            {
                return refusal;
            }

            foreach (var problem in report.Problems)
            {
                Log.Damaged(logger, problem.EnvironmentId ?? "none", problem.Row, problem.Why);
            }

            var record = ScrubRecord.Of(report, began, options.Time.GetUtcNow());
            meter.SetScrub(record);
            Log.Ended(logger, record.Checked, record.Damaged);
            return await record.WriteAsync(options.Storage.Upkeep, stop);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(5059, LogLevel.Error, "What is kept of environment {Environment} is not as it was written: {Row}: {Why}")]
        public static partial void Damaged(ILogger logger, string environment, string row, string why);

        [LoggerMessage(5060, LogLevel.Information, "Everything that is kept was read: {Checked} rows, {Damaged} of them damaged")]
        public static partial void Ended(ILogger logger, long @checked, int damaged);

        [LoggerMessage(5061, LogLevel.Error, "What is kept could not be read to its end, it is tried again: {Why}")]
        public static partial void Failed(ILogger logger, string why);
    }
}

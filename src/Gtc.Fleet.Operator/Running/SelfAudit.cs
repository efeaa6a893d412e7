using Microsoft.Extensions.Logging;

namespace Gtc.Fleet.Operator;

/// <summary>Counts one deployment after the other anew, slowly and for ever, and puts right what a bug or bad memory made of it (fleet.md §7.7).</summary>
internal sealed partial class SelfAudit(SharedTables tables, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>How many deployments differed.</summary>
    public long Drift { get; private set; }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Pause, time);
        var queue = new Queue<string>();
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            if (queue.Count == 0)
            {
                queue = new Queue<string>(tables.Ask(ask => ask.DeploymentNames.ToList()));
            }

            if (queue.TryDequeue(out var name) && tables.Ask(ask => ask.Audit(name)))
            {
                Drift++;
                Log.Drift(logger, name);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4975, LogLevel.Error, "The counters of deployment {Deployment} differed from their rows and were put right; please report this")]
        public static partial void Drift(ILogger logger, string deployment);
    }
}

using Gtc.Model;
using Microsoft.Extensions.Logging;

namespace Gtc.Store.Server;

/// <summary>Removes what no revision names when it was not touched for a time, where a server is told to.</summary>
internal sealed partial class ArtifactRetention(StoreServerOptions options, ILogger logger)
{
    private const string Work = "artifacts";

    private static readonly TimeSpan LookAgain = TimeSpan.FromHours(1);

    /// <summary>Goes on until it is stopped.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        if (options.ArtifactsKept is not { } kept)
        {
            return;
        }

        while (true)
        {
            if (!(await options.Storage.Upkeep.TryTakeAsync(Work, stop)).TryGet(out var taken, out var refusal))
            {
                Log.NotPruned(logger, refusal.Message);
            }
            else if (taken is not null)
            {
                await using (taken)
                {
                    await SweepAsync(options.Time.GetUtcNow() - kept, stop);
                }
            }

            await Task.Delay(LookAgain, options.Time, stop);
        }
    }

    private async Task SweepAsync(DateTimeOffset before, CancellationToken stop)
    {
        if (!(await UnusedArtifacts.FindAsync(options.Storage, before, stop)).TryGet(out var unused, out var refusal)
            || !(await UnusedArtifacts.RemoveAsync(options.Storage, unused, before, stop)).TryGet(out var removed, out refusal))
        {
            Log.NotPruned(logger, refusal.Message);
        }
        else if (removed.Length > 0)
        {
            Log.Pruned(logger, removed.Length, removed.Sum(artifact => artifact.SizeBytes));
        }
    }

    private static partial class Log
    {
        [LoggerMessage(5064, LogLevel.Information, "Removed {Count} artifacts of {Bytes} bytes that no revision names")]
        public static partial void Pruned(ILogger logger, int count, long bytes);

        [LoggerMessage(5065, LogLevel.Error, "Artifacts that no revision names could not be removed: {Why}")]
        public static partial void NotPruned(ILogger logger, string why);
    }
}

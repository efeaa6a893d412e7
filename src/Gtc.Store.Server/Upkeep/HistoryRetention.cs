using System.Collections.Concurrent;
using Gtc.Model;
using Microsoft.Extensions.Logging;

namespace Gtc.Store.Server;

/// <summary>Keeps histories within a bound, a little after the changes that grew them, so that no change waits for it. A history goes when it is an eighth over the bound; a bound below eight is exact.</summary>
internal sealed partial class HistoryRetention(StoreServerOptions options, ILogger logger)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<EnvId, ulong> _newest = new();
    private readonly Dictionary<EnvId, ulong> _bounded = [];

    /// <summary>A generation was made.</summary>
    public void Committed(EnvId environment, ulong generation)
    {
        if (options.HistoryMaxGenerations is not null)
        {
            _newest[environment] = generation;
        }
    }

    /// <summary>Goes on until it is stopped. It begins with every environment: the bound may have been another one.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        if (options.HistoryMaxGenerations is not { } keep)
        {
            return;
        }

        if ((await options.Storage.ListAsync(stop)).TryGet(out var environments, out _))
        {
            foreach (var environment in environments)
            {
                await BoundAsync(environment, keep, stop);
            }
        }

        while (true)
        {
            await Task.Delay(LookAgain, options.Time, stop);
            foreach (var (environment, newest) in _newest)
            {
                if ((!_bounded.TryGetValue(environment, out var before) || newest > before + (keep / 8)) && await BoundAsync(environment, keep, stop))
                {
                    _bounded[environment] = newest;
                }
            }
        }
    }

    /// <returns>Whether it is within the bound; where not, it is tried again.</returns>
    private async Task<bool> BoundAsync(EnvId environment, ulong keep, CancellationToken stop)
    {
        if ((await options.Storage.BoundHistoryAsync(environment, keep, stop)).Refusal is not { } refusal || refusal is Refusal.Missing)
        {
            return true;
        }

        Log.NotBounded(logger, environment.ToString(), refusal.Message);
        return false;
    }

    private static partial class Log
    {
        [LoggerMessage(5062, LogLevel.Error, "The history of environment {Environment} could not be bounded: {Why}")]
        public static partial void NotBounded(ILogger logger, string environment, string why);
    }
}

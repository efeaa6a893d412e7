using System.Collections.Concurrent;
using Gtc.Model;
using Microsoft.Extensions.Logging;

namespace Gtc.Store.Server;

/// <summary>
/// Keeps audit logs within a bound (store-server.md §7). A log is pruned when it is an eighth over the bound, so that the work is shared by many changes; a bound below
/// eight is exact. What is pruned is vouched for by a checkpoint that the server's key signs.
/// </summary>
internal sealed partial class AuditRetention(StoreServerOptions options, ILogger logger)
{
    private readonly ConcurrentDictionary<EnvId, int> _lines = new();

    /// <summary>Prunes what is over the bound since it was another one.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.AuditMaxRows is { } most && (await options.Storage.ListAsync(cancellationToken)).TryGet(out var environments, out _))
        {
            foreach (var environment in environments)
            {
                await PruneAsync(environment, most);
            }
        }
    }

    /// <summary>One line more was written.</summary>
    public async Task CommittedAsync(EnvId environment)
    {
        if (options.AuditMaxRows is { } most && (!_lines.TryGetValue(environment, out var lines) || _lines.AddOrUpdate(environment, 1, (_, count) => count + 1) > most + (most / 8)))
        {
            await PruneAsync(environment, most);
        }
    }

    /// <summary>The change stands whatever becomes of this; the next one tries again.</summary>
    private async Task PruneAsync(EnvId environment, int most)
    {
        if (!options.OperatorKey.LoadOrGenerate().TryGet(out var key, out var refusal))
        {
            Log.NotPruned(logger, environment.ToString(), refusal.Message);
            return;
        }

        using (key)
        {
            if ((await options.Storage.BoundAuditAsync(environment, most, key.Key, CancellationToken.None)).TryGet(out var left, out refusal))
            {
                _lines[environment] = left;
            }
            else
            {
                Log.NotPruned(logger, environment.ToString(), refusal.Message);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(5090, LogLevel.Error, "The audit log of environment {Environment} could not be pruned: {Why}")]
        public static partial void NotPruned(ILogger logger, string environment, string why);
    }
}

using System.Collections.Concurrent;
using System.Collections.Immutable;
using Gtc.Model;
using Gtc.Proxy;
using Microsoft.Extensions.Logging;

namespace Gtc.Runtime;

/// <summary>
/// Backends that nobody chooses any more (dispatcher.md §5): unused connections are closed at once, exchanges end as they would, tunnels get the
/// revision's drain time and then a close frame. Counted and shown until the last one has ended.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="logger">Where it is told.</param>
internal sealed partial class LeavingBackends(TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);

    private readonly ConcurrentDictionary<Backend, Revision> _leaving = new();

    /// <summary>Those that have requests or tunnels.</summary>
    public ImmutableArray<StatusDrain> Rows => [.. _leaving.Select(pair => new StatusDrain(pair.Value.DeploymentId, pair.Value.RevisionId, pair.Key.InFlight))];

    /// <summary>Lets a backend end what it has.</summary>
    /// <param name="backend">The backend.</param>
    /// <param name="revision">The revision that ran there.</param>
    /// <param name="server">Where its connections are.</param>
    /// <param name="stop">The process ends.</param>
    public async Task LeaveAsync(Backend backend, Revision revision, ProxyServer server, CancellationToken stop)
    {
        _leaving[backend] = revision;
        Log.Draining(logger, revision.RevisionId, backend.InFlight, revision.DrainSeconds);
        server.Forget(backend);
        using var timer = new PeriodicTimer(LookEvery, time);
        var over = time.GetUtcNow() + TimeSpan.FromSeconds(revision.DrainSeconds);
        var isCut = false;
        try
        {
            while (backend.InFlight > 0)
            {
                if (!isCut && time.GetUtcNow() >= over)
                {
                    isCut = true;
                    Log.Evicted(logger, revision.RevisionId, backend.InFlight);
                    server.CloseTunnels(backend);
                }

                await timer.WaitForNextTickAsync(stop);
            }

            if (!isCut)
            {
                Log.Evicted(logger, revision.RevisionId, 0);
            }
        }
        catch (OperationCanceledException)
        {
            // The router stops, and closes what is left itself.
        }
        finally
        {
            _leaving.TryRemove(backend, out _);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4722, LogLevel.Information, "RevisionDraining: {Revision} takes no more requests; {InFlight} in flight get {Seconds} s")]
        public static partial void Draining(ILogger logger, RevisionId revision, long inFlight, uint seconds);

        [LoggerMessage(4723, LogLevel.Information, "RevisionEvicted: {Revision}; {InFlight} in flight outstayed its drain time, tunnels are closed")]
        public static partial void Evicted(ILogger logger, RevisionId revision, long inFlight);
    }
}

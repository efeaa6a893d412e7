using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Gtc.Model;
using Gtc.Proxy;
using Gtc.Routing;
using Microsoft.Extensions.Logging;

namespace Gtc.Runtime;

/// <summary>Where the workers of revisions listen. Names are looked up again and again: what stands behind one may move.</summary>
/// <param name="nameOf">The name and port of a revision's worker.</param>
/// <param name="logger">Where it is told that a name leads nowhere.</param>
internal sealed partial class WorkerAddresses(Func<RevisionId, string> nameOf, ILogger logger)
{
    private readonly ConcurrentDictionary<RevisionId, RevisionState> _states = new();
    private ImmutableArray<RevisionId> _wanted = [];
    private volatile IReadOnlyDictionary<RevisionId, string> _problems = ImmutableDictionary<RevisionId, string>.Empty;

    /// <summary>Whether every revision has an address.</summary>
    public bool AreComplete => _problems.Count == 0;

    /// <summary>What leads nowhere.</summary>
    public ImmutableArray<string> Problems => [.. _problems.Values];

    /// <summary>What is known about a revision; the same object while the process lives.</summary>
    public RevisionState StateOf(RevisionId id) => _states.GetOrAdd(id, static id => new RevisionState(id));

    /// <summary>Looks up the workers of these revisions, and of no others from now on.</summary>
    /// <returns>Backends that are asked no more, because the worker has moved.</returns>
    public Task<IReadOnlyList<Backend>> WantAsync(IEnumerable<RevisionId> wanted, CancellationToken cancellationToken)
    {
        _wanted = [.. wanted];
        return RefreshAsync(cancellationToken);
    }

    /// <summary>Forgets the revisions that are not wanted; to be called once no table names them. A request that chose one a moment ago still finds its way.</summary>
    /// <returns>Their backends.</returns>
    public IReadOnlyList<Backend> Release()
    {
        var gone = new List<Backend>();
        foreach (var id in _states.Keys.Where(id => !_wanted.Contains(id)))
        {
            if (_states.TryRemove(id, out var state) && state.Backend is { } backend)
            {
                gone.Add(backend);
            }
        }

        return gone;
    }

    /// <summary>Looks them up again.</summary>
    /// <returns>Backends that are asked no more, because the worker has moved.</returns>
    public async Task<IReadOnlyList<Backend>> RefreshAsync(CancellationToken cancellationToken)
    {
        var problems = new Dictionary<RevisionId, string>();
        var gone = new List<Backend>();
        foreach (var id in _wanted)
        {
            var state = StateOf(id);
            var (address, problem) = await FindAsync(nameOf(id), cancellationToken);
            if (problem is not null)
            {
                problems.Add(id, $"the worker of revision {id} is not found: {problem}");
                if (!_problems.ContainsKey(id))
                {
                    Log.NotFound(logger, id, problem);
                }

                // An address that was good goes on: a name service that is away for a moment must not stop traffic.
                state.IsHealthy = state.Backend is not null && state.IsHealthy;
                continue;
            }

            if (!address!.Equals(state.Backend?.EndPoint))
            {
                if (state.Backend is { } old)
                {
                    gone.Add(old);
                }

                state.Backend = new Backend(id.ToString(), address);
                state.IsHealthy = true;
            }
        }

        _problems = problems;
        return gone;
    }

    private static async Task<(IPEndPoint? Address, string? Problem)> FindAsync(string name, CancellationToken cancellationToken)
    {
        if (IPEndPoint.TryParse(name, out var literal))
        {
            return (literal, null);
        }

        var colon = name.LastIndexOf(':');
        if (colon <= 0 || !ushort.TryParse(name.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
        {
            return (null, $"`{name}` is not host:port");
        }

        try
        {
            var addresses = await Dns.GetHostAddressesAsync(name[..colon], cancellationToken);

            // The lowest of several, so that an answer in another order changes nothing.
            return addresses.Order(Comparer<IPAddress>.Create(static (one, other) => one.GetAddressBytes().AsSpan().SequenceCompareTo(other.GetAddressBytes()))).FirstOrDefault() is { } first
                ? (new IPEndPoint(first, port), null)
                : (null, $"`{name}` has no address");
        }
        catch (SocketException error)
        {
            return (null, $"`{name}`: {error.Message}");
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4721, LogLevel.Error, "The worker of revision {Revision} is not found, its share goes to the others: {Reason}")]
        public static partial void NotFound(ILogger logger, RevisionId revision, string reason);
    }
}

using System.Collections.Immutable;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Gtc.Model;
using Gtc.Proxy;

namespace Gtc.Routing;

/// <summary>One server behind a dial of names.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="WeightBps">Its share in basis points.</param>
/// <param name="EndPoint">Where it listens.</param>
/// <param name="Protocol">What it is spoken to in.</param>
public sealed record NamedBackend(string Name, uint WeightBps, IPEndPoint EndPoint, BackendProtocol Protocol);

/// <summary>
/// A dial in front of servers that know nothing of environments. Names stand for revisions; which callers a name is given follows from names and
/// weights alone, so that several routers with the same list agree.
/// </summary>
public sealed class NamedDial
{
    private static readonly DeploymentId Deployment = new(IdOf("dial"));

    private readonly Dictionary<NamedBackend, RevisionState> _states = [];

    /// <summary>A table of backends. Those that were in the table before under the same name, address and protocol keep what is known about them.</summary>
    /// <param name="backends">The backends; their weights sum to 10,000, their names differ.</param>
    /// <param name="gone">Those that are in it no more.</param>
    public RoutingTable Turn(ImmutableArray<NamedBackend> backends, out ImmutableArray<Backend> gone)
    {
        var kept = backends.ToDictionary(backend => RevisionOf(backend.Name), StateOf);
        gone = [.. _states.Values.Except(kept.Values).Select(state => state.Backend!)];
        foreach (var (key, _) in _states.Where(pair => !kept.ContainsValue(pair.Value)).ToList())
        {
            _states.Remove(key);
        }

        var shares = backends.Select(backend => new TrafficShare { RevisionId = RevisionOf(backend.Name), WeightBps = backend.WeightBps });
        var anywhere = new RouteBinding { TenantSelector = TenantSelector.Default };
        return new RoutingTable([new DeploymentRoute(Deployment, "dial", anywhere, [.. shares], id => kept[id])]);
    }

    private static Ulid IdOf(string name)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(name));
        return Ulid.From(DateTimeOffset.UnixEpoch, hash.AsSpan(0, Ulid.RandomLength));
    }

    private static RevisionId RevisionOf(string name) => new(IdOf(name));

    private RevisionState StateOf(NamedBackend backend)
    {
        // A new weight is no new server.
        var key = backend with { WeightBps = 0 };
        if (!_states.TryGetValue(key, out var state))
        {
            state = new RevisionState(RevisionOf(backend.Name)) { Name = backend.Name, Backend = new Backend(backend.Name, backend.EndPoint) { Protocol = backend.Protocol } };
            _states.Add(key, state);
        }

        return state;
    }
}

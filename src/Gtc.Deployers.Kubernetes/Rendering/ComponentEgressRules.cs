using System.Collections.Immutable;
using System.Net;
using Gtc.Kubernetes;
using Gtc.Model;

namespace Gtc.Deployers.Kubernetes;

/// <summary>
/// The narrowest rules that let through what workers let their components do. Policies know no names: a host becomes the public addresses at its port, and
/// the worker, which knows the name, checks the rest.
/// </summary>
internal static class ComponentEgressRules
{
    private const int Http = 80;
    private const int Https = 443;

    public static IEnumerable<NetworkRule> Of(string? egress)
    {
        if (egress is null || EgressList.Parse(egress) is not { } list)
        {
            return [];
        }

        ImmutableSortedSet<int> ports =
        [
            .. list.IsPublic ? [Https] : Array.Empty<int>(),
            .. list.Hosts.SelectMany(host => host.Port is { } port ? [port] : (int[])[Http, Https]),
        ];
        return
        [
            .. ports.IsEmpty ? Array.Empty<NetworkRule>() : [new() { Ports = [.. ports.Select(port => Tcp(port))], To = [Public(PublicNetworks.All4, PublicNetworks.Special4), Public(PublicNetworks.Global6, PublicNetworks.Special6)] }],
            .. list.Networks.Select(entry => new NetworkRule { Ports = [Tcp(entry.Port)], To = [new() { IpBlock = new() { Cidr = entry.Network.ToString() } }] }),
        ];
    }

    private static NetworkPort Tcp(int? port) => new() { Protocol = "TCP", Port = port };

    private static NetworkPeer Public(IPNetwork all, ImmutableArray<IPNetwork> special) =>
        new() { IpBlock = new() { Cidr = all.ToString(), Except = [.. special.Select(network => network.ToString())] } };
}

using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace Gtc.Model;

/// <summary>Tells addresses of the public internet from those of a machine and the networks around it (the registries of special addresses, RFC 6890).</summary>
public static class PublicNetworks
{
    /// <summary>All addresses of the older kind.</summary>
    public static IPNetwork All4 { get; } = IPNetwork.Parse("0.0.0.0/0");

    /// <summary>Those of them that are not public.</summary>
    public static ImmutableArray<IPNetwork> Special4 { get; } =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24",
            "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        }.Select(IPNetwork.Parse),
    ];

    /// <summary>The addresses of the newer kind that may be public.</summary>
    public static IPNetwork Global6 { get; } = IPNetwork.Parse("2000::/3");

    /// <summary>Those of them that are not; what carries an address of the older kind is not public, for what it leads to is decided elsewhere.</summary>
    public static ImmutableArray<IPNetwork> Special6 { get; } = [.. new[] { "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20" }.Select(IPNetwork.Parse)];

    /// <summary>Whether an address is of the public internet.</summary>
    public static bool Contains(IPAddress address)
    {
        var plain = Plain(address);
        return plain.AddressFamily == AddressFamily.InterNetwork
            ? !Special4.Any(network => network.Contains(plain))
            : Global6.Contains(plain) && !Special6.Any(network => network.Contains(plain));
    }

    /// <summary>An address of the older kind that is written as one of the newer becomes itself again.</summary>
    public static IPAddress Plain(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
    }
}

using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using Gtc.Fleet.Agent.Reconciling;

namespace Gtc.Fleet.Agent.Device;

/// <summary>Who listens on this host, from /proc/net: a container is not made for a port that somebody else has.</summary>
internal static class ListeningPorts
{
    private const string TcpListening = "0A";
    private const string UdpUnconnected = "07";

    /// <summary>All ports that are listened on.</summary>
    public static ImmutableArray<PortClaim> Read() =>
    [
        .. Read("/proc/net/tcp", "tcp", TcpListening), .. Read("/proc/net/tcp6", "tcp", TcpListening),
        .. Read("/proc/net/udp", "udp", UdpUnconnected), .. Read("/proc/net/udp6", "udp", UdpUnconnected),
    ];

    /// <summary>The ports of one table of the kernel.</summary>
    internal static IEnumerable<PortClaim> Parse(IEnumerable<string> lines, string protocol, string state)
    {
        foreach (var line in lines.Skip(1))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length > 3 && words[3] == state && words[1].Split(':') is [var address, var port]
                && int.TryParse(port, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number) && Address(address) is { } bound)
            {
                yield return new PortClaim(bound.Equals(IPAddress.Any) || bound.Equals(IPAddress.IPv6Any) ? null : bound.ToString(), number, protocol);
            }
        }
    }

    private static IEnumerable<PortClaim> Read(string path, string protocol, string state) => File.Exists(path) ? Parse(File.ReadLines(path), protocol, state) : [];

    /// <summary>The kernel writes addresses as words in its own byte order.</summary>
    private static IPAddress? Address(string hex)
    {
        if (hex.Length is not (8 or 32))
        {
            return null;
        }

        var bytes = Convert.FromHexString(hex);
        for (var word = 0; word < bytes.Length; word += 4)
        {
            bytes.AsSpan(word, 4).Reverse();
        }

        var address = new IPAddress(bytes);
        return address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
    }
}

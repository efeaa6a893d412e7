using System.Globalization;
using System.Net;

namespace Gtc.Fleet.Contracts;

/// <summary>A published port.</summary>
/// <param name="HostIp">The device's address that it is published on; null for all of them.</param>
/// <param name="HostPort">The device's port.</param>
/// <param name="ContainerPort">The container's port.</param>
/// <param name="Protocol"><c>tcp</c> or <c>udp</c>.</param>
public sealed record PortMapping(string? HostIp, int HostPort, int ContainerPort, string Protocol)
{
    /// <summary>What is expected, for refusals.</summary>
    public const string Grammar = "[hostIp:]hostPort:containerPort[/tcp|udp], e.g. 8080:80 or 127.0.0.1:8080:80/tcp";

    /// <summary>Reads <c>[hostIp:]hostPort:containerPort[/tcp|udp]</c>. An IPv6 address stands in brackets.</summary>
    /// <returns>Null when it is not of that form.</returns>
    public static PortMapping? Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var slash = text.LastIndexOf('/');
        var protocol = slash < 0 ? "tcp" : text[(slash + 1)..];
        var rest = slash < 0 ? text : text[..slash];
        var last = rest.LastIndexOf(':');
        if (protocol is not ("tcp" or "udp") || last <= 0 || !TryPort(rest[(last + 1)..], out var container))
        {
            return null;
        }

        rest = rest[..last];
        last = rest.LastIndexOf(':');
        if (!TryPort(rest[(last + 1)..], out var host))
        {
            return null;
        }

        return last < 0 ? new PortMapping(null, host, container, protocol)
            : Address(rest[..last]) is { } address ? new PortMapping(address, host, container, protocol)
            : null;
    }

    private static bool TryPort(string text, out int port) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is > 0 and <= 65535 && text[0] != '0';

    private static string? Address(string text)
    {
        var isBracketed = text.Length > 2 && text[0] == '[' && text[^1] == ']';
        var bare = isBracketed ? text[1..^1] : text;
        return IPAddress.TryParse(bare, out var address) && bare.Contains(isBracketed ? ':' : '.', StringComparison.Ordinal) ? address.ToString() : null;
    }
}

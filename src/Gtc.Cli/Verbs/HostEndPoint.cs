using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Gtc.Model;

namespace Gtc.Cli.Verbs;

/// <summary>Reads an <c>ip:port</c> that a person gives.</summary>
internal static class HostEndPoint
{
    /// <summary>The end point; host names and bare addresses are refused.</summary>
    /// <param name="member">The payload's member, for the refusal.</param>
    /// <param name="text">The text.</param>
    public static Outcome<IPEndPoint> Parse(string member, string text)
    {
        // IPEndPoint.TryParse takes an address without a port, and an IPv6 address has colons of its own.
        var colon = text.LastIndexOf(':');
        return colon > 0
            && ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out _)
            && IPEndPoint.TryParse(text, out var parsed)
            && (parsed.AddressFamily == AddressFamily.InterNetwork || text.StartsWith('['))
            ? parsed
            : new Refusal.InvalidArgument($"{member} `{text}` must be ip:port, e.g. {HostConfig.DefaultListenAddr} or [::1]:8080");
    }
}

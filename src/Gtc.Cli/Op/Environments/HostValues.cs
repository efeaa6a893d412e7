using System.Globalization;
using System.Net;
using Gtc.Model;

namespace Gtc.Cli.Op.Environments;

/// <summary>Checks the host values that a person gives, before they reach a document.</summary>
internal static class HostValues
{
    /// <summary>An <c>ip:port</c>, or null when none was given.</summary>
    public static Outcome<string?> ListenAddr(string? given)
    {
        if (given is null)
        {
            return (string?)null;
        }

        // IPEndPoint.TryParse takes an address without a port, and `[::1]` has colons of its own.
        var colon = given.LastIndexOf(':');
        return colon > 0
            && ushort.TryParse(given.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out _)
            && IPEndPoint.TryParse(given, out var parsed)
            && (parsed.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork || given.StartsWith('['))
            ? parsed.ToString()
            : new Refusal.InvalidArgument($"listen_addr `{given}` must be ip:port, e.g. {HostConfig.DefaultListenAddr} or [::1]:8080");
    }

    /// <summary>A public origin, or null when none was given.</summary>
    public static Outcome<string?> PublicUrl(string? given) => given is null
        ? (string?)null
        : PublicBaseUrl.Parse(given).Match(
            url => (Outcome<string?>)url,
            refusal => new Refusal.InvalidArgument(refusal.Message) { Next = "gtc op env create --public-url https://chat.example.com" });
}

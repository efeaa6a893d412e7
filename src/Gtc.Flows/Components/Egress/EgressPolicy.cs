using System.Net;
using Gtc.Model;

namespace Gtc.Flows;

/// <summary>
/// Where components of an environment may send HTTP requests to (<see cref="EgressList"/>). A private or link-local address is reached by an entry with an
/// address alone: whoever holds a name decides what it resolves to.
/// </summary>
public sealed class EgressPolicy
{
    private readonly EgressList _list;

    private EgressPolicy(string text, EgressList list) => (Text, _list) = (text, list);

    /// <summary>Any public address over https.</summary>
    public static EgressPolicy Public { get; } = new("public", new(true, [], []));

    /// <summary>Nowhere.</summary>
    public static EgressPolicy None { get; } = new("none", new(false, [], []));

    /// <summary>What <see cref="TryParse"/> expects, for messages.</summary>
    public static string Expectation => EgressList.Expectation;

    /// <summary>The policy as it was written.</summary>
    public string Text { get; }

    /// <summary>Reads a policy.</summary>
    public static bool TryParse(string text, out EgressPolicy policy)
    {
        policy = EgressList.Parse(text) is { } list ? new(text, list) : None;
        return !ReferenceEquals(policy, None);
    }

    /// <summary>Whether a host may be reachable at all; which of its addresses is, <see cref="Allows"/> decides.</summary>
    public bool MayReach(Uri url)
    {
        ArgumentNullException.ThrowIfNull(url);
        return IsNamed(url) || IPAddress.TryParse(HostOf(url), out var address) switch
        {
            true => Allows(url, address!),
            false => _list.Networks.Any(entry => IsPort(entry.Port, url)),
        };
    }

    /// <summary>Whether a request to a URL may go to this address.</summary>
    public bool Allows(Uri url, IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(url);
        ArgumentNullException.ThrowIfNull(address);
        return (IsNamed(url) && PublicNetworks.Contains(address)) || _list.Networks.Any(entry => IsPort(entry.Port, url) && entry.Network.Contains(PublicNetworks.Plain(address)));
    }

    /// <summary>Whether a host has the name that an entry of a list gives.</summary>
    internal static bool IsHost(string pattern, string host) => pattern.StartsWith("*.", StringComparison.Ordinal)
        ? host.Length > pattern.Length - 1 && host.EndsWith(pattern[1..], StringComparison.OrdinalIgnoreCase)
        : string.Equals(pattern, host, StringComparison.OrdinalIgnoreCase);

    /// <summary>The host of a URL; an address is without brackets.</summary>
    internal static string HostOf(Uri url) => url.IdnHost.Trim('[', ']').TrimEnd('.');

    private bool IsNamed(Uri url) => (_list.IsPublic && url.Scheme == Uri.UriSchemeHttps) || _list.Hosts.Any(entry => IsPort(entry.Port, url) && IsHost(entry.Pattern, HostOf(url)));

    private static bool IsPort(int? port, Uri url) => port is null || port == url.Port;
}

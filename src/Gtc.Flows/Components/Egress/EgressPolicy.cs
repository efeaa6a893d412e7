using System.Collections.Immutable;
using System.Globalization;
using System.Net;

namespace Gtc.Flows;

/// <summary>
/// Where components of an environment may send HTTP requests to. It is a list of <c>public</c> (any public address, over https), <c>host[:port]</c> or
/// <c>*.host[:port]</c> (public addresses under that name, also over http) and <c>address[/prefix][:port]</c> (addresses of any kind). A private or
/// link-local address is reached by an entry with an address alone: whoever holds a name decides what it resolves to.
/// </summary>
public sealed class EgressPolicy
{
    private const string PublicWord = "public";
    private const string NoneWord = "none";

    private readonly bool _isPublic;
    private readonly ImmutableArray<HostEntry> _hosts;
    private readonly ImmutableArray<AddressEntry> _addresses;

    private EgressPolicy(string text, bool isPublic, ImmutableArray<HostEntry> hosts, ImmutableArray<AddressEntry> addresses) =>
        (Text, _isPublic, _hosts, _addresses) = (text, isPublic, hosts, addresses);

    /// <summary>Any public address over https.</summary>
    public static EgressPolicy Public { get; } = new(PublicWord, true, [], []);

    /// <summary>Nowhere.</summary>
    public static EgressPolicy None { get; } = new(NoneWord, false, [], []);

    /// <summary>What <see cref="TryParse"/> expects, for messages.</summary>
    public static string Expectation => "a list of `public`, host[:port], *.host[:port] and address[/prefix][:port], separated by commas, or `none`";

    /// <summary>The policy as it was written.</summary>
    public string Text { get; }

    /// <summary>Reads a policy.</summary>
    public static bool TryParse(string text, out EgressPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(text);
        policy = None;
        if (text.Trim() == NoneWord)
        {
            return true;
        }

        var isPublic = false;
        var hosts = ImmutableArray.CreateBuilder<HostEntry>();
        var addresses = ImmutableArray.CreateBuilder<AddressEntry>();
        foreach (var entry in text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (entry == PublicWord)
            {
                isPublic = true;
            }
            else if (AddressEntry.Parse(entry) is { } address)
            {
                addresses.Add(address);
            }
            else if (HostEntry.Parse(entry) is { } host)
            {
                hosts.Add(host);
            }
            else
            {
                return false;
            }
        }

        policy = new(text, isPublic, hosts.ToImmutable(), addresses.ToImmutable());
        return true;
    }

    /// <summary>Whether a host may be reachable at all; which of its addresses is, <see cref="Allows"/> decides.</summary>
    public bool MayReach(Uri url)
    {
        ArgumentNullException.ThrowIfNull(url);
        return IsNamed(url) || IPAddress.TryParse(HostOf(url), out var address) switch
        {
            true => Allows(url, address!),
            false => _addresses.Any(entry => entry.Allows(url.Port)),
        };
    }

    /// <summary>Whether a request to a URL may go to this address.</summary>
    public bool Allows(Uri url, IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(url);
        ArgumentNullException.ThrowIfNull(address);
        return (IsNamed(url) && PublicAddresses.Contains(address)) || _addresses.Any(entry => entry.Allows(url.Port) && entry.Network.Contains(PublicAddresses.Plain(address)));
    }

    /// <summary>Whether a host has the name that an entry of a list gives.</summary>
    internal static bool IsHost(string pattern, string host) => pattern.StartsWith("*.", StringComparison.Ordinal)
        ? host.Length > pattern.Length - 1 && host.EndsWith(pattern[1..], StringComparison.OrdinalIgnoreCase)
        : string.Equals(pattern, host, StringComparison.OrdinalIgnoreCase);

    /// <summary>The host of a URL; an address is without brackets.</summary>
    internal static string HostOf(Uri url) => url.IdnHost.Trim('[', ']').TrimEnd('.');

    private bool IsNamed(Uri url) => (_isPublic && url.Scheme == Uri.UriSchemeHttps) || _hosts.Any(entry => entry.Allows(HostOf(url), url.Port));

    private static (string Name, int? Port)? SplitPort(string entry)
    {
        var colon = entry.LastIndexOf(':');
        if (colon < 0 || entry.EndsWith(']'))
        {
            return (entry, null);
        }

        return int.TryParse(entry.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and < 65_536
            ? (entry[..colon], port)
            : null;
    }

    private sealed record HostEntry(string Pattern, int? Port)
    {
        public static HostEntry? Parse(string entry)
        {
            if (SplitPort(entry) is not var (name, port))
            {
                return null;
            }

            var plain = name.StartsWith("*.", StringComparison.Ordinal) ? name[2..] : name;
            return plain != NoneWord && Uri.CheckHostName(plain) == UriHostNameType.Dns && plain.All(char.IsAscii) ? new(name, port) : null;
        }

        public bool Allows(string host, int port) => (Port is null || Port == port) && IsHost(Pattern, host);
    }

    private sealed record AddressEntry(IPNetwork Network, int? Port)
    {
        public static AddressEntry? Parse(string entry)
        {
            // More than one colon and no brackets: an address of the newer kind that names no port.
            var isBare6 = entry.Count(':'.Equals) > 1 && !entry.StartsWith('[');
            if ((isBare6 ? (entry, null) : SplitPort(entry)) is not var (text, port))
            {
                return null;
            }

            text = text.Replace("[", string.Empty, StringComparison.Ordinal).Replace("]", string.Empty, StringComparison.Ordinal);
            return IPNetwork.TryParse(text, out var network) ? new(network, port)
                : IPAddress.TryParse(text, out var address) && (address.ToString() == text || text.Contains(':')) ? new(new IPNetwork(address, address.GetAddressBytes().Length * 8), port)
                : null;
        }

        public bool Allows(int port) => Port is null || Port == port;
    }
}

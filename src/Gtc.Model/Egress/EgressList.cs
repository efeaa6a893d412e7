using System.Collections.Immutable;
using System.Globalization;
using System.Net;

namespace Gtc.Model;

/// <summary>
/// Where components of an environment may send HTTP requests to, as it is written: a list of <c>public</c> (any public address, over https),
/// <c>host[:port]</c> or <c>*.host[:port]</c> (public addresses under that name, also over http) and <c>address[/prefix][:port]</c> (addresses of any kind).
/// </summary>
/// <param name="IsPublic">Whether any public address is meant.</param>
/// <param name="Hosts">Names.</param>
/// <param name="Networks">Addresses.</param>
public sealed record EgressList(bool IsPublic, ImmutableArray<EgressHost> Hosts, ImmutableArray<EgressNetwork> Networks)
{
    /// <summary>The variable that tells a worker.</summary>
    public const string Variable = "GREENTIC_EGRESS";

    private const string PublicWord = "public";
    private const string NoneWord = "none";

    /// <summary>What <see cref="Parse"/> expects, for messages.</summary>
    public static string Expectation => "a list of `public`, host[:port], *.host[:port] and address[/prefix][:port], separated by commas, or `none`";

    /// <summary>Reads a list; null when it is none.</summary>
    public static EgressList? Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Trim() == NoneWord)
        {
            return new(false, [], []);
        }

        var isPublic = false;
        var hosts = ImmutableArray.CreateBuilder<EgressHost>();
        var networks = ImmutableArray.CreateBuilder<EgressNetwork>();
        foreach (var entry in text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (entry == PublicWord)
            {
                isPublic = true;
            }
            else if (ParseNetwork(entry) is { } network)
            {
                networks.Add(network);
            }
            else if (ParseHost(entry) is { } host)
            {
                hosts.Add(host);
            }
            else
            {
                return null;
            }
        }

        return new(isPublic, hosts.ToImmutable(), networks.ToImmutable());
    }

    private static EgressHost? ParseHost(string entry)
    {
        if (SplitPort(entry) is not var (name, port))
        {
            return null;
        }

        var plain = name.StartsWith("*.", StringComparison.Ordinal) ? name[2..] : name;
        return plain != NoneWord && Uri.CheckHostName(plain) == UriHostNameType.Dns && plain.All(char.IsAscii) ? new(name, port) : null;
    }

    private static EgressNetwork? ParseNetwork(string entry)
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
}

/// <summary>A name that components may reach.</summary>
/// <param name="Pattern"><c>example.com</c>, or <c>*.example.com</c> for the names below it.</param>
/// <param name="Port">The port, or null for any.</param>
public sealed record EgressHost(string Pattern, int? Port);

/// <summary>Addresses that components may reach.</summary>
/// <param name="Network">The addresses.</param>
/// <param name="Port">The port, or null for any.</param>
public sealed record EgressNetwork(IPNetwork Network, int? Port);

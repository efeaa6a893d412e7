using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Net;
using Gtc.Proxy;

namespace Gtc.Routing;

/// <summary>Ranges of addresses (CIDR, RFC 4632). An IPv4 range also holds its addresses in IPv6-mapped form.</summary>
public sealed class PeerRanges
{
    /// <summary>No address at all.</summary>
    public static PeerRanges None { get; } = new([]);

    private readonly ImmutableArray<Range> _ranges;

    /// <summary>Makes a set of ranges.</summary>
    public PeerRanges(IEnumerable<IPNetwork> networks) => _ranges = [.. networks.Select(Range.Of)];

    /// <summary>Whether a peer is in one of them.</summary>
    public bool Holds(PeerAddress peer)
    {
        foreach (var range in _ranges)
        {
            if ((peer.High & range.HighMask) == range.High && (peer.Low & range.LowMask) == range.Low)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether an address is in one of them.</summary>
    public bool Holds(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        Span<byte> bytes = stackalloc byte[16];
        _ = address.MapToIPv6().TryWriteBytes(bytes, out _);
        return Holds(PeerAddress.FromIpv6(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]), 0));
    }

    /// <summary>Reads a list of ranges that are separated by commas, e.g. <c>10.0.0.0/8, fd00::/8</c>; null when one of them is none.</summary>
    public static PeerRanges? Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var networks = new List<IPNetwork>();
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!IPNetwork.TryParse(part, out var network))
            {
                return null;
            }

            networks.Add(network);
        }

        return new PeerRanges(networks);
    }

    private readonly record struct Range(ulong High, ulong Low, ulong HighMask, ulong LowMask)
    {
        private const int Ipv4Offset = 96;

        public static Range Of(IPNetwork network)
        {
            Span<byte> bytes = stackalloc byte[16];
            _ = network.BaseAddress.MapToIPv6().TryWriteBytes(bytes, out _);
            var length = network.PrefixLength + (network.BaseAddress.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? Ipv4Offset : 0);
            var highMask = Mask(Math.Min(length, 64));
            var lowMask = Mask(Math.Max(length - 64, 0));
            return new(BinaryPrimitives.ReadUInt64BigEndian(bytes) & highMask, BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]) & lowMask, highMask, lowMask);
        }

        private static ulong Mask(int bits) => bits == 0 ? 0 : ulong.MaxValue << (64 - bits);
    }
}

using System.Buffers.Binary;
using System.Net;

namespace Gtc.Proxy;

/// <summary>Where a connection comes from, without allocating.</summary>
public readonly record struct PeerAddress
{
    private const ulong MappedPrefix = 0x0000_ffff_0000_0000;

    private PeerAddress(ulong high, ulong low, ushort port)
    {
        High = high;
        Low = low;
        Port = port;
    }

    /// <summary>The upper half of the address; an IPv4 address is kept in its IPv6-mapped form (RFC 4291 §2.5.5.2).</summary>
    public ulong High { get; }

    /// <summary>The lower half of the address.</summary>
    public ulong Low { get; }

    /// <summary>The port.</summary>
    public ushort Port { get; }

    /// <summary>Whether it is an IPv4 address, mapped or not.</summary>
    public bool IsIpv4 => High == 0 && (Low & 0xffff_ffff_0000_0000) == MappedPrefix;

    /// <summary>Whether it is an address of this machine's loopback.</summary>
    public bool IsLoopback => IsIpv4 ? (byte)(Low >> 24) == 127 : High == 0 && Low == 1;

    /// <summary>An IPv4 address.</summary>
    public static PeerAddress FromIpv4(uint address, ushort port) => new(0, MappedPrefix | address, port);

    /// <summary>An IPv6 address.</summary>
    public static PeerAddress FromIpv6(ulong high, ulong low, ushort port) => new(high, low, port);

    /// <summary>The same address as an object.</summary>
    public IPAddress ToAddress()
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, High);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], Low);
        return IsIpv4 ? new IPAddress(bytes[12..]) : new IPAddress(bytes);
    }
}

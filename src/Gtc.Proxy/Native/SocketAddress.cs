using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Gtc.Proxy.Native;

/// <summary>Writes and reads <c>sockaddr_in</c> and <c>sockaddr_in6</c>.</summary>
internal static class SocketAddress
{
    /// <summary>Enough for either.</summary>
    public const int MaxLength = 28;

    private const int Ipv4Length = 16;

    /// <summary>Writes an end point.</summary>
    /// <returns>The length.</returns>
    public static int Write(IPEndPoint endPoint, Span<byte> target)
    {
        target.Clear();
        BinaryPrimitives.WriteUInt16BigEndian(target[2..], (ushort)endPoint.Port);
        if (endPoint.AddressFamily == AddressFamily.InterNetwork)
        {
            BitConverter.TryWriteBytes(target, (ushort)LibC.Ipv4);
            _ = endPoint.Address.TryWriteBytes(target[4..], out _);
            return Ipv4Length;
        }

        BitConverter.TryWriteBytes(target, (ushort)LibC.Ipv6);
        _ = endPoint.Address.TryWriteBytes(target[8..], out _);
        BitConverter.TryWriteBytes(target[24..], (uint)endPoint.Address.ScopeId);
        return MaxLength;
    }

    /// <summary>Reads the address of a peer.</summary>
    public static PeerAddress Read(ReadOnlySpan<byte> source) => BitConverter.ToUInt16(source) == LibC.Ipv4
        ? PeerAddress.FromIpv4(BinaryPrimitives.ReadUInt32BigEndian(source[4..]), BinaryPrimitives.ReadUInt16BigEndian(source[2..]))
        : PeerAddress.FromIpv6(BinaryPrimitives.ReadUInt64BigEndian(source[8..]), BinaryPrimitives.ReadUInt64BigEndian(source[16..]), BinaryPrimitives.ReadUInt16BigEndian(source[2..]));

    /// <summary>Reads an end point.</summary>
    public static IPEndPoint ReadEndPoint(ReadOnlySpan<byte> source)
    {
        var port = BinaryPrimitives.ReadUInt16BigEndian(source[2..]);
        return BitConverter.ToUInt16(source) == LibC.Ipv4
            ? new IPEndPoint(new IPAddress(source.Slice(4, 4)), port)
            : new IPEndPoint(new IPAddress(source.Slice(8, 16), BitConverter.ToUInt32(source[24..])), port);
    }
}

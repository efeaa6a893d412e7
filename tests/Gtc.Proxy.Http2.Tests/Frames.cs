using System.Buffers.Binary;
using System.Text;

namespace Gtc.Proxy.Http2.Tests;

/// <summary>Frames of HTTP/2 byte by byte (RFC 9113 §4).</summary>
internal static class Frames
{
    public const byte Headers = 1;
    public const byte Reset = 3;
    public const byte Settings = 4;
    public const byte GoAway = 7;
    public const byte EndStream = 1;
    public const byte EndHeaders = 4;

    public static readonly byte[] Preface = [.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, .. Of(Settings, 0, 0, [])];

    public static byte[] Of(byte type, byte flags, int stream, ReadOnlySpan<byte> payload)
    {
        var frame = new byte[9 + payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, payload.Length << 8);
        frame[3] = type;
        frame[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame.AsSpan(9));
        return frame;
    }

    /// <summary>The head of <c>GET /</c>: entries of the static table, and an authority (RFC 7541 §6).</summary>
    public static byte[] Get(string authority) => [0x82, 0x84, 0x86, 0x01, (byte)authority.Length, .. Encoding.ASCII.GetBytes(authority)];

    /// <summary>The types of the frames in some bytes.</summary>
    public static List<byte> Types(ReadOnlySpan<byte> bytes)
    {
        var types = new List<byte>();
        while (bytes.Length >= 9)
        {
            types.Add(bytes[3]);
            var length = 9 + (BinaryPrimitives.ReadInt32BigEndian(bytes) >>> 8);
            bytes = bytes[Math.Min(length, bytes.Length)..];
        }

        return types;
    }
}

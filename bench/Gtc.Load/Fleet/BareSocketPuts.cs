using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Gtc.Load.Fleet;

/// <summary>
/// Acknowledged puts by the least that can do it: one thread, one blocking socket, frames made beforehand, answers counted and not read.
/// Nothing is known of failures, reconnects or which answer belongs to which put.
/// </summary>
internal static class BareSocketPuts
{
    /// <summary>Puts keys and waits until each was acknowledged.</summary>
    public static void Run(int port, string bucket, int puts, int keys, byte[] value, int window)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(IPAddress.Loopback, port);
        socket.Send("CONNECT {\"verbose\":false,\"headers\":true,\"no_responders\":true}\r\nSUB bare.inbox.* 1\r\n"u8);
        var frames = Enumerable.Range(0, keys).Select(key => Frame(bucket, key, value)).ToArray();
        var batch = new byte[frames.Max(frame => frame.Length) * window];
        var received = new byte[256 * 1024];
        var (sent, acknowledged, kept) = (0, 0, 0);
        while (acknowledged < puts)
        {
            var filled = 0;
            while (sent < puts && sent - acknowledged < window)
            {
                var frame = frames[sent++ % keys];
                frame.CopyTo(batch, filled);
                filled += frame.Length;
            }

            for (var from = 0; from < filled;)
            {
                from += socket.Send(batch.AsSpan(from, filled - from));
            }

            var read = socket.Receive(received.AsSpan(kept));
            if (read == 0)
            {
                throw new InvalidOperationException("the broker closed the connection");
            }

            kept = Count(received.AsSpan(0, kept + read), ref acknowledged);
        }
    }

    private static byte[] Frame(string bucket, int key, byte[] value) =>
        [.. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"PUB $KV.{bucket}.k.{key} bare.inbox.{key} {value.Length}\r\n")), .. value, .. "\r\n"u8];

    /// <summary>Counts whole messages and moves what is left to the front.</summary>
    private static int Count(Span<byte> bytes, ref int acknowledged)
    {
        var rest = bytes;
        while (true)
        {
            var end = rest.IndexOf((byte)'\n');
            if (end < 0)
            {
                break;
            }

            var line = rest[..end];
            if (!line.StartsWith("MSG"u8))
            {
                rest = rest[(end + 1)..];
                continue;
            }

            var length = 0;
            foreach (var digit in line[(line.LastIndexOf((byte)' ') + 1)..^1])
            {
                length = (length * 10) + digit - '0';
            }

            if (rest.Length < end + 1 + length + 2)
            {
                break;
            }

            acknowledged++;
            rest = rest[(end + 1 + length + 2)..];
        }

        rest.CopyTo(bytes);
        return rest.Length;
    }
}

using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Gtc.Nats;

/// <summary>Writes what a client sends. Nothing here allocates.</summary>
internal static class FrameWriter
{
    /// <summary>Up to this size a frame is written into one span, which is quickest.</summary>
    private const int SmallPayload = 4096;

    /// <summary>Verb, two numbers, blanks and line ends.</summary>
    private const int Overhead = 40;

    /// <summary>Writes PUB or HPUB.</summary>
    /// <returns>How many bytes it took.</returns>
    public static int Publish(IBufferWriter<byte> writer, in Subject subject, ReadOnlySpan<byte> replyTo, in PublishOptions options, ReadOnlySpan<byte> payload)
    {
        var headerLength = options.WireLength;
        var head = Overhead + subject.MaxLength + replyTo.Length + headerLength;
        var isSmall = payload.Length <= SmallPayload;
        var span = writer.GetSpan(isSmall ? head + payload.Length : head);
        var at = Put(span, 0, headerLength == 0 ? "PUB "u8 : "HPUB "u8);
        at += subject.WriteTo(span[at..]);
        span[at++] = (byte)' ';
        if (!replyTo.IsEmpty)
        {
            at = Put(span, at, replyTo);
            span[at++] = (byte)' ';
        }

        if (headerLength > 0)
        {
            at = Put(span, at, headerLength);
            span[at++] = (byte)' ';
        }

        at = Put(span, at, headerLength + payload.Length);
        at = Put(span, at, "\r\n"u8);
        at += headerLength == 0 ? 0 : options.WriteTo(span[at..]);
        if (isSmall)
        {
            at = Put(span, at, payload);
            at = Put(span, at, "\r\n"u8);
            writer.Advance(at);
            return at;
        }

        writer.Advance(at);
        writer.Write(payload);
        writer.Write("\r\n"u8);
        return at + payload.Length + 2;
    }

    /// <summary>Writes SUB.</summary>
    public static int Subscribe(IBufferWriter<byte> writer, string subject, string? queue, ulong sid) =>
        Line(writer, string.Create(CultureInfo.InvariantCulture, $"SUB {subject} {queue}{(queue is null ? "" : " ")}{sid}\r\n"));

    /// <summary>Writes UNSUB.</summary>
    public static int Unsubscribe(IBufferWriter<byte> writer, ulong sid) => Line(writer, string.Create(CultureInfo.InvariantCulture, $"UNSUB {sid}\r\n"));

    /// <summary>Writes PING.</summary>
    public static int Ping(IBufferWriter<byte> writer) => Bytes(writer, "PING\r\n"u8);

    /// <summary>Writes PONG.</summary>
    public static int Pong(IBufferWriter<byte> writer) => Bytes(writer, "PONG\r\n"u8);

    private static int Line(IBufferWriter<byte> writer, string line) => (int)Encoding.UTF8.GetBytes(line, writer);

    private static int Bytes(IBufferWriter<byte> writer, ReadOnlySpan<byte> bytes)
    {
        writer.Write(bytes);
        return bytes.Length;
    }

    private static int Put(Span<byte> span, int at, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(span[at..]);
        return at + bytes.Length;
    }

    private static int Put(Span<byte> span, int at, int number)
    {
        _ = Utf8Formatter.TryFormat(number, span[at..], out var written);
        return at + written;
    }
}

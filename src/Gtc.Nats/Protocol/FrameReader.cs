using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Gtc.Nats;

/// <summary>Cuts what a server sends into frames. Bytes may come in any pieces; every length is bounded.</summary>
internal sealed class FrameReader
{
    private const int KeptBody = 256 * 1024;
    private const string TooLong = "a line is longer than 64 KiB";

    private byte[] _line = [];
    private byte[] _body = [];

    /// <summary>The largest body (headers and payload) that is taken.</summary>
    public int MaxBody { get; set; } = NatsLimits.DefaultMaxPayload + NatsLimits.AddedHeaders;

    /// <summary>Reads the next frame and moves behind it.</summary>
    /// <returns>False when more bytes are needed; nothing was consumed then.</returns>
    /// <exception cref="NatsProtocolException">The bytes are no frame, or more than is taken.</exception>
    public bool TryRead(ref ReadOnlySequence<byte> rest, out Frame frame)
    {
        frame = default;
        if (!TryReadLine(rest, out var line, out var taken))
        {
            return false;
        }

        if (!Read(line, ref frame, out var length))
        {
            rest = rest.Slice(taken);
            return true;
        }

        if (rest.Length < taken + length + 2)
        {
            return false;
        }

        var first = rest.FirstSpan;
        var end = (int)taken + length;
        if (end + 2 <= first.Length)
        {
            frame.Body = first[(int)taken..end];
            Require(first[end] == '\r' && first[end + 1] == '\n', "a payload is not followed by a line end");
        }
        else
        {
            frame.Body = Copy(rest.Slice(taken, length + 2))[..length];
        }

        rest = rest.Slice(end + 2);
        return true;
    }

    private static bool Is(ReadOnlySpan<byte> line, ReadOnlySpan<byte> verb) =>
        line.Length >= verb.Length && Ascii.EqualsIgnoreCase(line[..verb.Length], verb) && (line.Length == verb.Length || line[verb.Length] is (byte)' ' or (byte)'\t');

    private static void Require(bool holds, string message)
    {
        if (!holds)
        {
            throw new NatsProtocolException(message);
        }
    }

    private static ReadOnlySpan<byte> NextToken(scoped ref ReadOnlySpan<byte> rest)
    {
        var start = rest.IndexOfAnyExcept((byte)' ', (byte)'\t');
        if (start < 0)
        {
            rest = default;
            return default;
        }

        rest = rest[start..];
        var end = rest.IndexOfAny((byte)' ', (byte)'\t');
        var token = end < 0 ? rest : rest[..end];
        rest = end < 0 ? default : rest[end..];
        return token;
    }

    private static string Shown(ReadOnlySpan<byte> line) => Encoding.Latin1.GetString(line[..Math.Min(line.Length, 40)]);

    private bool TryReadLine(in ReadOnlySequence<byte> rest, out ReadOnlySpan<byte> line, out long taken)
    {
        var first = rest.FirstSpan;
        var end = first.IndexOf((byte)'\n');
        if (end >= 0)
        {
            line = first[..end];
            taken = end + 1;
        }
        else
        {
            var position = rest.IsSingleSegment ? null : rest.PositionOf((byte)'\n');
            if (position is null)
            {
                Require(rest.Length <= NatsLimits.MaxLine, TooLong);
                line = default;
                taken = 0;
                return false;
            }

            var piece = rest.Slice(0, position.Value);
            Require(piece.Length <= NatsLimits.MaxLine, TooLong);
            if (_line.Length < piece.Length)
            {
                _line = new byte[NatsLimits.MaxLine];
            }

            piece.CopyTo(_line);
            line = _line.AsSpan(0, (int)piece.Length);
            taken = piece.Length + 1;
        }

        Require(line.Length <= NatsLimits.MaxLine && line.Length > 0 && line[^1] == '\r', "a line does not end with CR LF");
        line = line[..^1];
        return true;
    }

    /// <summary>Reads a line.</summary>
    /// <returns>True when a body of <paramref name="length"/> bytes follows.</returns>
    private bool Read(ReadOnlySpan<byte> line, ref Frame frame, out int length)
    {
        length = 0;
        if (Is(line, "MSG"u8))
        {
            length = ReadMessage(line[3..], ref frame, hasHeaders: false);
            return true;
        }

        if (Is(line, "HMSG"u8))
        {
            length = ReadMessage(line[4..], ref frame, hasHeaders: true);
            return true;
        }

        frame.Kind = Is(line, "PING"u8) ? FrameKind.Ping
            : Is(line, "PONG"u8) ? FrameKind.Pong
            : Is(line, "+OK"u8) ? FrameKind.Ok
            : Is(line, "-ERR"u8) ? FrameKind.Error
            : Is(line, "INFO"u8) ? FrameKind.Hello
            : throw new NatsProtocolException($"`{Shown(line)}` is no line of the protocol");
        if (frame.Kind is FrameKind.Hello or FrameKind.Error)
        {
            frame.Text = line[4..].Trim(" \t"u8);
            if (frame.Kind == FrameKind.Error)
            {
                frame.Text = frame.Text.Trim((byte)'\'');
            }
        }

        return false;
    }

    private int ReadMessage(ReadOnlySpan<byte> rest, ref Frame frame, bool hasHeaders)
    {
        var line = rest;
        frame.Kind = FrameKind.Message;
        frame.Subject = NextToken(ref rest);
        var sid = NextToken(ref rest);
        var third = NextToken(ref rest);
        var fourth = NextToken(ref rest);
        var fifth = NextToken(ref rest);
        var hasReply = hasHeaders ? !fifth.IsEmpty : !fourth.IsEmpty;
        frame.ReplyTo = hasReply ? third : default;
        var headers = hasReply ? fourth : third;
        var total = hasHeaders ? (hasReply ? fifth : fourth) : headers;
        var length = Number(total, line);
        frame.HeaderLength = hasHeaders ? Number(headers, line) : 0;
        if (frame.Subject.IsEmpty
            || !rest.Trim(" \t"u8).IsEmpty
            || (!hasHeaders && !fifth.IsEmpty)
            || frame.HeaderLength > length
            || !Utf8Parser.TryParse(sid, out frame.Sid, out var read)
            || read != sid.Length)
        {
            throw NoHead(line);
        }

        return length <= MaxBody ? length : throw new NatsProtocolException($"a message has {length:N0} bytes, the most is {MaxBody:N0}");
    }

    private static int Number(ReadOnlySpan<byte> token, ReadOnlySpan<byte> line)
    {
        if (token.Length is 0 or > 9)
        {
            throw NoHead(line);
        }

        var value = 0;
        foreach (var digit in token)
        {
            value = digit is >= (byte)'0' and <= (byte)'9' ? (value * 10) + (digit - '0') : throw NoHead(line);
        }

        return value;
    }

    private static NatsProtocolException NoHead(ReadOnlySpan<byte> line) => new($"`{Shown(line)}` is no head of a message");

    private Span<byte> Copy(scoped in ReadOnlySequence<byte> piece)
    {
        var length = (int)piece.Length;
        var buffer = length > KeptBody ? new byte[length] : _body.Length >= length ? _body : _body = new byte[Math.Min(KeptBody, length * 2)];
        piece.CopyTo(buffer);
        Require(buffer[length - 2] == '\r' && buffer[length - 1] == '\n', "a payload is not followed by a line end");
        return buffer.AsSpan(0, length);
    }
}

using System.Buffers;
using System.Buffers.Text;
using System.Collections.Immutable;
using System.Text;

namespace Gtc.Redis;

/// <summary>
/// Reads replies from bytes as they come. It keeps its place between pieces, so that no byte is looked at twice however small the pieces are, and
/// sets memory aside for what has come, never for what is announced.
/// </summary>
internal sealed class ReplyParser(RedisLimits limits)
{
    private const int MaxAnnounced = 64;

    private static readonly SearchValues<byte> NumberCharacters = SearchValues.Create("+-.0123456789eEinfa"u8);

    private readonly Stack<Frame> _open = new();
    private long _bytes;
    private long _members;
    private int _searched;
    private (RedisKind Kind, int Length)? _blob;

    /// <summary>Whether a part of a reply has come and the rest has not.</summary>
    public bool IsInside => _open.Count > 0 || _blob is not null || _bytes > 0;

    /// <summary>The next reply; false when more bytes are needed.</summary>
    /// <param name="input">What has come and was not taken yet; what is taken is cut off.</param>
    /// <param name="reply">The reply.</param>
    /// <exception cref="RedisProtocolException">The bytes are no reply, or too many.</exception>
    public bool TryRead(ref ReadOnlySpan<byte> input, out RedisReply reply)
    {
        while (TryReadPart(ref input, out var part))
        {
            if (part is not null && TryFinish(part) is { } whole)
            {
                _bytes = 0;
                _members = 0;
                reply = whole;
                return true;
            }
        }

        reply = RedisReply.Null;
        return false;
    }

    /// <summary>Reads a line or a blob; the part is null when it opened something.</summary>
    private bool TryReadPart(ref ReadOnlySpan<byte> input, out RedisReply? part)
    {
        part = null;
        if (_blob is { } blob)
        {
            if (input.Length < blob.Length + 2)
            {
                return false;
            }

            part = EndBlob(blob.Kind, input[..blob.Length], input.Slice(blob.Length, 2));
            Take(ref input, blob.Length + 2);
            _blob = null;
            return true;
        }

        var end = input[_searched..].IndexOf((byte)'\n');
        var length = end < 0 ? input.Length : _searched + end + 1;
        if (length > limits.LineBytes)
        {
            throw new RedisProtocolException($"a line is longer than {limits.LineBytes} bytes");
        }

        if (end < 0)
        {
            _searched = input.Length;
            return false;
        }

        if (length < 3 || input[length - 2] != '\r')
        {
            throw new RedisProtocolException("a line does not end with CR LF, or is empty");
        }

        part = ReadLine(input[0], input[1..(length - 2)]);
        Take(ref input, length);
        return true;
    }

    private void Take(ref ReadOnlySpan<byte> input, int length)
    {
        _searched = 0;
        _bytes += length;
        Bound(_bytes);
        input = input[length..];
    }

    private void Bound(long bytes)
    {
        if (bytes > limits.ReplyBytes)
        {
            throw new RedisProtocolException($"a reply is longer than {limits.ReplyBytes} bytes");
        }
    }

    private RedisReply? ReadLine(byte type, ReadOnlySpan<byte> line) => type switch
    {
        (byte)'+' => line.SequenceEqual("OK"u8) ? RedisReply.Ok : RedisReply.Of(RedisKind.Text, line.ToArray()),
        (byte)'-' => RedisReply.Of(RedisKind.Error, line.ToArray()),
        (byte)':' => RedisReply.Of(RedisKind.Number, NumberIn(line)),
        (byte)'_' => line.IsEmpty ? RedisReply.Null : throw new RedisProtocolException("a null has content"),
        (byte)'#' => RedisReply.Of(RedisKind.Boolean, line switch
        {
            [(byte)'t'] => 1,
            [(byte)'f'] => 0,
            _ => throw new RedisProtocolException("a boolean is neither t nor f"),
        }),
        (byte)',' => RedisReply.Of(RedisKind.Real, Digits(line, "double")),
        (byte)'(' => RedisReply.Of(RedisKind.BigNumber, Digits(line, "big number")),
        (byte)'$' => OpenBlob(RedisKind.Bulk, line),
        (byte)'!' => OpenBlob(RedisKind.Error, line),
        (byte)'=' => OpenBlob(RedisKind.Verbatim, line),
        (byte)'*' => OpenAggregate(RedisKind.Array, line, 1, isAttribute: false),
        (byte)'~' => OpenAggregate(RedisKind.Set, line, 1, isAttribute: false),
        (byte)'>' => OpenAggregate(RedisKind.Push, line, 1, isAttribute: false),
        (byte)'%' => OpenAggregate(RedisKind.Map, line, 2, isAttribute: false),
        (byte)'|' => OpenAggregate(RedisKind.Map, line, 2, isAttribute: true),
        _ => throw new RedisProtocolException($"a reply begins with byte 0x{type:x2}, which is no type of RESP"),
    };

    private RedisReply? OpenBlob(RedisKind kind, ReadOnlySpan<byte> line)
    {
        var length = NumberIn(line);
        if (length == -1 && kind == RedisKind.Bulk)
        {
            return RedisReply.Null;
        }

        if (length < 0)
        {
            throw new RedisProtocolException($"a {kind} has the length {length}");
        }

        // Refused when it is announced: nothing of it is kept.
        Bound(length);
        _blob = (kind, (int)length);
        return null;
    }

    private static RedisReply EndBlob(RedisKind kind, ReadOnlySpan<byte> content, ReadOnlySpan<byte> end)
    {
        if (!end.SequenceEqual("\r\n"u8))
        {
            throw new RedisProtocolException("what follows a bulk is not CR LF: its length is wrong");
        }

        return kind == RedisKind.Verbatim && (content.Length < 4 || content[3] != ':')
            ? throw new RedisProtocolException("a verbatim text does not begin with its format")
            : RedisReply.Of(kind, content.ToArray());
    }

    private RedisReply? OpenAggregate(RedisKind kind, ReadOnlySpan<byte> line, int each, bool isAttribute)
    {
        var count = NumberIn(line);
        if (count == -1 && kind == RedisKind.Array)
        {
            return RedisReply.Null;
        }

        if (count < 0 || count > limits.Members || (_members += count * each) > limits.Members)
        {
            throw new RedisProtocolException($"a reply has more than {limits.Members} members, or the count {count}");
        }

        if (_open.Count >= limits.Depth)
        {
            throw new RedisProtocolException($"a reply is deeper than {limits.Depth}");
        }

        if (count == 0)
        {
            return isAttribute ? null : RedisReply.Of(kind, ImmutableArray<RedisReply>.Empty);
        }

        var members = (int)count * each;
        _open.Push(new Frame(kind, members, isAttribute, ImmutableArray.CreateBuilder<RedisReply>(Math.Min(members, MaxAnnounced))));
        return null;
    }

    /// <summary>Puts a part where it belongs; the whole reply when it was the last one.</summary>
    private RedisReply? TryFinish(RedisReply part)
    {
        while (_open.TryPeek(out var frame))
        {
            frame.Items.Add(part);
            if (frame.Items.Count < frame.Members)
            {
                return null;
            }

            _open.Pop();
            if (frame.IsAttribute)
            {
                // Says something about the reply that follows; nothing here asks for it.
                return null;
            }

            part = RedisReply.Of(frame.Kind, frame.Items.DrainToImmutable());
        }

        return part;
    }

    private static long NumberIn(ReadOnlySpan<byte> line)
    {
        var digits = line is [(byte)'+', ..] ? line[1..] : line;
        return Utf8Parser.TryParse(digits, out long value, out var used) && used == digits.Length
            ? value
            : throw new RedisProtocolException($"`{Encoding.ASCII.GetString(line[..Math.Min(line.Length, 32)])}` is no number");
    }

    private static byte[] Digits(ReadOnlySpan<byte> line, string what) =>
        line.IsEmpty || line.ContainsAnyExcept(NumberCharacters) ? throw new RedisProtocolException($"a {what} has wrong characters") : line.ToArray();

    private sealed record Frame(RedisKind Kind, int Members, bool IsAttribute, ImmutableArray<RedisReply>.Builder Items);
}

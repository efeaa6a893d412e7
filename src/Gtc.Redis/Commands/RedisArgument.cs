using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Gtc.Redis;

/// <summary>One word of a command: text, bytes or a number. Converts from each; nothing is copied until it is sent.</summary>
public readonly struct RedisArgument
{
    private const int MaxDigits = 20;

    private readonly string? _text;
    private readonly ReadOnlyMemory<byte> _bytes;
    private readonly long? _number;

    /// <summary>Text, sent as UTF-8.</summary>
    public RedisArgument(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        _text = text;
    }

    /// <summary>Bytes as they are.</summary>
    public RedisArgument(ReadOnlyMemory<byte> bytes) => _bytes = bytes;

    /// <summary>A number, sent in decimal.</summary>
    public RedisArgument(long number) => _number = number;

    /// <summary>Text.</summary>
    public static implicit operator RedisArgument(string text) => new(text);

    /// <summary>Bytes.</summary>
    public static implicit operator RedisArgument(ReadOnlyMemory<byte> bytes) => new(bytes);

    /// <summary>Bytes.</summary>
    public static implicit operator RedisArgument(byte[] bytes) => new(bytes);

    /// <summary>A number.</summary>
    public static implicit operator RedisArgument(long number) => new(number);

    /// <summary>The most bytes that it takes on the wire.</summary>
    internal int MaxLength => Overhead + (_text is not null ? Encoding.UTF8.GetMaxByteCount(_text.Length) : _number is not null ? MaxDigits : _bytes.Length);

    // $, the digits of a length, and two line ends.
    private static int Overhead => 1 + MaxDigits + 4;

    /// <summary>Writes a command as an array of bulks.</summary>
    internal static void Write(IBufferWriter<byte> to, ReadOnlySpan<RedisArgument> command)
    {
        WriteHead(to, (byte)'*', command.Length);
        foreach (ref readonly var argument in command)
        {
            argument.Write(to);
        }
    }

    private void Write(IBufferWriter<byte> to)
    {
        if (_text is not null)
        {
            var length = Encoding.UTF8.GetByteCount(_text);
            WriteHead(to, (byte)'$', length);
            Encoding.UTF8.GetBytes(_text, to.GetSpan(length));
            to.Advance(length);
        }
        else if (_number is { } number)
        {
            Span<byte> digits = stackalloc byte[MaxDigits];
            _ = Utf8Formatter.TryFormat(number, digits, out var length);
            WriteHead(to, (byte)'$', length);
            to.Write(digits[..length]);
        }
        else
        {
            WriteHead(to, (byte)'$', _bytes.Length);
            to.Write(_bytes.Span);
        }

        to.Write("\r\n"u8);
    }

    private static void WriteHead(IBufferWriter<byte> to, byte type, int count)
    {
        var span = to.GetSpan(1 + MaxDigits + 2);
        span[0] = type;
        _ = Utf8Formatter.TryFormat(count, span[1..], out var length);
        span[length + 1] = (byte)'\r';
        span[length + 2] = (byte)'\n';
        to.Advance(length + 3);
    }
}

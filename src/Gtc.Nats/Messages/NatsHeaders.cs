using System.Buffers;
using System.Collections;
using System.Text;

namespace Gtc.Nats;

/// <summary>Headers of a message: names (case matters) with values, in order; a name may come more than once.</summary>
public sealed class NatsHeaders : IEnumerable<KeyValuePair<string, string>>
{
    /// <summary>The bytes of the first line and the last.</summary>
    internal const int EmptyLength = 12;

    private static readonly SearchValues<char> LineEnds = SearchValues.Create("\r\n\0");

    private readonly List<KeyValuePair<string, string>> _values = [];

    /// <summary>How many values there are.</summary>
    public int Count => _values.Count;

    /// <summary>The first value of a name, or null.</summary>
    public string? this[string name]
    {
        get
        {
            foreach (var (key, value) in _values)
            {
                if (key == name)
                {
                    return value;
                }
            }

            return null;
        }
    }

    private static ReadOnlySpan<byte> Version => "NATS/1.0"u8;

    /// <summary>The bytes on the wire.</summary>
    internal int WireLength { get; private set; } = EmptyLength;

    /// <summary>Adds a value.</summary>
    /// <exception cref="ArgumentException">The name is not of printable ASCII without a colon, or the value holds a line end: it would become a header of its own.</exception>
    public void Add(string name, string value)
    {
        if (name.Length == 0 || name.AsSpan().ContainsAnyExceptInRange('!', '~') || name.Contains(':', StringComparison.Ordinal))
        {
            throw new ArgumentException($"`{name}` is no name of a header: printable ASCII without a colon was expected.", nameof(name));
        }

        if (value.AsSpan().ContainsAny(LineEnds))
        {
            throw new ArgumentException($"The value of {name} holds a line end.", nameof(value));
        }

        AddChecked(name, value);
    }

    /// <summary>All values of a name.</summary>
    public IEnumerable<string> Values(string name) => _values.Where(pair => pair.Key == name).Select(pair => pair.Value);

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => _values.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Reads a block. Lines that are no headers are left out: another client wrote it, and the server lets anything through.</summary>
    internal static NatsHeaders Read(ReadOnlySpan<byte> block)
    {
        var headers = new NatsHeaders();
        var end = block.IndexOf("\r\n"u8);
        for (var rest = end < 0 ? default : block[(end + 2)..]; !rest.IsEmpty;)
        {
            end = rest.IndexOf("\r\n"u8);
            var line = end < 0 ? rest : rest[..end];
            rest = end < 0 ? default : rest[(end + 2)..];
            var colon = line.IndexOf((byte)':');
            if (colon > 0)
            {
                headers.AddChecked(Encoding.UTF8.GetString(line[..colon]), Encoding.UTF8.GetString(line[(colon + 1)..].Trim(" \t"u8)));
            }
        }

        return headers;
    }

    /// <summary>The status on the first line, e.g. 503; 0 without.</summary>
    internal static int ReadStatus(ReadOnlySpan<byte> block)
    {
        if (!block.StartsWith(Version))
        {
            return 0;
        }

        var code = block[Version.Length..];
        return code.Length >= 4 && code[0] == ' ' && char.IsAsciiDigit((char)code[1]) && char.IsAsciiDigit((char)code[2]) && char.IsAsciiDigit((char)code[3])
            ? ((code[1] - '0') * 100) + ((code[2] - '0') * 10) + code[3] - '0'
            : 0;
    }

    /// <summary>What follows the status on the first line.</summary>
    internal static string ReadStatusText(ReadOnlySpan<byte> block)
    {
        var end = block.IndexOf("\r\n"u8);
        var line = end < 0 ? block : block[..end];
        return line.Length > Version.Length + 4 ? Encoding.UTF8.GetString(line[(Version.Length + 4)..].Trim((byte)' ')) : "";
    }

    /// <summary>Writes the first line.</summary>
    /// <returns>How many bytes it took.</returns>
    internal static int WriteVersion(Span<byte> span)
    {
        Version.CopyTo(span);
        return WriteLineEnd(span, Version.Length);
    }

    /// <summary>Writes a line end.</summary>
    /// <returns>The position behind it.</returns>
    internal static int WriteLineEnd(Span<byte> span, int at)
    {
        span[at] = (byte)'\r';
        span[at + 1] = (byte)'\n';
        return at + 2;
    }

    /// <summary>Writes the lines of the values, without the first and the last line of the block.</summary>
    /// <returns>How many bytes they took.</returns>
    internal int WriteValues(Span<byte> span)
    {
        var at = 0;
        foreach (var (name, value) in _values)
        {
            at += Encoding.UTF8.GetBytes(name, span[at..]);
            span[at++] = (byte)':';
            span[at++] = (byte)' ';
            at += Encoding.UTF8.GetBytes(value, span[at..]);
            at = WriteLineEnd(span, at);
        }

        return at;
    }

    private void AddChecked(string name, string value)
    {
        _values.Add(new(name, value));
        WireLength += Encoding.UTF8.GetByteCount(name) + Encoding.UTF8.GetByteCount(value) + 4;
    }
}

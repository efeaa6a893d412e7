using System.Buffers;
using System.Text;

namespace Gtc.Proxy.Http;

/// <summary>How the end of a body is known (RFC 9112 §6.3).</summary>
internal enum BodyKind : byte
{
    None,
    Length,
    Chunked,
    UntilClose,
}

/// <summary>One field line by its place in the head.</summary>
/// <param name="Start">Where the line, and with it the name, begins.</param>
/// <param name="NameLength">The length of the name.</param>
/// <param name="ValueStart">Where the value begins, white space left out.</param>
/// <param name="ValueLength">The length of the value.</param>
/// <param name="End">Behind the line's CRLF.</param>
/// <param name="Kind">What it means here.</param>
internal readonly record struct FieldLine(int Start, int NameLength, int ValueStart, int ValueLength, int End, FieldKind Kind);

/// <summary>
/// The field section of a message and what it says about this hop. It is read strictly: whatever two implementations could read differently is
/// refused (RFC 9112 §2.2, §5.1, §5.2, §11.2), because that difference is what request smuggling lives on.
/// </summary>
internal sealed class MessageHead
{
    private static readonly SearchValues<byte> Token = SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);
    private static readonly SearchValues<byte> NotInValues = SearchValues.Create([.. Enumerable.Range(0, 32).Where(code => code != '\t').Select(code => (byte)code), 0x7f]);

    private readonly FieldLine[] _fields = new FieldLine[HeadLimits.MaxFields];
    private int _count;

    /// <summary>The fields in the order they were sent.</summary>
    public ReadOnlySpan<FieldLine> Fields => _fields.AsSpan(0, _count);

    /// <summary>Content-Length, when <see cref="HasLength"/>.</summary>
    public long Length { get; private set; }

    public bool HasLength { get; private set; }

    public bool IsChunked { get; private set; }

    /// <summary>Connection: close.</summary>
    public bool Closes { get; private set; }

    /// <summary>Connection: keep-alive.</summary>
    public bool KeepsAlive { get; private set; }

    /// <summary>TE: trailers.</summary>
    public bool TakesTrailers { get; private set; }

    /// <summary>
    /// Connection: upgrade together with an Upgrade field. Not to HTTP/2: that way of switching is gone from the standard (RFC 9113 §3.1), and
    /// requests in such a tunnel would escape every choice that is made here.
    /// </summary>
    public bool Upgrades { get; private set; }

    /// <summary>Expect: 100-continue.</summary>
    public bool ExpectsContinue { get; private set; }

    /// <summary>The place of the only Host field among <see cref="Fields"/>, or -1.</summary>
    public int HostAt { get; private set; }

    /// <summary>Whether all of a text are characters of a token (RFC 9110 §5.6.2), and there is one.</summary>
    public static bool IsToken(ReadOnlySpan<byte> text) => !text.IsEmpty && !text.ContainsAnyExcept(Token);

    /// <summary>Whether a line ends without a carriage return, which some take for an end and some do not.</summary>
    public static bool HasBareLineFeed(ReadOnlySpan<byte> part)
    {
        for (var rest = part; rest.IndexOf((byte)'\n') is >= 0 and var at; rest = rest[(at + 1)..])
        {
            if (at == 0 || rest[at - 1] != '\r')
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Reads the field lines of a head.</summary>
    /// <param name="head">The head up to and with its empty line.</param>
    /// <param name="start">Where the first field line begins.</param>
    /// <returns>What is wrong, or null.</returns>
    public HeadFault? Read(ReadOnlySpan<byte> head, int start)
    {
        Reset();
        var at = start;
        while (true)
        {
            var length = head[at..].IndexOf((byte)'\n');
            if (length <= 0 || head[at + length - 1] != '\r')
            {
                return HeadFault.Malformed;
            }

            if (length == 1)
            {
                return Settle(head);
            }

            if (ReadLine(head, at, at + length - 1) is { } fault)
            {
                return fault;
            }

            at += length + 1;
        }
    }

    private void Reset()
    {
        _count = 0;
        Length = 0;
        HasLength = false;
        IsChunked = false;
        Closes = false;
        KeepsAlive = false;
        Upgrades = false;
        ExpectsContinue = false;
        TakesTrailers = false;
        HostAt = -1;
    }

    private HeadFault? ReadLine(ReadOnlySpan<byte> head, int start, int end)
    {
        if (_count == HeadLimits.MaxFields)
        {
            return HeadFault.FieldsTooLarge;
        }

        // A line that begins with white space has an empty or wrong name here: obsolete folding is refused with it.
        var line = head[start..end];
        var colon = line.IndexOf((byte)':');
        if (colon <= 0 || !IsToken(line[..colon]) || line.ContainsAny(NotInValues))
        {
            return HeadFault.Malformed;
        }

        var value = line[(colon + 1)..];
        var leading = value.Length - value.TrimStart(" \t"u8).Length;
        var trimmed = value.Trim(" \t"u8).Length;
        var kind = FieldKinds.Of(line[..colon]);
        _fields[_count] = new(start, colon, start + colon + 1 + leading, trimmed, end + 2, kind);
        _count++;
        return kind == FieldKind.Other ? null : Understand(kind, head.Slice(start + colon + 1 + leading, trimmed));
    }

    private HeadFault? Understand(FieldKind kind, ReadOnlySpan<byte> value)
    {
        switch (kind)
        {
            case FieldKind.Host when HostAt >= 0:
                return HeadFault.Malformed;
            case FieldKind.Host:
                HostAt = _count - 1;
                return null;
            case FieldKind.ContentLength:
                return ReadLength(value);
            case FieldKind.TransferEncoding:
                // The only coding that is understood; anything else, twice or in disguise, is where parsers differ.
                if (IsChunked || !Ascii.EqualsIgnoreCase(value, "chunked"u8))
                {
                    return HeadFault.UnknownCoding;
                }

                IsChunked = true;
                return null;
            case FieldKind.Expect when !Ascii.EqualsIgnoreCase(value, "100-continue"u8):
                return HeadFault.UnknownExpectation;
            case FieldKind.Expect:
                ExpectsContinue = true;
                return null;
            case FieldKind.Te:
                TakesTrailers |= Names(value, "trailers"u8);
                return null;
            default:
                return null;
        }
    }

    private static bool Names(ReadOnlySpan<byte> list, ReadOnlySpan<byte> item)
    {
        foreach (var range in list.Split((byte)','))
        {
            if (Ascii.EqualsIgnoreCase(list[range].Trim(" \t"u8), item))
            {
                return true;
            }
        }

        return false;
    }

    private HeadFault? ReadLength(ReadOnlySpan<byte> value)
    {
        const int MaxDigits = 18;
        if (HasLength || value.IsEmpty || value.Length > MaxDigits || value.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
        {
            return HeadFault.Malformed;
        }

        foreach (var digit in value)
        {
            Length = (Length * 10) + (digit - '0');
        }

        HasLength = true;
        return null;
    }

    /// <summary>What the fields say together, once all are known.</summary>
    private HeadFault? Settle(ReadOnlySpan<byte> head)
    {
        if (IsChunked && HasLength)
        {
            return HeadFault.Malformed;
        }

        var namesUpgrade = false;
        var hasUpgrade = false;
        var namesHttp2 = false;
        for (var index = 0; index < _count; index++)
        {
            var field = _fields[index];
            if (field.Kind == FieldKind.Connection)
            {
                namesUpgrade |= ReadConnection(head, head.Slice(field.ValueStart, field.ValueLength));
            }

            hasUpgrade |= field.Kind == FieldKind.Upgrade;
            namesHttp2 |= field.Kind == FieldKind.Upgrade && Names(head.Slice(field.ValueStart, field.ValueLength), "h2c"u8);
        }

        Upgrades = namesUpgrade && hasUpgrade && !namesHttp2;
        return null;
    }

    /// <summary>Reads a Connection field; the fields that it names go no further.</summary>
    /// <returns>Whether it names upgrade.</returns>
    private bool ReadConnection(ReadOnlySpan<byte> head, ReadOnlySpan<byte> value)
    {
        var namesUpgrade = false;
        foreach (var range in value.Split((byte)','))
        {
            var option = value[range].Trim(" \t"u8);
            if (Ascii.EqualsIgnoreCase(option, "close"u8))
            {
                Closes = true;
            }
            else if (Ascii.EqualsIgnoreCase(option, "keep-alive"u8))
            {
                KeepsAlive = true;
            }
            else if (Ascii.EqualsIgnoreCase(option, "upgrade"u8))
            {
                namesUpgrade = true;
            }
            else if (!option.IsEmpty)
            {
                Hold(head, option);
            }
        }

        return namesUpgrade;
    }

    /// <summary>A field that Connection names is for this hop. Fields that routing and framing rest on cannot be named away.</summary>
    private void Hold(ReadOnlySpan<byte> head, ReadOnlySpan<byte> name)
    {
        for (var index = 0; index < _count; index++)
        {
            var field = _fields[index];
            if (field.Kind == FieldKind.Other && Ascii.EqualsIgnoreCase(head.Slice(field.Start, field.NameLength), name))
            {
                _fields[index] = field with { Kind = FieldKind.HopByHop };
            }
        }
    }
}

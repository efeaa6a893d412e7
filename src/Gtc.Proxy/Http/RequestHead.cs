using System.Buffers;

namespace Gtc.Proxy.Http;

/// <summary>The head of a request, as places in the bytes it was read from. One is used again and again.</summary>
internal sealed class RequestHead
{
    private static readonly SearchValues<byte> NotInTargets = SearchValues.Create([.. Enumerable.Range(0, 33).Select(code => (byte)code), (byte)'#', .. Enumerable.Range(0x7f, 0x81).Select(code => (byte)code)]);
    private static readonly SearchValues<byte> InHosts = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_~!$&'()*+,;=%:[]"u8);

    /// <summary>The fields.</summary>
    public MessageHead Fields { get; } = new();

    /// <summary>The bytes of the head with its empty line, leading empty lines left out.</summary>
    public int HeadLength { get; private set; }

    /// <summary>Where the head begins: behind empty lines that a peer may send (RFC 9112 §2.2).</summary>
    public int Start { get; private set; }

    public int MethodLength { get; private set; }

    /// <summary>Where path and query begin, from <see cref="Start"/>.</summary>
    public int PathStart { get; private set; }

    /// <summary>The length of path and query; 0 for the absolute form without a path.</summary>
    public int PathLength { get; private set; }

    /// <summary>Where the host begins, from <see cref="Start"/>: the target's when it is absolute (RFC 9112 §3.2.2), else the Host field's.</summary>
    public int HostStart { get; private set; }

    public int HostLength { get; private set; }

    /// <summary>Whether the target has the absolute form.</summary>
    public bool IsAbsolute { get; private set; }

    /// <summary>HTTP/1.0.</summary>
    public bool IsVersion10 { get; private set; }

    public BodyKind Body => Fields.IsChunked ? BodyKind.Chunked : Fields is { HasLength: true, Length: > 0 } ? BodyKind.Length : BodyKind.None;

    /// <summary>Whether another protocol is asked for; HTTP/1.0 cannot (RFC 9110 §7.8).</summary>
    public bool Upgrades => Fields.Upgrades && !IsVersion10;

    /// <summary>Whether the connection may stay open afterwards.</summary>
    public bool KeepsAlive => !Fields.Closes && (!IsVersion10 || Fields.KeepsAlive);

    /// <summary>Reads a head if it is whole.</summary>
    /// <param name="input">What came so far.</param>
    /// <param name="fault">Why it is refused, or null.</param>
    /// <returns>True when it was read or refused; false when more must come.</returns>
    public bool TryRead(ReadOnlySpan<byte> input, out HeadFault? fault)
    {
        fault = null;
        Start = 0;
        while (input.Length >= Start + 2 && Start < 8 && input[Start] == '\r' && input[Start + 1] == '\n')
        {
            Start += 2;
        }

        var head = input[Start..];
        var end = head.IndexOf("\r\n\r\n"u8);
        if (end < 0 || end + 4 > HeadLimits.MaxHead)
        {
            fault = FaultOfPart(head);
            return fault is not null;
        }

        HeadLength = end + 4;
        head = head[..HeadLength];
        fault = ReadLine(head) ?? ReadHost(head);
        return true;
    }

    /// <summary>What can be known to be wrong before all has come.</summary>
    private static HeadFault? FaultOfPart(ReadOnlySpan<byte> head)
    {
        if (head.Length >= HeadLimits.MaxHead)
        {
            return head.IndexOf((byte)'\n') < 0 ? HeadFault.TargetTooLong : HeadFault.FieldsTooLarge;
        }

        return MessageHead.HasBareLineFeed(head) || head.Contains((byte)0) ? HeadFault.Malformed : null;
    }

    private HeadFault? ReadLine(ReadOnlySpan<byte> head)
    {
        var length = head.IndexOf((byte)'\n');
        if (length < 1 || head[length - 1] != '\r')
        {
            return HeadFault.Malformed;
        }

        var line = head[..(length - 1)];
        MethodLength = line.IndexOf((byte)' ');
        if (MethodLength <= 0 || !MessageHead.IsToken(line[..MethodLength]))
        {
            return HeadFault.Malformed;
        }

        var rest = line[(MethodLength + 1)..];
        var targetLength = rest.IndexOf((byte)' ');
        if (targetLength <= 0)
        {
            return HeadFault.Malformed;
        }

        if (ReadVersion(line[..MethodLength], rest[(targetLength + 1)..]) is { } fault)
        {
            return fault;
        }

        return ReadTarget(line[..MethodLength], rest[..targetLength], MethodLength + 1) ?? Fields.Read(head, length + 1);
    }

    private HeadFault? ReadVersion(ReadOnlySpan<byte> method, ReadOnlySpan<byte> version)
    {
        IsVersion10 = version.SequenceEqual("HTTP/1.0"u8);
        return IsVersion10 || version.SequenceEqual("HTTP/1.1"u8) ? null
            : version.SequenceEqual("HTTP/2.0"u8) && method.SequenceEqual("PRI"u8) ? HeadFault.Http2
            : version.StartsWith("HTTP/"u8) && version.Length == 8 ? HeadFault.UnknownVersion
            : HeadFault.Malformed;
    }

    private HeadFault? ReadTarget(ReadOnlySpan<byte> method, ReadOnlySpan<byte> target, int start)
    {
        if (target.Length > HeadLimits.MaxTarget)
        {
            return HeadFault.TargetTooLong;
        }

        if (target.ContainsAny(NotInTargets))
        {
            return HeadFault.Malformed;
        }

        IsAbsolute = false;
        if (target[0] == '/' || (target.Length == 1 && target[0] == '*' && method.SequenceEqual("OPTIONS"u8)))
        {
            (PathStart, PathLength) = (start, target.Length);
            return null;
        }

        if (method.SequenceEqual("CONNECT"u8))
        {
            return HeadFault.Tunnel;
        }

        const int SchemeLength = 7;
        if (target.Length <= SchemeLength || !System.Text.Ascii.EqualsIgnoreCase(target[..SchemeLength], "http://"u8))
        {
            return HeadFault.Malformed;
        }

        var authority = target[SchemeLength..];
        var length = authority.IndexOfAny((byte)'/', (byte)'?');
        length = length < 0 ? authority.Length : length;
        IsAbsolute = true;
        (HostStart, HostLength) = (start + SchemeLength, length);
        (PathStart, PathLength) = (start + SchemeLength + length, authority.Length - length);
        return null;
    }

    private HeadFault? ReadHost(ReadOnlySpan<byte> head)
    {
        if (Fields.HostAt >= 0)
        {
            var field = Fields.Fields[Fields.HostAt];
            if (!IsHost(head.Slice(field.ValueStart, field.ValueLength)))
            {
                return HeadFault.Malformed;
            }

            if (!IsAbsolute)
            {
                (HostStart, HostLength) = (field.ValueStart, field.ValueLength);
            }
        }
        else if (!IsVersion10)
        {
            return HeadFault.Malformed;
        }
        else if (!IsAbsolute)
        {
            HostLength = 0;
        }

        // Only 1.1 knows codings, and a 1.0 peer that sends one cannot be followed safely (RFC 9112 §6.1).
        return (IsAbsolute && (HostLength == 0 || !IsHost(head.Slice(HostStart, HostLength)))) || (IsVersion10 && Fields.IsChunked)
            ? HeadFault.Malformed
            : null;
    }

    private static bool IsHost(ReadOnlySpan<byte> text) => text.Length <= HeadLimits.MaxHost && !text.ContainsAnyExcept(InHosts);
}

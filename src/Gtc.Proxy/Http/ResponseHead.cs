using System.Buffers;

namespace Gtc.Proxy.Http;

/// <summary>The head of a response, as places in the bytes it was read from. One is used again and again.</summary>
internal sealed class ResponseHead
{
    private const int VersionLength = 8;

    // RFC 9112 §4: a tab, visible characters and bytes above ASCII.
    private static readonly SearchValues<byte> NotInReasons = SearchValues.Create([.. Enumerable.Range(0, 32).Where(code => code != '\t').Select(code => (byte)code), 0x7f]);

    /// <summary>The fields.</summary>
    public MessageHead Fields { get; } = new();

    /// <summary>The bytes of the head with its empty line.</summary>
    public int HeadLength { get; private set; }

    public int Status { get; private set; }

    /// <summary>Where the first field line begins; before it is the status line.</summary>
    public int FieldsStart { get; private set; }

    public bool IsVersion10 { get; private set; }

    /// <summary>Whether it only announces the final one; 101 is final.</summary>
    public bool IsInterim => Status is >= 100 and < 200 and not 101;

    /// <summary>Whether the connection may be used again.</summary>
    public bool KeepsAlive => !Fields.Closes && (!IsVersion10 || Fields.KeepsAlive);

    /// <summary>How the body ends (RFC 9112 §6.3).</summary>
    public BodyKind BodyFor(bool isHeadRequest) =>
        isHeadRequest || Status is 204 or 304 || Status < 200 ? BodyKind.None
        : Fields.IsChunked ? BodyKind.Chunked
        : !Fields.HasLength ? BodyKind.UntilClose
        : Fields.Length == 0 ? BodyKind.None : BodyKind.Length;

    /// <summary>Reads a head if it is whole.</summary>
    /// <param name="input">What came so far.</param>
    /// <param name="isBad">Whether it is none.</param>
    /// <returns>True when it was read or refused; false when more must come.</returns>
    public bool TryRead(ReadOnlySpan<byte> input, out bool isBad)
    {
        var end = input.IndexOf("\r\n\r\n"u8);
        if (end < 0 || end + 4 > HeadLimits.MaxHead)
        {
            isBad = input.Length >= HeadLimits.MaxHead || !MayBegin(input) || MessageHead.HasBareLineFeed(input);
            return isBad;
        }

        HeadLength = end + 4;
        isBad = !ReadLine(input[..HeadLength]) || Fields.Read(input[..HeadLength], FieldsStart) is not null || (IsVersion10 && Fields.IsChunked);
        return true;
    }

    private static bool MayBegin(ReadOnlySpan<byte> input) =>
        input.Length < VersionLength ? "HTTP/1.1"u8.StartsWith(input) || "HTTP/1.0"u8.StartsWith(input) : input.StartsWith("HTTP/1."u8);

    private bool ReadLine(ReadOnlySpan<byte> head)
    {
        var length = head.IndexOf((byte)'\n');
        if (length < VersionLength + 5 || head[length - 1] != '\r')
        {
            return false;
        }

        var line = head[..(length - 1)];
        IsVersion10 = line.StartsWith("HTTP/1.0 "u8);
        var digits = line.Slice(VersionLength + 1, 3);
        if ((!IsVersion10 && !line.StartsWith("HTTP/1.1 "u8)) || digits.ContainsAnyExceptInRange((byte)'0', (byte)'9')
            || (line.Length > VersionLength + 4 && line[VersionLength + 4] != ' ') || line[VersionLength..].ContainsAny(NotInReasons))
        {
            return false;
        }

        Status = ((digits[0] - '0') * 100) + ((digits[1] - '0') * 10) + (digits[2] - '0');
        FieldsStart = length + 1;
        return Status is >= 100 and < 600;
    }
}

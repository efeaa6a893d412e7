using System.Globalization;
using System.Text;
using Gtc.Proxy.Http;

namespace Gtc.Proxy.Forwarding;

/// <summary>Puts a head together in a buffer that is large enough for any.</summary>
internal ref struct HeadWriter(Span<byte> buffer)
{
    private readonly Span<byte> _buffer = buffer;
    private int _length;

    /// <summary>What was written.</summary>
    public readonly ReadOnlySpan<byte> Written => _buffer[.._length];

    /// <summary>The head of a request as a backend gets it (RFC 9110 §7.6).</summary>
    public static ReadOnlySpan<byte> Request(Span<byte> buffer, RequestHead head, ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> peer, bool isTrusted, Backend backend)
    {
        var writer = new HeadWriter(buffer);
        writer.Add(bytes[..head.MethodLength]);
        // An absolute target without a path asks OPTIONS of the whole server (RFC 9112 §3.2.4).
        writer.Add(head.PathLength == 0 && bytes[..head.MethodLength].SequenceEqual("OPTIONS"u8) ? " *"u8
            : head.PathLength == 0 || bytes[head.PathStart] == '?' ? " /"u8 : " "u8);
        writer.Add(bytes.Slice(head.PathStart, head.PathLength));
        writer.Add(" HTTP/1.1\r\nHost: "u8);
        var host = bytes.Slice(head.HostStart, head.HostLength);
        if (head.HostLength == 0)
        {
            writer.Add(backend.EndPoint.ToString());
        }
        else
        {
            writer.Add(host);
        }

        writer.Add("\r\n"u8);
        var isForwarding = writer.AddFields(head, bytes, isTrusted);
        writer.Add("X-Forwarded-For: "u8);
        foreach (var field in head.Fields.Fields)
        {
            // Several lines are one list (RFC 9110 §5.3).
            if (isTrusted && field is { Kind: FieldKind.ForwardedFor, ValueLength: > 0 })
            {
                writer.Add(bytes.Slice(field.ValueStart, field.ValueLength));
                writer.Add(", "u8);
            }
        }

        writer.Add(peer);
        if (!isForwarding)
        {
            writer.Add("\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: "u8);
            writer.Add(host);
        }

        writer.Add("\r\nVia: 1.1 gtc\r\n"u8);
        writer.Add((head.Upgrades, head.Fields.TakesTrailers) switch
        {
            (true, true) => "TE: trailers\r\nConnection: upgrade, TE\r\n\r\n"u8,
            (true, false) => "Connection: upgrade\r\n\r\n"u8,
            (false, true) => "TE: trailers\r\nConnection: TE\r\n\r\n"u8,
            _ => "\r\n"u8,
        });
        return writer.Written;
    }

    /// <summary>The head of a response as a client gets it.</summary>
    public static ReadOnlySpan<byte> Response(Span<byte> buffer, ResponseHead head, ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> added, ResponseFraming framing)
    {
        var writer = new HeadWriter(buffer);
        writer.Add("HTTP/1.1"u8);
        writer.Add(bytes[8..head.FieldsStart]);

        // These have no body and may not say that they have (RFC 9110 §8.6, RFC 9112 §6.1).
        var isBodiless = head.Status is < 200 or 204;
        foreach (var field in head.Fields.Fields)
        {
            if (field.Kind is FieldKind.Connection or FieldKind.HopByHop or FieldKind.Te
                || (isBodiless && field.Kind is FieldKind.ContentLength or FieldKind.TransferEncoding)
                || (field.Kind == FieldKind.TransferEncoding && framing != ResponseFraming.AsSent && framing != ResponseFraming.AsSentThenClose)
                || (field.Kind == FieldKind.Upgrade && framing != ResponseFraming.Tunnel))
            {
                continue;
            }

            writer.Add(bytes[field.Start..field.End]);
        }

        writer.Add(added);
        writer.Add(framing switch
        {
            ResponseFraming.Tunnel => "Connection: upgrade\r\n\r\n"u8,
            ResponseFraming.AsSentThenClose or ResponseFraming.ContentThenClose => "Connection: close\r\n\r\n"u8,
            ResponseFraming.AsSentKeepAlive => "Connection: keep-alive\r\n\r\n"u8,
            _ => "\r\n"u8,
        });
        return writer.Written;
    }

    /// <summary>A response of the proxy's own.</summary>
    public static ReadOnlySpan<byte> Own(Span<byte> buffer, int status, int length, ReadOnlySpan<byte> contentType, ReadOnlySpan<byte> added, bool closes)
    {
        var writer = new HeadWriter(buffer);
        writer.Add("HTTP/1.1 "u8);
        writer.Add(status);
        writer.Add(" "u8);
        writer.Add(Reasons.Of(status));
        writer.Add("\r\nContent-Type: "u8);
        writer.Add(contentType.IsEmpty ? "text/plain; charset=utf-8"u8 : contentType);
        writer.Add("\r\nContent-Length: "u8);
        writer.Add(length);
        writer.Add(closes ? "\r\nConnection: close\r\n"u8 : "\r\n"u8);
        writer.Add(added);
        writer.Add("\r\n"u8);
        return writer.Written;
    }

    /// <summary>Adds the fields that go on; those that stand side by side in one piece.</summary>
    /// <returns>Whether forwarding fields of a trusted peer are among them.</returns>
    private bool AddFields(RequestHead head, ReadOnlySpan<byte> bytes, bool isTrusted)
    {
        var isForwarding = false;
        var from = 0;
        var to = 0;
        foreach (var field in head.Fields.Fields)
        {
            var goesOn = field.Kind switch
            {
                FieldKind.Other or FieldKind.ContentLength or FieldKind.TransferEncoding or FieldKind.Expect => true,
                FieldKind.Upgrade => head.Upgrades,
                FieldKind.Forwarding => isTrusted,
                _ => false,
            };
            isForwarding |= goesOn && field.Kind == FieldKind.Forwarding;
            if (!goesOn)
            {
                continue;
            }

            if (field.Start != to)
            {
                Add(bytes[from..to]);
                from = field.Start;
            }

            to = field.End;
        }

        Add(bytes[from..to]);
        return isForwarding;
    }

    private void Add(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_buffer[_length..]);
        _length += bytes.Length;
    }

    private void Add(string ascii) => _length += Encoding.ASCII.GetBytes(ascii, _buffer[_length..]);

    private void Add(int number)
    {
        _ = number.TryFormat(_buffer[_length..], out var written, default, CultureInfo.InvariantCulture);
        _length += written;
    }
}

/// <summary>How a response is framed for the client.</summary>
internal enum ResponseFraming : byte
{
    /// <summary>As the backend framed it.</summary>
    AsSent,

    /// <summary>As the backend framed it, for an HTTP/1.0 client that asked to keep the connection.</summary>
    AsSentKeepAlive,

    /// <summary>As the backend framed it; the connection ends behind it.</summary>
    AsSentThenClose,

    /// <summary>Without the chunks that an HTTP/1.0 client does not know; the connection ends behind it.</summary>
    ContentThenClose,

    /// <summary>Another protocol follows.</summary>
    Tunnel,
}

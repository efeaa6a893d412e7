using System.Net;
using System.Text;
using Gtc.Proxy.Http;

namespace Gtc.Proxy.Http2.Forwarding;

/// <summary>A request as a backend gets it (RFC 9110 §7.6), the same as the HTTP/1.1 data path sends it.</summary>
internal static class RequestMessage
{
    private static readonly UriCreationOptions AsSent = new() { DangerousDisablePathAndQueryCanonicalization = true };

    /// <param name="text">The head.</param>
    /// <param name="content">The body, or null.</param>
    /// <param name="backend">Whom it is for.</param>
    /// <param name="hop">What this hop adds, or null when it is in the head already.</param>
    public static HttpRequestMessage Of(RequestText text, HttpContent? content, Backend backend, Hop? hop)
    {
        var head = text.Read();
        var bytes = text.Bytes;
        var host = Text(bytes.Slice(head.HostStart, head.HostLength));
        var path = Text(bytes.Slice(head.PathStart, head.PathLength));
        var isHttp2 = backend.Protocol == BackendProtocol.Http2;
        var message = new HttpRequestMessage(new HttpMethod(Text(bytes[..head.MethodLength])), new Uri($"http://{backend.EndPoint}{(path.StartsWith('/') ? "" : "/")}{path}", AsSent))
        {
            Version = isHttp2 ? HttpVersion.Version20 : HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        message.Headers.Host = host.Length == 0 ? null : host;
        var isForwarding = AddFields(message, head, bytes, hop);
        if (hop is not null)
        {
            Add(message, "X-Forwarded-For", hop.IsTrusted && ForwardedFor(head, bytes) is { Length: > 0 } before ? $"{before}, {hop.Peer}" : hop.Peer);
            if (!isForwarding)
            {
                Add(message, "X-Forwarded-Proto", "http");
                Add(message, "X-Forwarded-Host", host);
            }

            Add(message, "Via", hop.Via);
        }

        if (head.Fields.TakesTrailers)
        {
            Add(message, "TE", "trailers");
            if (!isHttp2)
            {
                Add(message, "Connection", "TE");
            }
        }

        return message;
    }

    /// <returns>Whether forwarding fields are among those that went on.</returns>
    private static bool AddFields(HttpRequestMessage message, RequestHead head, ReadOnlySpan<byte> bytes, Hop? hop)
    {
        var isForwarding = false;
        foreach (var field in head.Fields.Fields)
        {
            var goesOn = field.Kind switch
            {
                FieldKind.Other or FieldKind.Expect => true,
                FieldKind.Forwarding => hop is null or { IsTrusted: true },
                FieldKind.ForwardedFor => hop is null,
                _ => false,
            };
            isForwarding |= goesOn && field.Kind == FieldKind.Forwarding;
            if (goesOn)
            {
                Add(message, Text(bytes.Slice(field.Start, field.NameLength)), Text(bytes.Slice(field.ValueStart, field.ValueLength)));
            }
        }

        return isForwarding;
    }

    /// <summary>Several lines are one list (RFC 9110 §5.3).</summary>
    private static string ForwardedFor(RequestHead head, ReadOnlySpan<byte> bytes)
    {
        var list = new StringBuilder();
        foreach (var field in head.Fields.Fields)
        {
            if (field is { Kind: FieldKind.ForwardedFor, ValueLength: > 0 })
            {
                list.Append(list.Length == 0 ? "" : ", ").Append(Text(bytes.Slice(field.ValueStart, field.ValueLength)));
            }
        }

        return list.ToString();
    }

    private static void Add(HttpRequestMessage message, string name, string value)
    {
        if (!message.Headers.TryAddWithoutValidation(name, value))
        {
            // Those of a body stand with the body, and are not lost when there is none.
            message.Content ??= new ByteArrayContent([]);
            message.Content.Headers.TryAddWithoutValidation(name, value);
        }
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);

    /// <summary>What a hop tells about itself and the one before.</summary>
    /// <param name="Peer">The address of the peer.</param>
    /// <param name="IsTrusted">Whether the peer's forwarding fields are believed.</param>
    /// <param name="Via">The version that the peer speaks, and who this is.</param>
    internal sealed record Hop(string Peer, bool IsTrusted, string Via);
}

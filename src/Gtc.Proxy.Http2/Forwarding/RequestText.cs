using System.Buffers;
using System.Text;
using Gtc.Proxy.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Gtc.Proxy.Http2.Forwarding;

/// <summary>
/// A request's head in the form of HTTP/1.1, whatever it came as: it is read by the same strict rules and shown to the policy the same way, so that
/// no version of HTTP can say what another one must not.
/// </summary>
internal sealed class RequestText : IDisposable
{
    // A head is used without waiting in between, so that one per thread will do.
    [ThreadStatic]
    private static RequestHead? _head;

    private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(HeadLimits.MaxHead);
    private readonly PeerAddress _peer;
    private int _length;

    public RequestText(HttpRequest request, PeerAddress peer)
    {
        _peer = peer;
        var isWhole = Add(request.Method) && Add(" ") && Add(request.HttpContext.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget)
            && Add(HttpProtocol.IsHttp10(request.Protocol) ? " HTTP/1.0\r\n" : " HTTP/1.1\r\n");
        foreach (var (name, values) in request.Headers)
        {
            foreach (var value in values)
            {
                isWhole = isWhole && Add(name) && Add(": ") && Add(value ?? "") && Add("\r\n");
            }
        }

        Fault = !isWhole || !Add("\r\n") ? HeadFault.FieldsTooLarge
            : Head.TryRead(Bytes, out var fault) ? fault : HeadFault.Malformed;
    }

    /// <summary>Why it is refused, or null.</summary>
    public HeadFault? Fault { get; }

    /// <summary>The bytes.</summary>
    public ReadOnlySpan<byte> Bytes => _buffer.AsSpan(0, _length);

    private static RequestHead Head => _head ??= new RequestHead();

    /// <summary>The places of its parts in <see cref="Bytes"/>; valid until the next one is read on this thread.</summary>
    public RequestHead Read()
    {
        _ = Head.TryRead(Bytes, out _);
        return Head;
    }

    /// <summary>Asks a policy where it goes.</summary>
    public void Choose(ProxyPolicy policy, ref Choice choice) => policy.Choose(new RequestView(Read(), Bytes, _peer), ref choice);

    /// <inheritdoc/>
    public void Dispose() => ArrayPool<byte>.Shared.Return(_buffer);

    private bool Add(string text)
    {
        if (!Encoding.Latin1.TryGetBytes(text, _buffer.AsSpan(_length, HeadLimits.MaxHead - _length), out var written))
        {
            return false;
        }

        _length += written;
        return true;
    }
}

using Gtc.Proxy.Http;

namespace Gtc.Proxy.Forwarding;

/// <summary>Understands a backend's answer and sends it to the client.</summary>
internal sealed partial class ClientConnection
{
    private static readonly byte[] NotHttp = "the backend's answer is not well-formed HTTP/1.1"u8.ToArray();

    /// <summary>Sends as much of an answer as is in some bytes.</summary>
    /// <returns>How many bytes were used up.</returns>
    private int TakeResponse(ReadOnlySpan<byte> bytes)
    {
        var used = 0;
        while (!_isAnswering)
        {
            var length = TakeResponseHead(bytes[used..], out var isPartial);
            used += length;
            if (isPartial || _phase != Phase.Exchange || _isAnswered)
            {
                return used;
            }
        }

        return used + TakeResponseBody(bytes[used..]);
    }

    private int TakeResponseHead(ReadOnlySpan<byte> bytes, out bool isPartial)
    {
        var head = _worker.Response;
        isPartial = !head.TryRead(bytes, out var isBad);
        if (isPartial)
        {
            return 0;
        }

        if (isBad || (head.Status == 101 && !_isUpgrade))
        {
            Disbelieve();
            isPartial = true;
            return 0;
        }

        if (head.IsInterim)
        {
            if (++_interim > HeadLimits.MaxInterim)
            {
                Disbelieve();
                isPartial = true;
                return 0;
            }

            // HTTP/1.0 does not know interim answers (RFC 9110 §15.2).
            if (!_isVersion10)
            {
                Write(HeadWriter.Response(Loop.HeadScratch, head, bytes, [], ResponseFraming.AsSent), []);
            }

            return head.HeadLength;
        }

        _status = head.Status;
        if (head.Status == 101)
        {
            BeginTunnel(head, bytes);
            return head.HeadLength;
        }

        return BeginAnswer(head, bytes);
    }

    private void Disbelieve()
    {
        _backend!.Failed(Loop.Now, _worker.Options);
        FailWith(502, NotHttp);
    }

    /// <summary>Sends head and as much of the body as came with it in one piece.</summary>
    private int BeginAnswer(ResponseHead head, ReadOnlySpan<byte> bytes)
    {
        _isAnswering = true;
        _request.Clear(Loop.Buffers);
        var kind = head.BodyFor(_isHeadRequest);
        _responseBody = BodyReader.Of(kind, head.Fields.Length);
        _isReusable = head.KeepsAlive && kind != BodyKind.UntilClose;
        _removesChunks = kind == BodyKind.Chunked && _isVersion10;
        _closesAfter |= kind == BodyKind.UntilClose || _removesChunks || _worker.IsDraining || !_requestBody.IsDone;
        var framing = _removesChunks ? ResponseFraming.ContentThenClose
            : _closesAfter ? ResponseFraming.AsSentThenClose
            : _isVersion10 ? ResponseFraming.AsSentKeepAlive : ResponseFraming.AsSent;
        var built = HeadWriter.Response(Loop.HeadScratch, head, bytes, _responseFields.Span, framing);
        if (_removesChunks)
        {
            Write(built, []);
            return head.HeadLength;
        }

        var body = bytes[head.HeadLength..];
        var taken = _responseBody.Take(body);
        Write(built, body[..taken]);
        Count(taken);
        return head.HeadLength + taken;
    }

    private int TakeResponseBody(ReadOnlySpan<byte> bytes)
    {
        if (!_removesChunks)
        {
            var taken = _isAnswered || bytes.IsEmpty ? 0 : _responseBody.Take(bytes);
            Write(bytes[..taken], []);
            Count(taken);
            return taken;
        }

        var used = 0;
        while (used < bytes.Length && !_responseBody.IsDone && !_responseBody.IsBroken)
        {
            used += _responseBody.TakeContent(bytes[used..], out var content);
            Write(content, []);
        }

        Count(used);
        return used;
    }

    private void Count(int taken)
    {
        _bytesOut += taken;
        _isAnswered = _responseBody.IsDone;
    }
}

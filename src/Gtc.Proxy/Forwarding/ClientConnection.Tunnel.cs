using System.Text;
using Gtc.Proxy.Http;

namespace Gtc.Proxy.Forwarding;

/// <summary>After 101 both peers speak another protocol: bytes are passed in both directions until both have ended.</summary>
internal sealed partial class ClientConnection
{
    // A close frame of RFC 6455 §5.5.1 with the code 1012, service restart.
    private static readonly byte[] CloseFrame = [0x88, 0x02, 0x03, 0xf4];

    private WebSocketFrames _frames;
    private bool _isWebSocket;
    private bool _isClosingTunnel;
    private bool _isCloseSent;
    private bool _isUpstreamEnded;
    private bool _isClientEnded;

    /// <summary>Whether it is a tunnel to a backend.</summary>
    public bool IsTunnelTo(Backend backend) => _phase == Phase.Tunnel && _backend == backend;

    /// <summary>Ends the tunnel: a WebSocket between two of its frames, with a close frame, anything else at once.</summary>
    public void CloseTunnel()
    {
        if (_phase != Phase.Tunnel || _isClosingTunnel)
        {
            return;
        }

        _isClosingTunnel = true;
        if (!_isWebSocket)
        {
            Abort();
            return;
        }

        _worker.LingerTime.Set(this, Loop.Now);
        SendCloseFrame();
        PumpTunnel();
    }

    private void BeginTunnel(ResponseHead head, ReadOnlySpan<byte> bytes)
    {
        foreach (var field in head.Fields.Fields)
        {
            _isWebSocket |= field.Kind == FieldKind.Upgrade && Ascii.EqualsIgnoreCase(bytes.Slice(field.ValueStart, field.ValueLength), "websocket"u8);
        }

        _phase = Phase.Tunnel;
        _request.Clear(Loop.Buffers);
        Write(HeadWriter.Response(Loop.HeadScratch, head, bytes, _responseFields.Span, ResponseFraming.Tunnel), []);
        _worker.TunnelTime.Set(this, Loop.Now);
    }

    private void PumpTunnel()
    {
        if (IsLost || (!_isWebSocket && _upstream is { IsLost: true }))
        {
            Abort();
            return;
        }

        PumpUp();
        PumpDown();
        EndWithUpstream();
        if (_phase != Phase.Tunnel)
        {
            return;
        }

        if (_isCloseSent && _isClientEnded && IsFlushed)
        {
            EndTunnel();
        }
        else if (_isClientEnded && _isUpstreamEnded && IsFlushed && _upstream!.IsFlushed)
        {
            EndTunnel();
        }
    }

    /// <summary>
    /// A WebSocket whose backend is gone: the client is told, and what it still sends goes nowhere. It has a moment to hear of it and to end, which a
    /// reset would not leave it.
    /// </summary>
    private void EndWithUpstream()
    {
        if (_phase != Phase.Tunnel || !_isWebSocket || _isClosingTunnel || !(_isUpstreamEnded || _upstream is { IsLost: true }))
        {
            return;
        }

        if (!_isUpstreamEnded)
        {
            OnUpstreamSilent();
        }

        _isClosingTunnel = true;
        _worker.LingerTime.Set(this, Loop.Now);
    }

    private void OnUpstreamSilent()
    {
        _isUpstreamEnded = true;
        SayGoodbye();
        EndOutput();
    }

    private void EndTunnel()
    {
        _backend!.Answered();
        Report(isComplete: true);
        _upstream!.Close(resets: false);
        _upstream = null;
        Close(resets: false);
    }

    private void PumpUp()
    {
        var turn = 0;
        while (_phase == Phase.Tunnel && _upstream is { IsFlushed: true } upstream && !_isClientEnded)
        {
            if (HasInput)
            {
                _bytesIn += Input.Length;
                upstream.Write(Input.Bytes, []);
                Input.Skip(Input.Length, Loop.Buffers);
            }
            else if (!IsReadable)
            {
                return;
            }
            else if (turn > BytesPerTurn)
            {
                Loop.Queue(this);
                return;
            }
            else
            {
                var read = Receive(Loop.Scratch);
                if (read == Native.Sockets.MustWait)
                {
                    return;
                }

                if (read <= 0)
                {
                    _isClientEnded = true;
                    upstream.EndSending();
                    return;
                }

                turn += read;
                _bytesIn += read;
                upstream.Write(Loop.Scratch.AsSpan(0, read), []);
            }

            KeepOpen();
        }
    }

    private void PumpDown()
    {
        var turn = 0;
        while (_phase == Phase.Tunnel && _upstream is { } upstream && IsFlushed && !_isUpstreamEnded)
        {
            if (upstream.HasInput)
            {
                var length = upstream.Unused.Length;
                PassDown(upstream.Unused);
                upstream.Use(length);
            }
            else if (!upstream.IsReadable)
            {
                return;
            }
            else if (turn > BytesPerTurn)
            {
                Loop.Queue(upstream);
                return;
            }
            else
            {
                var read = upstream.Receive(Loop.Scratch);
                if (read == Native.Sockets.MustWait)
                {
                    return;
                }

                if (read <= 0)
                {
                    OnUpstreamSilent();
                    return;
                }

                turn += read;
                PassDown(Loop.Scratch.AsSpan(0, read));
            }

            KeepOpen();
        }
    }

    /// <summary>A WebSocket whose backend ended without a close frame gets one, so that its client knows to come again.</summary>
    private void SayGoodbye()
    {
        if (_isWebSocket && !_frames.IsCloseSeen)
        {
            SendCloseFrame();
        }
    }

    private void PassDown(ReadOnlySpan<byte> bytes)
    {
        _bytesOut += bytes.Length;
        if (!_isWebSocket)
        {
            Write(bytes, []);
            return;
        }

        if (_isCloseSent)
        {
            return;
        }

        var whole = _frames.Take(bytes, stopsAtBoundary: _isClosingTunnel);
        Write(bytes[..whole], []);
        if (_isClosingTunnel)
        {
            SendCloseFrame();
        }
    }

    private void SendCloseFrame()
    {
        if (_isWebSocket && !_isCloseSent && _frames.IsAtBoundary)
        {
            _isCloseSent = true;
            Write(_frames.IsCloseSeen ? [] : CloseFrame, []);
        }
    }

    private void KeepOpen()
    {
        if (!_isClosingTunnel)
        {
            _worker.TunnelTime.Set(this, Loop.Now);
        }
    }
}

namespace Gtc.Proxy.Http;

/// <summary>Follows the frames of a WebSocket's one direction (RFC 6455 §5.2), to know where one ends and the next begins.</summary>
internal struct WebSocketFrames
{
    private const int CloseOpcode = 8;

    private long _left;
    private int _headerLength;
    private int _headerNeeded;
    private byte _lengthCode;
    private ulong _length;

    /// <summary>Whether the last frame ended and no other has begun.</summary>
    public readonly bool IsAtBoundary => _left == 0 && _headerLength == 0;

    /// <summary>Whether a close frame went by.</summary>
    public bool IsCloseSeen { get; private set; }

    /// <summary>Follows bytes.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="stopsAtBoundary">Whether to go no further than the end of the frame that has begun.</param>
    /// <returns>How many bytes were followed.</returns>
    public int Take(ReadOnlySpan<byte> bytes, bool stopsAtBoundary)
    {
        var at = 0;
        while (at < bytes.Length && !(stopsAtBoundary && IsAtBoundary))
        {
            if (_left > 0)
            {
                var length = (int)Math.Min(_left, bytes.Length - at);
                _left -= length;
                at += length;
                continue;
            }

            TakeHeader(bytes[at]);
            at++;
        }

        return at;
    }

    private void TakeHeader(byte next)
    {
        switch (_headerLength)
        {
            case 0:
                IsCloseSeen |= (next & 0x0f) == CloseOpcode;
                (_length, _headerNeeded) = (0, 2);
                break;
            case 1:
                _lengthCode = (byte)(next & 0x7f);
                _headerNeeded = 2 + (_lengthCode switch { 126 => 2, 127 => 8, _ => 0 }) + ((next & 0x80) != 0 ? 4 : 0);
                _length = _lengthCode < 126 ? _lengthCode : 0ul;
                break;
            default:
                var lengthBytes = _lengthCode switch { 126 => 2, 127 => 8, _ => 0 };
                if (_headerLength < 2 + lengthBytes)
                {
                    _length = (_length << 8) | next;
                }

                break;
        }

        _headerLength++;
        if (_headerLength == _headerNeeded)
        {
            _headerLength = 0;
            _left = (long)Math.Min(_length, long.MaxValue);
        }
    }
}

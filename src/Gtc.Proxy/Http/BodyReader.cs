namespace Gtc.Proxy.Http;

/// <summary>Follows a body to its end without keeping any of it. Chunks are read strictly (RFC 9112 §7.1).</summary>
internal struct BodyReader
{
    private const int MaxSizeDigits = 15;
    private const int MaxExtension = 256;

    private enum Step : byte
    {
        Size,
        Extension,
        SizeLineFeed,
        Content,
        ContentReturn,
        ContentLineFeed,
        Trailer,
        TrailerReturn,
    }

    private BodyKind _kind;
    private Step _step;
    private bool _isLineEmpty;
    private bool _hasDigit;
    private int _line;
    private int _trailers;
    private long _left;

    /// <summary>Whether all of it was seen.</summary>
    public bool IsDone { get; private set; }

    /// <summary>Whether it broke its own framing.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Whether only the end of the connection ends it.</summary>
    public readonly bool EndsWithConnection => _kind == BodyKind.UntilClose;

    /// <summary>Begins a body.</summary>
    public static BodyReader Of(BodyKind kind, long length) => new() { _kind = kind, _left = length, IsDone = kind == BodyKind.None, _isLineEmpty = true };

    /// <summary>Says how many of the bytes are this body's, framing included, and moves on by them.</summary>
    public int Take(ReadOnlySpan<byte> input)
    {
        switch (_kind)
        {
            case BodyKind.Length:
                var length = (int)Math.Min(_left, input.Length);
                _left -= length;
                IsDone = _left == 0;
                return length;
            case BodyKind.UntilClose:
                return input.Length;
            case BodyKind.Chunked:
                var at = 0;
                while (at < input.Length && !IsDone && !IsBroken)
                {
                    at += NextPart(input[at..], out _);
                }

                return at;
            default:
                return 0;
        }
    }

    /// <summary>As <see cref="Take"/>, but at most to the end of one piece of content.</summary>
    /// <param name="input">What came.</param>
    /// <param name="content">The content without any framing; may be empty.</param>
    public int TakeContent(ReadOnlySpan<byte> input, out ReadOnlySpan<byte> content)
    {
        if (_kind == BodyKind.Chunked)
        {
            content = [];
            var at = 0;
            while (at < input.Length && content.IsEmpty && !IsDone && !IsBroken)
            {
                at += NextPart(input[at..], out content);
            }

            return at;
        }

        var taken = Take(input);
        content = input[..taken];
        return taken;
    }

    private int NextPart(ReadOnlySpan<byte> input, out ReadOnlySpan<byte> content)
    {
        content = [];
        if (_step == Step.Content)
        {
            var length = (int)Math.Min(_left, input.Length);
            content = input[..length];
            _left -= length;
            _step = _left == 0 ? Step.ContentReturn : Step.Content;
            return length;
        }

        NextByte(input[0]);
        return 1;
    }

    private void NextByte(byte next)
    {
        switch (_step)
        {
            case Step.Size:
                ReadSize(next);
                return;
            case Step.Extension when next == '\r':
                _step = Step.SizeLineFeed;
                return;
            case Step.Extension:
                IsBroken |= ++_line > MaxExtension || (next < ' ' && next != '\t') || next == 0x7f;
                return;
            case Step.SizeLineFeed:
                IsBroken |= next != '\n';
                _step = _left == 0 ? Step.Trailer : Step.Content;
                return;
            case Step.ContentReturn:
                IsBroken |= next != '\r';
                _step = Step.ContentLineFeed;
                return;
            case Step.ContentLineFeed:
                IsBroken |= next != '\n';
                (_step, _left, _line, _hasDigit) = (Step.Size, 0, 0, false);
                return;
            case Step.Trailer when next == '\r':
                _step = Step.TrailerReturn;
                return;
            case Step.Trailer:
                _isLineEmpty = false;
                IsBroken |= ++_trailers > HeadLimits.MaxTrailers || (next < ' ' && next != '\t') || next == 0x7f;
                return;
            default:
                IsBroken |= next != '\n';
                IsDone = _isLineEmpty && !IsBroken;
                (_step, _isLineEmpty) = (Step.Trailer, true);
                return;
        }
    }

    private void ReadSize(byte next)
    {
        if (char.IsAsciiHexDigit((char)next))
        {
            IsBroken |= ++_line > MaxSizeDigits;
            _left = (_left << 4) | (uint)HexValue(next);
            _hasDigit = true;
            return;
        }

        _step = next switch
        {
            (byte)'\r' => Step.SizeLineFeed,
            (byte)';' => Step.Extension,
            _ => Step.Size,
        };
        IsBroken |= !_hasDigit || (next != '\r' && next != ';');
        _line = 0;
    }

    private static int HexValue(byte digit) => digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;
}

namespace Gtc.EnvPacks;

/// <summary>Reads lines of bytes with a bound on each.</summary>
/// <param name="stream">Where they come from.</param>
/// <param name="most">The most bytes of a line, without its end.</param>
internal sealed class BoundedLines(Stream stream, int most)
{
    private readonly byte[] _buffer = new byte[most + 1];
    private int _length;
    private int _consumed;

    /// <summary>The next line without its end; null at the end of the stream.</summary>
    /// <exception cref="InvalidDataException">It is too long.</exception>
    public async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(CancellationToken cancellationToken)
    {
        _buffer.AsSpan(_consumed, _length - _consumed).CopyTo(_buffer);
        _length -= _consumed;
        _consumed = 0;
        var seen = 0;
        while (true)
        {
            var end = _buffer.AsSpan(seen, _length - seen).IndexOf((byte)'\n');
            if (end >= 0)
            {
                _consumed = seen + end + 1;
                return _buffer.AsMemory(0, seen + end);
            }

            seen = _length;
            if (_length > most)
            {
                throw new InvalidDataException($"a line has more than {most} bytes");
            }

            var read = await stream.ReadAsync(_buffer.AsMemory(_length), cancellationToken);
            if (read == 0)
            {
                return null;
            }

            _length += read;
        }
    }
}

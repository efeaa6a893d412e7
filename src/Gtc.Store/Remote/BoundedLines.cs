using System.Text;

namespace Gtc.Store;

/// <summary>Reads lines of a stream of events, none of which may be longer than a bound: a reader of the base library would grow with what it is sent.</summary>
/// <param name="stream">The stream; disposed with this.</param>
internal sealed class BoundedLines(Stream stream) : IDisposable
{
    private const int MaxLine = 4096;

    private readonly byte[] _buffer = new byte[MaxLine];
    private int _begin;
    private int _end;

    /// <summary>The next line without its end; null at the end of the stream.</summary>
    /// <exception cref="IOException">The line is too long.</exception>
    public async ValueTask<string?> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var length = _buffer.AsSpan(_begin, _end - _begin).IndexOf((byte)'\n');
            if (length >= 0)
            {
                var line = Encoding.UTF8.GetString(_buffer, _begin, length);
                _begin += length + 1;
                return line.TrimEnd('\r');
            }

            if (_begin > 0)
            {
                _buffer.AsSpan(_begin, _end - _begin).CopyTo(_buffer);
                (_begin, _end) = (0, _end - _begin);
            }

            if (_end == _buffer.Length)
            {
                throw new IOException($"a line is longer than {MaxLine} bytes");
            }

            var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
            if (read == 0)
            {
                return null;
            }

            _end += read;
        }
    }

    public void Dispose() => stream.Dispose();
}

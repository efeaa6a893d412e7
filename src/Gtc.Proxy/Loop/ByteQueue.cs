namespace Gtc.Proxy.Loop;

/// <summary>Bytes that wait, in order. It holds no buffer while it is empty.</summary>
internal struct ByteQueue
{
    private byte[]? _buffer;
    private int _start;
    private int _end;

    /// <summary>How many bytes wait.</summary>
    public readonly int Length => _end - _start;

    /// <summary>Whether nothing waits.</summary>
    public readonly bool IsEmpty => _start == _end;

    /// <summary>What waits.</summary>
    public readonly ReadOnlySpan<byte> Bytes => _buffer.AsSpan(_start, Length);

    /// <summary>Puts bytes behind those that wait.</summary>
    public void Append(ReadOnlySpan<byte> bytes, BufferPool pool)
    {
        if (bytes.IsEmpty)
        {
            return;
        }

        bytes.CopyTo(Room(bytes.Length, pool));
        _end += bytes.Length;
    }

    /// <summary>Room for so many more bytes behind those that wait; what is written there counts after <see cref="Advance"/>.</summary>
    public Span<byte> Room(int length, BufferPool pool)
    {
        if (_buffer is null)
        {
            _buffer = pool.Rent(length);
        }
        else if (_buffer.Length - _end < length)
        {
            MakeRoom(length, pool);
        }

        return _buffer.AsSpan(_end);
    }

    /// <summary>Counts bytes that were written into the room.</summary>
    public void Advance(int length) => _end += length;

    /// <summary>Takes bytes from the front.</summary>
    public void Skip(int length, BufferPool pool)
    {
        _start += length;
        if (IsEmpty)
        {
            Clear(pool);
        }
    }

    /// <summary>Forgets everything and gives the buffer back.</summary>
    public void Clear(BufferPool pool)
    {
        if (_buffer is { } buffer)
        {
            _buffer = null;
            pool.Return(buffer);
        }

        _start = 0;
        _end = 0;
    }

    private void MakeRoom(int length, BufferPool pool)
    {
        var buffer = _buffer!;
        var waiting = Length;
        var target = waiting + length <= buffer.Length ? buffer : pool.Rent(waiting + length);
        buffer.AsSpan(_start, waiting).CopyTo(target);
        if (target != buffer)
        {
            pool.Return(buffer);
            _buffer = target;
        }

        (_start, _end) = (0, waiting);
    }
}

namespace Gtc.Store;

/// <summary>Decrypts what is read from it; nothing of a chunk is given out before all of it is known to be right.</summary>
internal sealed class UnsealingStream : OneWayStream
{
    private readonly Stream _input;
    private readonly SealCipher _cipher;
    private readonly byte[] _sealed = new byte[SealCipher.ChunkLength + SealCipher.TagLength + 1];
    private readonly byte[] _chunk = new byte[SealCipher.ChunkLength];
    private int _ahead;
    private int _start;
    private int _end;
    private bool _isOver;
    private bool _isBegun;

    private UnsealingStream(Stream input, SealCipher cipher) => (_input, _cipher) = (input, cipher);

    public override bool CanRead => true;

    /// <summary>Reads the head, behind its magic.</summary>
    /// <exception cref="ArchiveFormatException">It cannot be read, or asks for another kind of secret.</exception>
    public static async Task<UnsealingStream> BeginAsync(Stream input, ArchiveKey key, CancellationToken cancellationToken)
    {
        var (head, bytes) = await SealHead.ReadAsync(input, cancellationToken);
        return new UnsealingStream(input, new SealCipher(key, head, bytes));
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_start == _end && !_isOver)
        {
            await NextAsync(cancellationToken);
        }

        var taken = Math.Min(buffer.Length, _end - _start);
        _chunk.AsMemory(_start, taken).CopyTo(buffer);
        _start += taken;
        return taken;
    }

    protected override void Dispose(bool disposing)
    {
        _cipher.Dispose();
        _input.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>Reads one byte more than a chunk has: whether there is one tells whether the chunk is the last.</summary>
    private async Task NextAsync(CancellationToken cancellationToken)
    {
        var length = _ahead + await _input.ReadAtLeastAsync(_sealed.AsMemory(_ahead), _sealed.Length - _ahead, throwOnEndOfStream: false, cancellationToken);
        _isOver = length < _sealed.Length;
        var chunk = _isOver ? length : length - 1;
        if (chunk < SealCipher.TagLength || !_cipher.TryOpen(_sealed.AsSpan(0, chunk), _isOver, _chunk))
        {
            throw new ArchiveFormatException(_isBegun ? "a chunk is not the one that was encrypted there" : "the key is another one, or its start is damaged");
        }

        (_start, _end, _isBegun) = (0, chunk - SealCipher.TagLength, true);
        _ahead = _isOver ? 0 : 1;
        _sealed[0] = _sealed[^1];
    }
}

namespace Gtc.Store;

/// <summary>Encrypts what is written to it. Its end is written by <see cref="FinishAsync"/>; without it, what was written is refused as cut short.</summary>
internal sealed class SealingStream : OneWayStream
{
    private readonly Stream _output;
    private readonly SealCipher _cipher;
    private readonly byte[] _chunk = new byte[SealCipher.ChunkLength];
    private readonly byte[] _sealed = new byte[SealCipher.ChunkLength + SealCipher.TagLength];
    private int _length;

    private SealingStream(Stream output, SealCipher cipher) => (_output, _cipher) = (output, cipher);

    public override bool CanWrite => true;

    /// <summary>Writes the head.</summary>
    public static async Task<SealingStream> BeginAsync(Stream output, ArchiveKey key, RandomSource random, CancellationToken cancellationToken)
    {
        var head = key.NewHead(random);
        var bytes = head.ToBytes();
        await output.WriteAsync(bytes, cancellationToken);
        return new SealingStream(output, new SealCipher(key, head, bytes));
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!buffer.IsEmpty)
        {
            // A full chunk waits for more: only then it is known not to be the last one.
            if (_length == _chunk.Length)
            {
                await PutAsync(isLast: false, cancellationToken);
            }

            var taken = Math.Min(buffer.Length, _chunk.Length - _length);
            buffer[..taken].CopyTo(_chunk.AsMemory(_length));
            _length += taken;
            buffer = buffer[taken..];
        }
    }

    /// <summary>Writes the last chunk.</summary>
    public Task FinishAsync(CancellationToken cancellationToken) => PutAsync(isLast: true, cancellationToken);

    protected override void Dispose(bool disposing)
    {
        _cipher.Dispose();
        base.Dispose(disposing);
    }

    private async Task PutAsync(bool isLast, CancellationToken cancellationToken)
    {
        _cipher.Seal(_chunk.AsSpan(0, _length), isLast, _sealed);
        await _output.WriteAsync(_sealed.AsMemory(0, _length + SealCipher.TagLength), cancellationToken);
        _length = 0;
    }
}

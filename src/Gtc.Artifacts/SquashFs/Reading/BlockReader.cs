using System.Buffers;
using Gtc.Artifacts.SquashFs.Compression;

namespace Gtc.Artifacts.SquashFs.Reading;

/// <summary>Reads and decompresses data blocks into buffers of its own. One per thread.</summary>
internal sealed class BlockReader : IDisposable
{
    /// <summary>Content read and written at once where blocks are smaller than this: 128 KiB.</summary>
    public const int RunBytes = 128 << 10;

    private readonly ImageSource _source;
    private readonly int _blockSize;
    private readonly BlockDecoder _decoder;
    private readonly byte[] _packed;
    private readonly byte[] _content;
    private byte[]? _fragmentContent;
    private Fragment? _fragment;
    private int _fragmentLength;

    public BlockReader(ImageSource source, SquashFsSuperblock superblock)
    {
        _source = source;
        _blockSize = superblock.BlockSize;
        _decoder = BlockDecoder.For(superblock.Compressor);
        _packed = ArrayPool<byte>.Shared.Rent(Math.Max(RunBytes, _blockSize));
        _content = ArrayPool<byte>.Shared.Rent(Math.Max(RunBytes, _blockSize));
    }

    /// <summary>The content of a run, valid until the next call.</summary>
    public ReadOnlySpan<byte> Read(FileContent file, in BlockRun run)
    {
        var content = _content.AsSpan(0, run.Bytes);
        if (run.Count == 1 && file.Blocks[run.First].IsStored)
        {
            _source.Read(run.Position, content);
            return content;
        }

        _source.Read(run.Position, _packed.AsSpan(0, run.PackedBytes));
        var packed = 0;
        var written = 0;
        for (var index = run.First; index < run.First + run.Count; index++)
        {
            var block = content.Slice(written, Math.Min(_blockSize, content.Length - written));
            var length = Unpack(packed, file.Blocks[index], block);
            if (length != block.Length)
            {
                throw ImageFault.Malformed("a data block has a bad content", $"{block.Length} bytes", $"{length} bytes");
            }

            packed += file.Blocks[index].Bytes;
            written += length;
        }

        return content;
    }

    /// <summary>The tail of a file, valid until the next call. The latest fragment is kept: files that share one come in a row.</summary>
    public ReadOnlySpan<byte> ReadTail(FileContent file)
    {
        if (_fragment != file.Fragment)
        {
            _fragment = null;
            _fragmentContent ??= ArrayPool<byte>.Shared.Rent(_blockSize);
            var fragment = file.Fragment!;
            _source.Read(fragment.Position, _packed.AsSpan(0, fragment.Size.Bytes));
            _fragmentLength = Unpack(0, fragment.Size, _fragmentContent.AsSpan(0, _blockSize));
            _fragment = fragment;
        }

        return file.TailOffset + file.TailSize <= _fragmentLength
            ? _fragmentContent.AsSpan(file.TailOffset, file.TailSize)
            : throw ImageFault.Malformed(
                "a file's tail leaves its fragment", $"inside {_fragmentLength} bytes", $"{file.TailSize} bytes at {file.TailOffset}");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _decoder.Dispose();
        ArrayPool<byte>.Shared.Return(_packed);
        ArrayPool<byte>.Shared.Return(_content);
        if (_fragmentContent is not null)
        {
            ArrayPool<byte>.Shared.Return(_fragmentContent);
        }
    }

    private int Unpack(int offset, StoredSize size, Span<byte> destination)
    {
        if (!size.IsStored)
        {
            return _decoder.Decode(_packed, offset, size.Bytes, destination);
        }

        _packed.AsSpan(offset, size.Bytes).CopyTo(destination);
        return size.Bytes;
    }
}

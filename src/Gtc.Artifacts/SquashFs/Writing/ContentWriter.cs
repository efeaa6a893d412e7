using System.Buffers.Binary;

namespace Gtc.Artifacts.SquashFs.Writing;

/// <summary>Writes file content: files below the block size share fragments, the others are cut into blocks.</summary>
internal sealed class ContentWriter(BlockPipeline pipeline)
{
    private const int FragmentEntryBytes = 16;

    private readonly byte[] _block = new byte[BlockPipeline.BlockBytes];
    private readonly byte[] _fragment = new byte[BlockPipeline.BlockBytes];
    private readonly List<(long Position, uint Size)> _fragments = [];
    private int _fragmentBytes;
    private uint _fragmentCount;

    /// <summary>Fragments written so far.</summary>
    public uint FragmentCount => _fragmentCount;

    /// <summary>Writes the files below a folder in the order of their paths.</summary>
    public void Write(WriterNode folder)
    {
        foreach (var node in folder.Children)
        {
            if (node.Kind == SquashFsEntryKind.Directory)
            {
                Write(node);
            }
            else if (node.Member!.Open is { } open)
            {
                using var content = open();
                node.Stored = Store(content);
            }
        }
    }

    /// <summary>Writes what is waiting; the positions are final afterwards.</summary>
    public void Complete()
    {
        CloseFragment();
        pipeline.Flush();
    }

    /// <summary>The fragment table: position and stored size of each.</summary>
    public MetadataWriter FragmentTable()
    {
        var table = new MetadataWriter();
        Span<byte> entry = stackalloc byte[FragmentEntryBytes];
        entry.Clear();
        foreach (var (position, size) in _fragments)
        {
            BinaryPrimitives.WriteInt64LittleEndian(entry, position);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[8..], size);
            table.Write(entry);
        }

        return table;
    }

    private StoredFile Store(Stream content)
    {
        var file = new StoredFile();
        int read;
        do
        {
            read = content.ReadAtLeast(_block, _block.Length, throwOnEndOfStream: false);
            if (read < _block.Length && file.Size == 0)
            {
                AddToFragment(file, _block.AsSpan(0, read));
            }
            else if (read > 0)
            {
                pipeline.Add(_block.AsSpan(0, read), file.AddBlock);
            }

            file.Size += read;
        }
        while (read == _block.Length);
        return file;
    }

    private void AddToFragment(StoredFile file, ReadOnlySpan<byte> content)
    {
        if (content.IsEmpty)
        {
            return;
        }

        if (content.Length > _fragment.Length - _fragmentBytes)
        {
            CloseFragment();
        }

        file.Fragment = _fragmentCount;
        file.FragmentOffset = (uint)_fragmentBytes;
        content.CopyTo(_fragment.AsSpan(_fragmentBytes));
        _fragmentBytes += content.Length;
    }

    private void CloseFragment()
    {
        if (_fragmentBytes > 0)
        {
            pipeline.Add(_fragment.AsSpan(0, _fragmentBytes), (position, size) => _fragments.Add((position, size)));
            _fragmentCount++;
            _fragmentBytes = 0;
        }
    }
}

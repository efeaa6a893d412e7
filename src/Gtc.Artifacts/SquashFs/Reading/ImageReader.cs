using Gtc.Artifacts.SquashFs.Compression;

namespace Gtc.Artifacts.SquashFs.Reading;

/// <summary>The parts of an opened image. Not safe to share between threads; <see cref="Source"/> is.</summary>
internal sealed class ImageReader : IDisposable
{
    private readonly BlockDecoder _decoder;
    private readonly TableLayout _layout;
    private readonly FragmentTable _fragments;

    public ImageReader(ImageSource source, ExtractionLimits limits)
    {
        Source = source;
        (Superblock, _layout) = SuperblockReader.Read(source);
        _decoder = BlockDecoder.For(Superblock.Compressor);
        var budget = new WorkBudget(limits.BytesAllowed(Superblock.BytesUsed));
        var metadata = new MetadataReader(source, _decoder, budget);
        Inodes = new(metadata, _layout);
        Directories = new(metadata, _layout);
        _fragments = new(source, metadata, Superblock, _layout, budget);
    }

    public ImageSource Source { get; }

    public SquashFsSuperblock Superblock { get; }

    public InodeReader Inodes { get; }

    public DirectoryReader Directories { get; }

    public ulong RootReference => _layout.RootInode;

    public Inode Root()
    {
        var root = Inodes.Read(RootReference);
        return root.Kind == SquashFsEntryKind.Directory
            ? root
            : throw ImageFault.Malformed("its root is not a directory", "a directory", $"type {root.BasicType}");
    }

    public FileContent ReadContent(Inode file) => FileContent.Read(file, Superblock.BlockSize, _layout, _fragments);

    /// <inheritdoc/>
    public void Dispose() => _decoder.Dispose();
}

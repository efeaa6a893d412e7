using System.Text;
using Gtc.Artifacts.SquashFs.Reading;
using Gtc.Model;
using Microsoft.Win32.SafeHandles;

namespace Gtc.Artifacts.SquashFs;

/// <summary>
/// Looks into a SquashFS 4.0 image without unpacking it. Reads gzip, xz and zstd images; every damage is a refusal. One thread at a time.
/// </summary>
public sealed class SquashFsImage : IDisposable
{
    private readonly ExtractionLimits _limits;
    private readonly ImageReader _reader;

    private SquashFsImage(ImageReader reader, ExtractionLimits limits)
    {
        _reader = reader;
        _limits = limits;
    }

    /// <summary>The facts of the image as a whole.</summary>
    public SquashFsSuperblock Superblock => _reader.Superblock;

    /// <summary>Opens an image: reads and checks its superblock and the place of its tables.</summary>
    /// <param name="image">An open, seekable file; stays open and belongs to the caller.</param>
    /// <param name="length">Bytes of the image, trailing padding included.</param>
    /// <param name="limits">What the image may cost.</param>
    public static Outcome<SquashFsImage> Open(SafeFileHandle image, long length, ExtractionLimits limits)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentNullException.ThrowIfNull(limits);
        return ImageFault.Guard(() => new SquashFsImage(new ImageReader(new ImageSource(image, length), limits), limits));
    }

    /// <summary>
    /// Every entry but the root, ordered by path (ordinal). Devices, fifos, sockets and links that leave the root are listed as they
    /// are; only <see cref="SquashFsExtractor"/> refuses them.
    /// </summary>
    public Outcome<IReadOnlyList<SquashFsEntry>> List() => ImageFault.Guard<IReadOnlyList<SquashFsEntry>>(() =>
    {
        var nodes = new TreeScan(_reader, _limits).Run();
        var entries = new List<SquashFsEntry>(nodes.Count);
        foreach (var node in nodes)
        {
            var size = node.Content?.Size ?? (node.LinkTarget is { } target ? Encoding.UTF8.GetByteCount(target) : 0);
            entries.Add(new(node.Path, node.Kind, node.Mode, size, node.LinkTarget));
        }

        entries.Sort((one, other) => string.CompareOrdinal(one.Path, other.Path));
        return entries;
    });

    /// <summary>Reads one regular file. Links are not followed.</summary>
    /// <param name="path">Relative path with <c>/</c> between the names.</param>
    /// <param name="maxBytes">The largest file that is read; a bigger one is refused.</param>
    /// <returns>The content; <see cref="Refusal.Missing"/> when there is no such file.</returns>
    public Outcome<byte[]> ReadFile(string path, int maxBytes)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentOutOfRangeException.ThrowIfNegative(maxBytes);
        return ImageFault.Guard(() => ReadContent(Find(path), path, maxBytes));
    }

    /// <inheritdoc/>
    public void Dispose() => _reader.Dispose();

    private Inode Find(string path)
    {
        var inode = _reader.Root();
        foreach (var name in path.Split('/'))
        {
            var entry = inode.Kind == SquashFsEntryKind.Directory ? FindEntry(inode, name) : null;
            inode = entry is { } found
                ? _reader.Inodes.Read(found.InodeReference)
                : throw new ImageFault(new Refusal.Missing($"the image has no file \"{path}\""));
        }

        return inode.Kind == SquashFsEntryKind.File
            ? inode
            : throw new ImageFault(new Refusal.Missing($"\"{path}\" is not a regular file of the image"));
    }

    private DirectoryEntry? FindEntry(Inode directory, string name)
    {
        var seen = 0;
        foreach (var entry in _reader.Directories.Read(directory))
        {
            if (entry.Name == name)
            {
                return entry;
            }

            if (++seen > _limits.MaxEntries)
            {
                throw ImageFault.Malformed("it holds too many entries", $"at most {_limits.MaxEntries}", "more");
            }
        }

        return null;
    }

    private byte[] ReadContent(Inode file, string path, int maxBytes)
    {
        if (file.Size > maxBytes)
        {
            throw ImageFault.Malformed($"\"{path}\" is too big", $"at most {maxBytes} bytes", $"{file.Size} bytes");
        }

        var content = _reader.ReadContent(file);
        var bytes = new byte[content.Size];
        using var blocks = new BlockReader(_reader.Source, Superblock);
        foreach (var run in content.Runs(Superblock.BlockSize, BlockReader.RunBytes))
        {
            blocks.Read(content, run).CopyTo(bytes.AsSpan((int)run.Offset));
        }

        if (content.TailSize > 0)
        {
            blocks.ReadTail(content).CopyTo(bytes.AsSpan(bytes.Length - content.TailSize));
        }

        return bytes;
    }
}

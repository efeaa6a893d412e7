using System.Text;

namespace Gtc.Artifacts.SquashFs.Reading;

/// <summary>Walks the whole tree once, checks its structure and every declared size against the limits, and reads no file content.</summary>
internal sealed class TreeScan(ImageReader image, ExtractionLimits limits)
{
    /// <summary>Bounds the memory of a scan: the paths of all entries together, in bytes.</summary>
    private const long MaxPathBytes = 32 << 20;

    private readonly List<TreeNode> _nodes = [];
    private readonly HashSet<ulong> _directories = [];
    private readonly HashSet<string> _siblings = new(StringComparer.Ordinal);
    private readonly Stack<(Inode Inode, TreeNode Node)> _pending = [];
    private readonly long _bytesAllowed = limits.BytesAllowed(image.Superblock.BytesUsed);
    private long _bytes;
    private long _pathBytes;

    /// <summary>All entries but the root, folders before what they hold.</summary>
    public IReadOnlyList<TreeNode> Run()
    {
        var root = image.Root();
        _directories.Add(image.RootReference);
        _pending.Push((root, new() { Path = "", Depth = 0, Kind = root.Kind, Mode = root.Mode }));
        while (_pending.TryPop(out var directory))
        {
            _siblings.Clear();
            foreach (var entry in image.Directories.Read(directory.Inode))
            {
                Add(entry, directory.Node);
            }
        }

        return _nodes;
    }

    private void Add(DirectoryEntry entry, TreeNode parent)
    {
        if (!_siblings.Add(entry.Name))
        {
            throw ImageFault.Malformed("a directory holds a name twice", "distinct names", $"\"{entry.Name}\" in \"{parent.Path}\"");
        }

        var path = parent.Path.Length == 0 ? entry.Name : $"{parent.Path}/{entry.Name}";
        _pathBytes += Encoding.UTF8.GetByteCount(path);
        if (_nodes.Count == limits.MaxEntries || _pathBytes > MaxPathBytes)
        {
            throw TooMuch("it holds too many entries", $"{limits.MaxEntries} entries and {MaxPathBytes} bytes of paths");
        }

        if (parent.Depth == limits.MaxDepth)
        {
            throw TooMuch("its tree is too deep", $"{limits.MaxDepth} levels");
        }

        var inode = image.Inodes.Read(entry.InodeReference);
        if (inode.BasicType != entry.BasicType)
        {
            throw ImageFault.Malformed("an entry and its inode disagree", $"type {entry.BasicType}", $"type {inode.BasicType} at \"{path}\"");
        }

        var node = Node(inode, parent, path);
        _nodes.Add(node);
        if (inode.Kind == SquashFsEntryKind.Directory)
        {
            if (!_directories.Add(entry.InodeReference))
            {
                throw ImageFault.Malformed("a directory is reached twice", "a tree", $"again at \"{path}\"");
            }

            _pending.Push((inode, node));
        }
    }

    private TreeNode Node(Inode inode, TreeNode parent, string path) => new()
    {
        Path = path,
        Depth = parent.Depth + 1,
        Kind = inode.Kind,
        Mode = inode.Mode,
        Content = inode.Kind == SquashFsEntryKind.File ? Content(inode) : null,
        LinkTarget = inode.Kind == SquashFsEntryKind.Symlink ? Target(inode) : null,
    };

    private FileContent Content(Inode file)
    {
        if (file.Size > _bytesAllowed - _bytes)
        {
            throw TooMuch("its files are too big", $"{_bytesAllowed} bytes for an image of {image.Superblock.BytesUsed} bytes");
        }

        _bytes += file.Size;
        return image.ReadContent(file);
    }

    private string Target(Inode link)
    {
        _pathBytes += link.Size;
        return InodeReader.ReadTarget(link);
    }

    private static ImageFault TooMuch(string rule, string allowed) => ImageFault.Malformed(rule, $"at most {allowed}", "more");
}

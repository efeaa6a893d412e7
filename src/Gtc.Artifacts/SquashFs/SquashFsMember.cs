namespace Gtc.Artifacts.SquashFs;

/// <summary>One entry to be written into an image.</summary>
public sealed record SquashFsMember
{
    private const int FolderMode = 0b111_101_101;
    private const int FileMode = 0b110_100_100;
    private const int LinkMode = 0b111_111_111;

    private SquashFsMember(string path, SquashFsEntryKind kind, int mode)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentOutOfRangeException.ThrowIfNegative(mode);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(mode, 0b111_111_111);
        Path = path;
        Kind = kind;
        Mode = mode;
    }

    /// <summary>Relative path with <c>/</c> between the names. Folders above it need no member of their own.</summary>
    public string Path { get; }

    /// <summary>A folder, a file or a symbolic link.</summary>
    public SquashFsEntryKind Kind { get; }

    /// <summary>Nine permission bits.</summary>
    public int Mode { get; }

    /// <summary>Opens a file's content, read once from its start; null unless this is a file.</summary>
    public Func<Stream>? Open { get; private init; }

    /// <summary>The target of a link, relative and inside the image; null unless this is a link.</summary>
    public string? LinkTarget { get; private init; }

    /// <summary>A folder.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="mode">Permission bits, 0755 unless given.</param>
    public static SquashFsMember Directory(string path, int mode = FolderMode) => new(path, SquashFsEntryKind.Directory, mode);

    /// <summary>A file whose content is streamed.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="open">Opens the content; the writer disposes the stream.</param>
    /// <param name="mode">Permission bits, 0644 unless given.</param>
    public static SquashFsMember File(string path, Func<Stream> open, int mode = FileMode)
    {
        ArgumentNullException.ThrowIfNull(open);
        return new(path, SquashFsEntryKind.File, mode) { Open = open };
    }

    /// <summary>A file from memory.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="content">Its bytes; they must not change before the image is written.</param>
    /// <param name="mode">Permission bits, 0644 unless given.</param>
    public static SquashFsMember File(string path, byte[] content, int mode = FileMode)
    {
        ArgumentNullException.ThrowIfNull(content);
        return File(path, () => new MemoryStream(content, writable: false), mode);
    }

    /// <summary>A symbolic link.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="target">Relative, inside the image, with <c>..</c> only at its start.</param>
    public static SquashFsMember Symlink(string path, string target)
    {
        ArgumentNullException.ThrowIfNull(target);
        return new(path, SquashFsEntryKind.Symlink, LinkMode) { LinkTarget = target };
    }
}

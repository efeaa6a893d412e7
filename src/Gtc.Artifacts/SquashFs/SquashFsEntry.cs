namespace Gtc.Artifacts.SquashFs;

/// <summary>One name in an image.</summary>
/// <param name="Path">Relative to the root of the image, parts joined by <c>/</c>, never starting with one.</param>
/// <param name="Kind">What the name stands for.</param>
/// <param name="Mode">Permission bits as stored, setuid, setgid and sticky included (12 bits).</param>
/// <param name="Size">Bytes of a file, bytes of a link's target, else 0.</param>
/// <param name="LinkTarget">The target of a symbolic link as stored, not checked; else null.</param>
public sealed record SquashFsEntry(string Path, SquashFsEntryKind Kind, int Mode, long Size, string? LinkTarget);

/// <summary>What a name in an image stands for.</summary>
public enum SquashFsEntryKind
{
    /// <summary>A folder.</summary>
    Directory,

    /// <summary>A regular file.</summary>
    File,

    /// <summary>A symbolic link.</summary>
    Symlink,

    /// <summary>A device, a fifo or a socket. Listed, never extracted.</summary>
    Special,
}

namespace Gtc.Store;

/// <summary>What statx says about a file.</summary>
/// <param name="Mode">Type and permissions, as st_mode.</param>
/// <param name="Inode">The inode.</param>
/// <param name="Device">The device that the inode is of.</param>
/// <param name="Size">The length in bytes.</param>
/// <param name="ModifiedAt">When the content last changed.</param>
/// <param name="Owner">The user id of its owner.</param>
internal readonly record struct FileStatus(int Mode, ulong Inode, ulong Device, long Size, DateTimeOffset ModifiedAt, uint Owner)
{
    private const int TypeMask = 0xf000;

    public bool IsRegular => (Mode & TypeMask) == 0x8000;

    public bool IsFolder => (Mode & TypeMask) == 0x4000;

    public bool IsSymbolicLink => (Mode & TypeMask) == 0xa000;

    /// <summary>True when group or others may do anything.</summary>
    public bool IsOpenToOthers => (Mode & 0x3f) != 0;

    public bool IsSameFile(FileStatus other) => (Inode, Device) == (other.Inode, other.Device);
}

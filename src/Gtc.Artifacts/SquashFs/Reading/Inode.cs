namespace Gtc.Artifacts.SquashFs.Reading;

/// <summary>An inode without the variable part that follows it.</summary>
internal sealed class Inode
{
    /// <summary>No fragment holds the file's tail.</summary>
    public const uint NoFragment = uint.MaxValue;

    public required SquashFsEntryKind Kind { get; init; }

    /// <summary>The kind as directory entries spell it, 1 to 7.</summary>
    public required int BasicType { get; init; }

    public required int Mode { get; init; }

    /// <summary>Bytes of a file, of a link's target, or of a directory's listing.</summary>
    public long Size { get; init; }

    /// <summary>Where a file's blocks start in the image; where a listing's block starts in the directory table.</summary>
    public ulong Start { get; init; }

    /// <summary>The fragment with the file's tail, or <see cref="NoFragment"/>.</summary>
    public uint Fragment { get; init; } = NoFragment;

    /// <summary>Where the tail starts in its fragment; where a listing starts in its metadata block.</summary>
    public uint Offset { get; init; }

    /// <summary>Stands on what follows: a file's block list, a link's target. Null elsewhere, so that a waiting directory keeps no block alive.</summary>
    public MetadataCursor? Rest { get; init; }
}

namespace Gtc.Artifacts.SquashFs;

/// <summary>The facts in the first 96 bytes of an image, checked for consistency with its length.</summary>
public sealed record SquashFsSuperblock
{
    /// <summary>The compressor of data and metadata.</summary>
    public required SquashFsCompressor Compressor { get; init; }

    /// <summary>Uncompressed bytes per data block, a power of two from 4 KiB to 1 MiB.</summary>
    public required int BlockSize { get; init; }

    /// <summary>Bytes of the image without trailing padding.</summary>
    public required long BytesUsed { get; init; }

    /// <summary>Inodes as declared; a claim of the image, never a size to allocate.</summary>
    public required uint InodeCount { get; init; }

    /// <summary>Fragment blocks as declared.</summary>
    public required uint FragmentCount { get; init; }

    /// <summary>Owners (user and group ids) as declared.</summary>
    public required int IdCount { get; init; }

    /// <summary>When the image was made; 1970-01-01 in reproducible images.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The flag bits as stored.</summary>
    public required int Flags { get; init; }

    /// <summary>True when the image has the table that lets NFS export it.</summary>
    public required bool IsExportable { get; init; }
}

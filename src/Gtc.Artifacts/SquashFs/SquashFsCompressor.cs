namespace Gtc.Artifacts.SquashFs;

/// <summary>The compressor of an image, by its number in the superblock.</summary>
public enum SquashFsCompressor
{
    /// <summary>zlib streams (RFC 1950).</summary>
    Gzip = 1,

    /// <summary>lzma alone streams; not readable here.</summary>
    Lzma = 2,

    /// <summary>lzo; not readable here.</summary>
    Lzo = 3,

    /// <summary>xz streams, read with liblzma.</summary>
    Xz = 4,

    /// <summary>lz4; not readable here.</summary>
    Lz4 = 5,

    /// <summary>zstd frames, read with libzstd.</summary>
    Zstd = 6,
}

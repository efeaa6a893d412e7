namespace Gtc.Artifacts.SquashFs;

/// <summary>
/// What an image may cost before it is refused. The bounds are checked against what the image declares, before anything is
/// written, and each block must then yield exactly what was declared for it.
/// </summary>
public sealed record ExtractionLimits
{
    /// <summary>Extracted bytes below which <see cref="MaxRatio"/> is not applied: 64 MiB.</summary>
    public const long RatioFreeBytes = 64L << 20;

    /// <summary>The limits for bundles.</summary>
    public static ExtractionLimits Default { get; } = new();

    /// <summary>Sum of all file sizes in bytes, a file with several names counted once for each name. 8 GiB.</summary>
    public long MaxTotalBytes { get; init; } = 8L << 30;

    /// <summary>Files, folders and links together, the root not counted. 200,000.</summary>
    public int MaxEntries { get; init; } = 200_000;

    /// <summary>Names in the longest path. 64.</summary>
    public int MaxDepth { get; init; } = 64;

    /// <summary>Extracted bytes per byte of the image, applied beyond <see cref="RatioFreeBytes"/>. 1000.</summary>
    public int MaxRatio { get; init; } = 1000;

    internal long BytesAllowed(long imageBytes)
    {
        var byRatio = imageBytes > long.MaxValue / Math.Max(1, MaxRatio) ? long.MaxValue : imageBytes * MaxRatio;
        return Math.Min(MaxTotalBytes, Math.Max(RatioFreeBytes, byRatio));
    }
}

namespace Gtc.Artifacts.Packs;

/// <summary>What a pack may cost to open. Sizes are in bytes.</summary>
/// <param name="MaxFileBytes">The archive itself.</param>
/// <param name="MaxEntries">Members in the archive, folders included.</param>
/// <param name="MaxDirectoryBytes">The archive's own table of members.</param>
/// <param name="MaxMemberBytes">One member, unpacked.</param>
/// <param name="MaxTotalBytes">All members together, unpacked.</param>
public sealed record PackLimits(long MaxFileBytes, int MaxEntries, int MaxDirectoryBytes, long MaxMemberBytes, long MaxTotalBytes)
{
    /// <summary>512 MiB, 10,000 members, 16 MiB, 256 MiB, 1 GiB.</summary>
    public static PackLimits Standard { get; } = new(512L << 20, 10_000, 16 << 20, 256L << 20, 1L << 30);
}

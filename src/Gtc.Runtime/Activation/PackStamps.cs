using System.Collections.Immutable;

namespace Gtc.Runtime;

/// <summary>Files as they lay on disk when their digests were checked. While they lie there unchanged they need not be hashed again.</summary>
internal sealed class PackStamps
{
    private readonly ImmutableArray<Stamp> _stamps;

    private PackStamps(ImmutableArray<Stamp> stamps) => _stamps = stamps;

    /// <summary>Stamps files.</summary>
    public static PackStamps Of(IEnumerable<string> paths) => new([.. paths.Select(Stamp.Of)]);

    /// <summary>Whether all of them lie there as they did.</summary>
    public bool AreUnchanged() => _stamps.All(stamp => Stamp.Of(stamp.Path) == stamp);

    private sealed record Stamp(string Path, long Length, DateTime WrittenAt)
    {
        private const long Absent = -1;

        public static Stamp Of(string path)
        {
            var file = new FileInfo(path);
            return file.Exists ? new(path, file.Length, file.LastWriteTimeUtc) : new(path, Absent, default);
        }
    }
}

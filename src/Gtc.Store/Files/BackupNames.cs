using System.Globalization;

namespace Gtc.Store;

/// <summary>The names of the backups of one file: <c>FILE.STAMP.bak</c>, and <c>FILE.STAMP.N.bak</c> for those of the same moment.</summary>
internal static class BackupNames
{
    private const string Suffix = ".bak";

    /// <summary>The backups of a file, oldest first.</summary>
    /// <param name="stem">Their common start, without the dot before the stamp.</param>
    public static List<string> Of(string stem) =>
    [
        .. FolderListing.Files(Path.GetDirectoryName(stem)!, Path.GetFileName(stem) + ".*" + Suffix)
            .Select(path => (Path: path, Order: Order(path, stem)))
            .Where(backup => backup.Order is not null)
            .OrderBy(backup => backup.Order!.Value.Stamp, StringComparer.Ordinal)
            .ThenBy(backup => backup.Order!.Value.Number)
            .Select(backup => backup.Path),
    ];

    /// <summary>The name of a backup.</summary>
    public static string Name(string stem, string stamp, int number) =>
        number == 0 ? $"{stem}.{stamp}{Suffix}" : string.Create(CultureInfo.InvariantCulture, $"{stem}.{stamp}.{number}{Suffix}");

    /// <summary>The first number that no backup of a moment has.</summary>
    public static int Next(List<string> backups, string stem, string stamp) =>
        backups.Count > 0 && Order(backups[^1], stem) is { } newest && newest.Stamp == stamp ? newest.Number + 1 : 0;

    private static (string Stamp, int Number)? Order(string path, string stem)
    {
        // The stamp has one dot of its own, before its nanoseconds.
        var name = path.AsSpan((stem.Length + 1)..^Suffix.Length);
        var end = name.IndexOf('.') is var dot and >= 0 && name[(dot + 1)..].IndexOf('.') is var second and >= 0 ? dot + 1 + second : name.Length;
        return !name.Contains('.') ? null
            : end == name.Length ? (name.ToString(), 0)
            : int.TryParse(name[(end + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? (name[..end].ToString(), number)
            : null;
    }
}

namespace Gtc.Artifacts.Building;

/// <summary>A reference of an application pack in <c>bundle.yaml</c>: a source folder, a pack file, or something remote with a scheme.</summary>
internal static class PackReference
{
    /// <summary>The id that a pack scan will give the pack.</summary>
    public static string Stem(string reference)
    {
        var name = reference.TrimEnd('/');
        name = name[(name.LastIndexOf('/') + 1)..];
        return name.EndsWith(".gtpack", StringComparison.Ordinal) ? name[..^".gtpack".Length] : name;
    }

    public static bool IsRemote(string reference) => reference.Contains("://", StringComparison.Ordinal);
}

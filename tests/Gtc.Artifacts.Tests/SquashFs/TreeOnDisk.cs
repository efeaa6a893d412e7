using System.Runtime.Versioning;
using Gtc.Artifacts.SquashFs;

namespace Gtc.Artifacts.Tests.SquashFs;

/// <summary>Puts sample trees on disk and reads trees back, never following a link.</summary>
[UnsupportedOSPlatform("windows")]
internal static class TreeOnDisk
{
    public static void Create(string root, IEnumerable<SampleEntry> entries)
    {
        foreach (var entry in entries)
        {
            var path = Path.Combine(root, entry.Path);
            switch (entry.Kind)
            {
                case SquashFsEntryKind.Directory:
                    Directory.CreateDirectory(path);
                    File.SetUnixFileMode(path, (UnixFileMode)entry.Mode);
                    break;
                case SquashFsEntryKind.File:
                    File.WriteAllBytes(path, entry.Content);
                    File.SetUnixFileMode(path, (UnixFileMode)entry.Mode);
                    break;
                default:
                    File.CreateSymbolicLink(path, entry.Target!);
                    break;
            }
        }
    }

    public static IReadOnlyList<string> Describe(IEnumerable<SampleEntry> entries) =>
        [.. entries.Select(entry => entry.ToString()).Order(StringComparer.Ordinal)];

    public static IReadOnlyList<string> Describe(string root)
    {
        var found = new List<SampleEntry>();
        Walk(new DirectoryInfo(root), "", found);
        return Describe(found);
    }

    /// <summary>Follows a link the way the kernel does, and says whether it ever stands outside the root.</summary>
    public static bool Escapes(string root, string link)
    {
        var at = new Stack<string>(Path.GetRelativePath(root, Path.GetDirectoryName(link)!).Split('/').Where(name => name != "."));
        var ahead = new Stack<string>([Path.GetFileName(link)]);
        for (var steps = 0; steps < 4096 && ahead.TryPop(out var name); steps++)
        {
            if (name == "..")
            {
                if (!at.TryPop(out _))
                {
                    return true;
                }
            }
            else if (name is not ("" or "."))
            {
                var path = Path.Combine([root, .. at.Reverse(), name]);
                if (new FileInfo(path).LinkTarget is not { } target)
                {
                    at.Push(name);
                }
                else if (target.StartsWith('/'))
                {
                    return true;
                }
                else
                {
                    Array.ForEach([.. target.Split('/').Reverse()], ahead.Push);
                }
            }
        }

        return false;
    }

    private static void Walk(DirectoryInfo folder, string path, List<SampleEntry> found)
    {
        foreach (var entry in folder.EnumerateFileSystemInfos("*", new EnumerationOptions { AttributesToSkip = 0 }))
        {
            var name = path.Length == 0 ? entry.Name : $"{path}/{entry.Name}";
            if (entry.LinkTarget is { } target)
            {
                found.Add(SampleEntry.Link(name, target));
            }
            else if (entry is DirectoryInfo inner)
            {
                found.Add(SampleEntry.Folder(name, (int)inner.UnixFileMode));
                Walk(inner, name, found);
            }
            else
            {
                found.Add(SampleEntry.File(name, File.ReadAllBytes(entry.FullName), (int)entry.UnixFileMode));
            }
        }
    }
}

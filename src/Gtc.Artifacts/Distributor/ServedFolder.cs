using System.IO.Enumeration;
using Gtc.Artifacts.Sources;

namespace Gtc.Artifacts.Distributor;

/// <summary>The one folder whose files may be seen, and the rules of what in it may be.</summary>
internal sealed class ServedFolder
{
    private const int DeepestFolder = 16;

    private readonly string _root;

    private ServedFolder(string root) => _root = root;

    /// <summary>The folder by its real path, or null when there is none.</summary>
    public static ServedFolder? At(string folder)
    {
        var path = Path.GetFullPath(folder);
        // Opening a file tells its real path; the folder's own is needed to compare with.
        return Directory.Exists(path) ? new ServedFolder(RealFolder(path)) : null;
    }

    /// <summary>Opens a file by its path below the folder, <c>/</c> between the parts; null when it may not be seen or is none.</summary>
    public RegularFile? Open(string relative)
    {
        if (!IsVisible(relative) || !RegularFile.Open(Path.Combine(_root, relative)).TryGet(out var file, out _))
        {
            return null;
        }

        // Asking the opened file where it is leaves no moment in which a link could be put in its place.
        var real = file.RealPath;
        if (real.StartsWith(_root + "/", StringComparison.Ordinal) && IsVisible(WithoutMountedVersion(real[(_root.Length + 1)..])))
        {
            return file;
        }

        file.Dispose();
        return null;
    }

    /// <summary>The paths of all files that may be seen, in ordinal order. Linked folders are not entered.</summary>
    public IEnumerable<string> Files()
    {
        var enumeration = new EnumerationOptions
        {
            RecurseSubdirectories = true,
            MaxRecursionDepth = DeepestFolder,
            AttributesToSkip = FileAttributes.Hidden,
            IgnoreInaccessible = true,
        };
        return new FileSystemEnumerable<string>(_root, (ref entry) => entry.ToFullPath(), enumeration)
        {
            ShouldIncludePredicate = static (ref entry) => !entry.IsDirectory,
            ShouldRecursePredicate = static (ref entry) => !entry.Attributes.HasFlag(FileAttributes.ReparsePoint),
        }
            .Select(path => path[(_root.Length + 1)..])
            .Where(IsVisible)
            .Order(StringComparer.Ordinal);
    }

    private static bool IsVisible(string relative) =>
        relative.Length > 0
        && relative.Split('/').All(static part => part.Length > 0 && part[0] != '.' && !part.Any(static character => char.IsControl(character) || character == '\\'));

    /// <summary>
    /// A kubelet mounts the files of a ConfigMap as links into a folder that it replaces as a whole, named <c>..</c> and a time: what is in that folder is as
    /// visible as the links are. It cannot be asked for by that name.
    /// </summary>
    private static string WithoutMountedVersion(string relative) =>
        relative.StartsWith("..", StringComparison.Ordinal) && relative.IndexOf('/') is > 2 and var end ? relative[(end + 1)..] : relative;

    private static string RealFolder(string path)
    {
        var real = "/";
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            var next = Path.Combine(real, part);
            real = Directory.ResolveLinkTarget(next, returnFinalTarget: true) is { } target ? RealFolder(target.FullName) : next;
        }

        return real;
    }
}

using System.Collections.Immutable;
using Gtc.Artifacts.Cbor;
using Gtc.Artifacts.Packs;

namespace Gtc.Artifacts.Building;

/// <summary>
/// The files of a source folder, found in one walk that also refuses what must never be packed: developer secrets, symbolic links
/// that leave the folder or point at such secrets, and links to folders.
/// </summary>
internal sealed class SourceFolder
{
    private const int MaxFiles = 50_000;
    private const int MaxDepth = 32;
    private const string SecretFile = ".dev.secrets.env";

    private readonly string _root;
    private readonly ImmutableSortedDictionary<string, FileInfo> _files;

    private SourceFolder(string root, ImmutableSortedDictionary<string, FileInfo> files)
    {
        _root = root;
        _files = files;
    }

    /// <summary>Relative paths of all files, sorted (ordinal).</summary>
    public IEnumerable<string> Paths => _files.Keys;

    public static SourceFolder Scan(string root)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root));
        var files = ImmutableSortedDictionary.CreateBuilder<string, FileInfo>(StringComparer.Ordinal);
        Walk(new DirectoryInfo(full), full, string.Empty, 0, files);
        return new(full, files.ToImmutable());
    }

    public bool Contains(string path) => _files.ContainsKey(path);

    /// <summary>The whole path of a file, for messages and for opening it.</summary>
    public string FullPath(string path) => Path.Combine(_root, path);

    public byte[] Read(string path, long maxBytes)
    {
        var length = _files[path].Length;
        return length <= maxBytes
            ? File.ReadAllBytes(FullPath(path))
            : throw new MalformedDocumentException($"{path} has {length} bytes, at most {maxBytes} are accepted");
    }

    /// <summary>The file as it is, streamed when the bundle is written.</summary>
    public BundleMember Member(string path) => Member(path, path);

    public BundleMember Member(string path, string memberPath) => new(memberPath, _files[path].Length, () => File.OpenRead(FullPath(path)));

    private static void Walk(DirectoryInfo folder, string root, string relative, int depth, ImmutableSortedDictionary<string, FileInfo>.Builder files)
    {
        if (depth > MaxDepth)
        {
            throw new MalformedDocumentException($"{relative} lies deeper than {MaxDepth} folders");
        }

        foreach (var entry in folder.EnumerateFileSystemInfos())
        {
            var path = relative.Length == 0 ? entry.Name : $"{relative}/{entry.Name}";
            CheckName(path);
            if (entry.LinkTarget is not null)
            {
                files[path] = Follow(entry, root, path);
            }
            else if (entry is DirectoryInfo child)
            {
                Walk(child, root, path, depth + 1, files);
            }
            else
            {
                files[path] = (FileInfo)entry;
            }

            if (files.Count > MaxFiles)
            {
                throw new MalformedDocumentException($"the source holds more than {MaxFiles} files");
            }
        }
    }

    private static void CheckName(string path)
    {
        if (MemberName.Problem(path) is { } problem)
        {
            throw new MalformedDocumentException($"the file name `{DocumentValue.Shown(path)}` {problem}");
        }

        if (IsSecret(path))
        {
            throw new MalformedDocumentException($"{path} is a developer secret and must not be packed; move it out of the source folder");
        }
    }

    private static FileInfo Follow(FileSystemInfo link, string root, string path)
    {
        // The final target counts: a link to a link must not hide where it ends.
        var target = link.ResolveLinkTarget(returnFinalTarget: true)?.FullName;
        if (target is null || !target.StartsWith(root + Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            throw new MalformedDocumentException($"{path} is a symbolic link that leaves the source folder (to {link.LinkTarget})");
        }

        if (IsSecret(Path.GetRelativePath(root, target)))
        {
            throw new MalformedDocumentException($"{path} is a symbolic link to a developer secret and must not be packed");
        }

        return new FileInfo(target) is { Exists: true } file && !Directory.Exists(target)
            ? file
            : throw new MalformedDocumentException($"{path} is a symbolic link to something that is not a file");
    }

    private static bool IsSecret(string path)
    {
        var segments = path.Split('/');
        if (segments[^1] == SecretFile)
        {
            return true;
        }

        for (var i = 0; i < segments.Length; i++)
        {
            if (segments.AsSpan(i) is [".greentic", "dev", ..] or [".greentic", "state", "dev", ..])
            {
                return true;
            }
        }

        return false;
    }
}

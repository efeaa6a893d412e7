using System.Collections.Immutable;
using Gtc.Model;

namespace Gtc.Artifacts.Materialisation;

/// <summary>
/// The folders of an environment's revisions, seen from outside. Callers hold the environment's materialisation lock, and whoever brings a
/// revision to disk holds it until the revision stands in the document: then a folder without a revision is one that nobody needs.
/// </summary>
public static class RevisionFolders
{
    /// <summary>The revisions that have a folder, sorted. Anything else that lies there is passed over, links included.</summary>
    /// <param name="environmentFolder">The environment's folder.</param>
    public static ImmutableArray<RevisionId> List(string environmentFolder)
    {
        var folder = new DirectoryInfo(Path.Combine(environmentFolder, "revisions"));
        return folder.Exists
            ? [.. folder.EnumerateDirectories()
                .Where(entry => entry.LinkTarget is null)
                .Select(entry => RevisionId.TryParse(entry.Name, out var id) && id.ToString() == entry.Name ? id : (RevisionId?)null)
                .OfType<RevisionId>()
                .OrderBy(id => id.Value)]
            : [];
    }

    /// <summary>How many bytes the files of a revision's folder have together; links count nothing.</summary>
    /// <param name="environmentFolder">The environment's folder.</param>
    /// <param name="revision">The revision.</param>
    public static long Size(string environmentFolder, RevisionId revision)
    {
        var folder = new DirectoryInfo(new RevisionFolder(environmentFolder, revision).Live);
        return folder.Exists
            ? folder.EnumerateFiles("*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint }).Sum(file => file.Length)
            : 0;
    }

    /// <summary>Mends what a killed process left: unfinished folders are deleted, and one that was being replaced is put back.</summary>
    /// <param name="environmentFolder">The environment's folder.</param>
    /// <exception cref="IOException">A folder cannot be moved or deleted.</exception>
    public static void Recover(string environmentFolder) => RevisionFolder.Recover(environmentFolder);

    /// <summary>
    /// Removes a revision's folder; one that is absent is no error. It disappears in one step and is deleted afterwards, so that a killed process
    /// leaves no half of it behind: <see cref="Recover"/> deletes the rest.
    /// </summary>
    /// <param name="environmentFolder">The environment's folder.</param>
    /// <param name="revision">The revision.</param>
    /// <exception cref="IOException">The folder cannot be moved or deleted.</exception>
    public static void Remove(string environmentFolder, RevisionId revision) => new RevisionFolder(environmentFolder, revision).Remove();
}

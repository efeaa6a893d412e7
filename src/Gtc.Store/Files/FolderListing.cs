namespace Gtc.Store;

/// <summary>Names in a folder; a folder that is absent has none. Failures are <see cref="FileCallException"/> like those of the calls.</summary>
internal static class FolderListing
{
    public static IReadOnlyList<string> Files(string folder, string pattern) => List(folder, () => Directory.EnumerateFiles(folder, pattern));

    public static IReadOnlyList<string> Folders(string folder) => List(folder, () => Directory.EnumerateDirectories(folder));

    public static IReadOnlyList<string> Entries(string folder) => List(folder, () => Directory.EnumerateFileSystemEntries(folder));

    private static List<string> List(string folder, Func<IEnumerable<string>> names)
    {
        try
        {
            return [.. names()];
        }
        catch (DirectoryNotFoundException)
        {
            if (File.Exists(folder))
            {
                throw new FileCallException("opendir", folder, Errno.NotFolder);
            }

            return [];
        }
        catch (UnauthorizedAccessException)
        {
            throw new FileCallException("opendir", folder, Errno.AccessDenied);
        }
        catch (IOException)
        {
            throw new FileCallException("opendir", folder, Errno.InputOutput);
        }
    }
}

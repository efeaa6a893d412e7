namespace Gtc.Store;

/// <summary>Removes whole folders. Links in them are removed, not followed.</summary>
internal static class FolderRemoval
{
    /// <summary>Removes a file, or a folder with everything in it; what is absent is not an error.</summary>
    /// <exception cref="FileCallException">Something in it could not be removed.</exception>
    public static void Remove(IFileCalls calls, string path)
    {
        if (calls.Status(path, followLinks: false) is not { IsFolder: true })
        {
            calls.Unlink(path);
            return;
        }

        foreach (var entry in FolderListing.Entries(path))
        {
            Remove(calls, entry);
        }

        calls.RemoveFolder(path);
    }
}
